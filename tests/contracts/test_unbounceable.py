"""What comes with bounce off and exactly what is asked for is served, or wholly returned.

A message that cannot bounce and fails in the action phase is swallowed: the price asked for has to
cover the dearer way through `guarded` as well.
"""

from __future__ import annotations

import pytest
from pytoniq_core import Address

from contracts import collection, fees, hub
from tests.contracts.world import (
    ARTIST,
    COLLECTOR,
    FAN,
    MINTER,
    STRANGER,
    Shop,
    crowd,
    succeeded,
)


@pytest.mark.parametrize("quantity", [1, 2, 10, 200])
@pytest.mark.parametrize("recipient", [None, FAN, COLLECTOR], ids=["none", "self", "gift"])
@pytest.mark.parametrize("referrer", [None, STRANGER], ids=["alone", "referred"])
def test_a_purchase_at_its_cost_sells(
    quantity: int, recipient: Address | None, referrer: Address | None
) -> None:
    shop = Shop()
    before = shop.sandbox.balance(shop.collection)
    trace = shop.buy(quantity, recipient=recipient, referrer=referrer, bounce=False)
    assert succeeded(trace)
    assert shop.sale().next_item_index == quantity
    assert shop.sandbox.balance(shop.collection) == before


@pytest.mark.parametrize("count", [1, 10, 250])
def test_the_artists_copies_at_their_cost_are_minted(count: int) -> None:
    shop = Shop()
    body = collection.gift_body(recipients=crowd(count))
    value = fees.batch_cost(count)
    assert succeeded(shop.sandbox.send(ARTIST, shop.collection, value, body, bounce=False))
    assert shop.sale().next_item_index == count


@pytest.mark.parametrize("counts", [(1,), (250,), (1, 1, 1)])
def test_a_settlement_at_its_cost_is_sent(counts: tuple[int, ...]) -> None:
    shop = Shop()
    parts = [hub.SettlePart(shop.collection, n, 5, crowd(count)) for n, count in enumerate(counts)]
    body = hub.settle_body(batch=0, orders_sha256=b"\x01" * 32, method=1, parts=parts)
    value = fees.settle_cost(list(counts))
    assert succeeded(shop.sandbox.send(MINTER, shop.hub, value, body, bounce=False))
    assert shop.sale().hub_minted == sum(counts)
