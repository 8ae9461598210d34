"""Search: the index says what, the cards how it is shown. At most six queries a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.utils import timezone

from catalog.folding import fold
from catalog.models import SearchEntry
from catalog.search import Sought, sought
from nft import sql_found as sql
from nft.cards import cards
from nft.sql import rows

Kind = SearchEntry.Kind
ORDERING: Final = ("-score", "-id")


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the found is wanted. price_max: nano-coins; artist: a slug."""

    kind: str | None = None
    genre: str | None = None
    artist: str | None = None
    on_sale: bool = False
    price_max: int | None = None


class Found(NamedTuple):
    """A page, and the last row's score and id where the next one begins (None: the end)."""

    results: list[dict[str, Any]]
    next: tuple[int, int] | None


def find(
    text: str, filters: Filters, *, limit: int, after: Sequence[object] | None = None
) -> Found:
    """What fits, the best first; without words what is heard most. Hidden things never."""
    asked = sought(text) if text.strip() else None
    if asked is None and text.strip():
        return Found([], None)
    values: dict[str, Any] = {"limit": limit + 1, "now": timezone.now()}
    if after is not None:
        values["score"], values["id"] = after
    page = rows(_statement(asked, filters, values), values)
    told = {
        kind: cards(kind, [row[2] for row in page[:limit] if row[1] == kind])
        for kind in Kind.values
    }
    results = [
        {each: told[kind][key] if each == kind else None for each in Kind.values} | {"kind": kind}
        for _, kind, key, _ in page[:limit]
        if key in told[kind]
    ]
    last = page[limit - 1] if len(page) > limit else None
    return Found(results, last and (last[3], last[0]))


def _statement(asked: Sought | None, filters: Filters, values: dict[str, Any]) -> str:
    """The SQL, whose parameters it adds to `values`."""
    passed = _filters(filters, values)
    after = "score" in values
    if asked is None:
        return sql.browsed(passed, after=after)
    values |= {"name": asked.name, "own": asked.own, "exact": asked.exact, "wide": asked.wide}
    return sql.found(passed, short=asked.short, after=after)


def _filters(filters: Filters, values: dict[str, Any]) -> str:
    passed = ""
    if filters.kind is not None:
        passed, values["kind"] = passed + sql.KIND, filters.kind
    if filters.genre is not None:
        passed, values["genre"] = passed + sql.GENRE, fold(filters.genre)
    if filters.artist is not None:
        passed, values["artist"] = passed + sql.ARTIST, filters.artist
    terms = sql.ON_SALE_TERMS if filters.on_sale else ""
    if filters.price_max is not None:
        terms, values["price_max"] = terms + sql.PRICE_TERMS, filters.price_max
    return passed + (sql.for_sale(terms) if terms else "")
