"""Storage and cache of the catalogue's tests: folders of their own, and gateways made anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from catalog.media import cache, gateways
from core.ipfs.gateways import Fetcher, Limits


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.MEDIA_CACHE_DIR = tmp_path / "cache"
    return tmp_path / "media"


@pytest.fixture
def limits() -> Limits:
    return Limits(connect=0.5, first_byte=1.0, attempt=2.0, total=4.0, hedge_unknown=0.1)


@pytest.fixture
def fetcher(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetcher]:
    """What this process asks gateways with, as it is after a start; the disk has said nothing."""
    made = Fetcher(limits)
    process = gateways._Process(os.getpid(), made)
    monkeypatch.setattr(gateways, "_here", [process])
    monkeypatch.setattr(cache, "_blocked_until", [0.0])
    yield made
    made.close()
