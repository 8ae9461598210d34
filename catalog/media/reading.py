"""Plain bytes of an asset, every one of them checked before it is passed on.

Where from: this machine's cache, the gateways of IPFS (when a copy is pinned), our own storage; the
last two in the order of MEDIA_ORIGIN. What comes from our own storage is checked as well. Bytes for
holders are checked as they are stored, encrypted, and then decrypted.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError

from catalog.media import cipher, gateways
from catalog.media.cache import Entry
from catalog.media.models import Asset, Pin
from catalog.media.services.gateways import news_note
from catalog.media.services.keys import key_secret
from core.errors import ApplicationError
from core.ipfs.cid import PROFILES, parse
from core.ipfs.dag import Layout
from core.ipfs.gateways import FetchFailed, Gateway, Want

log = structlog.get_logger(__name__)
AHEAD: Final = 2  # chunks that are on their way from gateways while one is passed on
_PATIENCE: Final = 10.0  # seconds that one process waits for another one's chunk
_RETRY: Final = 5.0
_THREADS: Final = 8
_pools: list[tuple[int, ThreadPoolExecutor]] = []


class SourcesUnavailable(Exception):
    """Neither gateways nor storage give these bytes now. retry_after: seconds."""

    def __init__(self, detail: str, retry_after: float = _RETRY) -> None:
        self.retry_after = retry_after
        super().__init__(detail)


@dataclass(frozen=True)
class Readable:
    """All that reading needs to know of an asset."""

    id: UUID
    layout: Layout
    sha256: str
    storage_name: str
    secret: bytes | None
    nonce: bytes

    @property
    def size(self) -> int:
        return self.layout.size


def readable(asset: Asset) -> Readable:
    """Errors (503): media_key_lost; chunks_unknown for one stored without its chunks' hashes."""
    try:
        layout = Layout(asset.size, bytes(asset.leaves), PROFILES[asset.profile])
    except (ValueError, KeyError):
        raise ApplicationError(
            "chunks_unknown", detail="These bytes cannot be checked.", status=503
        ) from None
    return Readable(
        id=asset.pk,
        layout=layout,
        sha256=asset.sha256,
        storage_name=asset.storage_name,
        secret=key_secret(asset.key) if asset.key else None,
        nonce=bytes(asset.nonce or b""),
    )


def read(
    wanted: Asset | Readable | str, first: int = 0, last: int | None = None
) -> Iterator[bytes]:
    """Plain bytes from position first to last, both included; a CID names the asset as well.

    Raises Asset.DoesNotExist, and SourcesUnavailable: before the first byte when nothing answers.
    Close the iterator when it is not read to its end.
    """
    one = _named(wanted)
    last = one.size - 1 if last is None else min(last, one.size - 1)
    if last < first:
        return iter(())
    reader = _Reader(one, one.layout.covering(first, last))
    begun = reader.pieces(first, last)
    try:
        head = next(begun)
    except BaseException:
        begun.close()
        raise
    return _Opened(head, begun)


def local_path(asset: Asset | Readable) -> Path | None:
    """A complete, checked plain copy in this machine's cache."""
    return _entry(_named(asset)).complete()


class _Opened:
    """The pieces of a file whose first one is here already."""

    def __init__(self, head: bytes, rest: Generator[bytes, None, None]) -> None:
        self._head: bytes | None = head
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._head is not None:
            head, self._head = self._head, None
            return head
        return next(self._rest)

    def close(self) -> None:
        """What is still on its way is not wanted any more."""
        self._head = None
        self._rest.close()


