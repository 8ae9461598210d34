"""The gateways that this process asks: the list out of the database, the fetcher that uses it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from catalog.media.models import Gateway
from core.ipfs.gateways import Fetcher
from core.ipfs.gateways import Gateway as Source

_FRESH: Final = 2.0  # seconds that the list counts; a liar found by us is out at once


@dataclass(slots=True)
class _Process:
    """What belongs to one process and must not be taken over by its children."""

    pid: int
    fetcher: Fetcher
    sources: Sequence[Source] = ()
    read_at: float = 0.0
    # Liars whose quarantine we have written down: one that is listed again was let in by a person.
    noted: set[str] = field(default_factory=set)


_here: list[_Process] = []


def fetcher() -> Fetcher:
    """This process' own, made when first asked for."""
    return _process().fetcher


def sources() -> Sequence[Source]:
    """The gateways that may be asked: enabled, and not in quarantine. One query in two seconds."""
    process = _process()
    now = time.monotonic()
    if not process.read_at or now - process.read_at > _FRESH:
        process.sources = [source_of(row) for row in usable_gateways()]
        process.read_at = now
        for name in process.noted & {one.name for one in process.sources}:
            believe(name)
    return process.sources


def sources_changed() -> None:
    """Read the list anew before the next request."""
    _process().read_at = 0.0


def distrust(name: str) -> None:
    """The row in the database keeps it out from here on, whatever becomes of this process."""
    _process().noted.add(name)
    sources_changed()


def believe(name: str) -> None:
    """It was let in again."""
    _process().noted.discard(name)
    _process().fetcher.believe(name)


def usable_gateways() -> list[Gateway]:
    return list(Gateway.objects.filter(enabled=True, quarantined_at__isnull=True))


def source_of(row: Gateway) -> Source:
    return Source(
        name=row.name,
        url=row.url.rstrip("/"),
        tier=row.tier,
        trustless=row.trustless,
        token=settings.IPFS_GATEWAY_TOKENS.get(row.name, ""),
    )


def _process() -> _Process:
    if not _here or _here[0].pid != os.getpid():
        _here[:] = [_Process(os.getpid(), Fetcher())]
    return _here[0]
