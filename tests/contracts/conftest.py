"""A fresh shop for every test, deployed once and copied."""

from __future__ import annotations

from functools import cache

import pytest
from pytoniq_core import Cell

from tests.contracts.world import Shop


@cache
def _deployed() -> tuple[Shop, tuple[dict[bytes, Cell], int, int]]:
    shop = Shop()
    return shop, shop.sandbox.snapshot()


@pytest.fixture
def shop() -> Shop:
    """500 editions at 10 coins, 250 of them kept for the hub, sale open."""
    base, state = _deployed()
    base.sandbox.restore(state)
    base.collection = base.collection_at_start
    return base