class _Reader:
    """A run of chunks of one asset; the next ones are brought while one is passed on."""

    def __init__(self, one: Readable, numbers: range) -> None:
        self._one, self._numbers = one, numbers
        self._entry = _entry(one)
        self._order: list[Callable[[int], bytes]] = []
        self._gateways: Sequence[Gateway] = ()
        self._ahead = 0
        self._keeps = False
        self._coming: dict[int, Future[bytes]] = {}
        self._lock = threading.Lock()
        self._file: File[bytes] | None = None
        self._over = False

    def _look_around(self) -> None:
        """Which sources there are; asked when the cache lacks something, and not before."""
        pins = Pin.objects.filter(asset_id=self._one.id, state=Pin.State.PINNED)
        self._gateways = gateways.sources() if pins.exists() else ()
        here = default_storage.exists(self._one.storage_name)
        gateways_first = settings.MEDIA_ORIGIN == "gateways" or not here
        self._order = [self._from_storage]
        if self._gateways:
            self._order.insert(0 if gateways_first else 1, self._from_gateways)
        self._ahead = AHEAD if self._gateways and gateways_first else 0
        # An open file that lies in our storage anyway need not lie in the cache as well.
        self._keeps = bool(self._ahead or self._one.secret or settings.MEDIA_ACCEL_PREFIX)

    def pieces(self, first: int, last: int) -> Generator[bytes, None, None]:
        """Ends early, with SourcesUnavailable, when a chunk is nowhere to be had."""
        try:
            for number in self._numbers:
                start, end = self._one.layout.span(number)
                data = self._chunk(number)
                yield data[max(first - start, 0) : min(last, end) - start + 1]
        finally:
            for coming in self._coming.values():
                coming.cancel()
            self._close()
            self._entry.finish()

    def _chunk(self, number: int) -> bytes:
        data = self._cached(number)
        if data is not None:
            return data
        if not self._order:
            self._look_around()
        elif self._gateways:
            self._gateways = gateways.sources()
        self._look_ahead(number)
        try:
            coming = self._coming.pop(number, None)
            return self._bring(number) if coming is None or coming.cancel() else coming.result()
        finally:
            _tell()

    def _look_ahead(self, number: int) -> None:
        for one in range(number + 1, min(number + 1 + self._ahead, self._numbers.stop)):
            if one not in self._coming and not self._entry.has(one):
                self._coming[one] = _threads().submit(self._bring, one)

    def _bring(self, number: int) -> bytes:
        """Fetch a chunk, check it, keep it. Asks no database: it may run in a thread of its own."""
        with self._entry.only_one(number, patience=_PATIENCE) if self._keeps else nullcontext():
            # Another process may have brought it while we waited.
            data = self._cached(number)
            if data is None:
                stored, from_far = self._stored(number)
                data = self._turned(number, stored)
                if from_far or self._keeps:
                    self._entry.put(number, data)
        return data

    def _cached(self, number: int) -> bytes | None:
        data = self._entry.get(number)
        if data is None:
            return None
        if self._right(number, self._turned(number, data)):
            return data
        self._entry.drop(number)
        return None

    def _stored(self, number: int) -> tuple[bytes, bool]:
        """The chunk as it is stored, checked, and whether it came from far."""
        wait = _RETRY
        for source in self._order:
            try:
                return source(number), source == self._from_gateways
            except FetchFailed as failure:
                wait = failure.retry_after
                log.warning("media_gateways_failed", asset=str(self._one.id), why=str(failure))
            except OSError as error:
                log.warning("media_storage_failed", asset=str(self._one.id), why=str(error))
        raise SourcesUnavailable(f"chunk {number} of {self._one.layout.root}", wait)

    def _from_storage(self, number: int) -> bytes:
        first, last = self._one.layout.span(number)
        with self._lock:  # opened once: some storages fetch the whole file for that
            if self._over:
                raise OSError("nobody reads on")
            if self._file is None:
                self._file = default_storage.open(self._one.storage_name)
            self._file.seek(first)
            data: bytes = self._file.read(last - first + 1)
        if not self._right(number, data):
            log.error("media_storage_spoilt", asset=str(self._one.id), chunk=number)
            raise OSError("the stored copy is not what was published")
        return data

    def _close(self) -> None:
        with self._lock:
            self._over = True
            if self._file is not None:
                self._file.close()

    def _from_gateways(self, number: int) -> bytes:
        return gateways.fetcher().fetch(want_of(self._one.layout, number), self._gateways)

    def _right(self, number: int, stored: bytes) -> bool:
        return hashlib.sha256(stored).digest() == self._one.layout.leaf(number).digest

    def _turned(self, number: int, data: bytes) -> bytes:
        """Plain bytes out of stored ones and the other way round; open assets stay as they are."""
        if self._one.secret is None:
            return data
        first, _ = self._one.layout.span(number)
        return cipher.stream(self._one.secret, self._one.nonce, first).update(data)


def want_of(layout: Layout, number: int) -> Want:
    first, last = layout.span(number)
    return Want(layout.root, layout.leaf(number), first, last, layout.size)


def _named(wanted: Asset | Readable | str) -> Readable:
    if isinstance(wanted, Readable):
        return wanted
    if isinstance(wanted, str):
        wanted = Asset.objects.select_related("key").get(cid=str(parse(wanted)))
    return readable(wanted)


def _entry(one: Readable) -> Entry:
    return Entry(one.id, one.size, one.layout.profile.chunk, one.sha256)


def _threads() -> ThreadPoolExecutor:
    """This process' own: threads do not live on in a child."""
    if not _pools or _pools[0][0] != os.getpid():
        _pools[:] = [(os.getpid(), ThreadPoolExecutor(_THREADS, thread_name_prefix="media"))]
    return _pools[0][1]


def _tell() -> None:
    """Write down what gateways did. A database that is away does not stop the music."""
    try:
        news_note()
    except DatabaseError as error:
        log.warning("gateway_news_unwritten", error=type(error).__name__)
