"""Walking an account's chain of transactions back from its newest one.

Transactions of an account are linked by hash, so whoever joins the newest to one we already
have proves everything between: nothing can be left out, added or changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, Protocol

from core.ton.client import RawTransaction, SourceFault

FIRST_PAGE: Final = 16
NEXT_PAGE: Final = 100
# A page that does not continue where the last one ended is asked for again this many times.
GAP_RETRIES: Final = 3


class Pages(Protocol):
    def transactions_page(
        self, address: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]: ...


def back(source: Pages, address: str, until_lt: int) -> Iterator[RawTransaction]:
    """Newest first, each proved by the hash in the one after it, down to `until_lt` exclusive.

    Raises SourceFault: `gap` when a page stays missing, `order` when lt does not fall.
    """
    want: tuple[int, bytes] | None = None
    misses = 0
    while want is None or want[0] > until_lt:
        size = FIRST_PAGE if want is None else NEXT_PAGE
        page = source.transactions_page(address, want, until_lt, size)
        if want is None and not page:
            return
        joined = 0
        for item in page:
            if want is not None and (item.lt, item.hash) != want:
                break  # a hole in the page: ask again from where it began
            if item.lt <= until_lt:
                return
            if item.prev_lt >= item.lt:
                raise SourceFault("order", f"{address}: {item.prev_lt} before {item.lt}")
            want = (item.prev_lt, item.prev_hash)
            joined += 1
            yield item
            if item.prev_lt <= until_lt:
                return
        misses = 0 if joined else misses + 1
        if misses > GAP_RETRIES:
            raise SourceFault("gap", f"{address}: nothing joins {want}")


def since(
    source: Pages,
    address: str,
    lt: int,
    limit: int | None = None,
    known_hash: bytes | None = None,
) -> list[RawTransaction]:
    """Oldest first, complete from `lt` exclusive; the first `limit` of them.

    With `known_hash` (of the transaction at `lt`; NO_HASH for an account's start) the oldest must
    join it, else SourceFault `fork`.
    """
    oldest: deque[RawTransaction] = deque(maxlen=limit)
    for item in back(source, address, lt):
        oldest.append(item)
    found = list(reversed(oldest))
    if found and known_hash is not None:
        first = found[0]
        joins = first.prev_lt == lt and first.prev_hash == known_hash
        if not joins:
            raise SourceFault("fork", f"{address}: {first.lt} does not follow {lt}")
    return found


def between(
    source: Pages, address: str, since_utime: int, until_utime: int
) -> list[RawTransaction]:
    """Oldest first, of since_utime <= utime < until_utime (unix seconds)."""
    found: list[RawTransaction] = []
    for item in back(source, address, 0):
        if item.utime < since_utime:
            break
        if item.utime < until_utime:
            found.append(item)
    found.reverse()
    return found
