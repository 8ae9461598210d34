"""Parts always sum: for any price, share and quantity."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pytoniq_core import Cell

from contracts import collection, fees
from contracts.codes import code
from deploy.local.ton.sandbox import COIN, Sandbox
from tests.contracts.world import FAN, PAYOUT, Shop, collection_params

SHOP = Shop()
STATE = SHOP.sandbox.snapshot()


def ready(price: int, bps: int) -> Shop:
    """Return the shop with a collection of this price and share, deployed as it stands."""
    SHOP.sandbox.restore(STATE)
    data = collection.data_cell(collection_params(price=price, platform_bps=bps))
    builder = Cell.empty().to_builder().store_bits("0" * 32).store_bits(data.bits[32:])
    for ref in data.refs:
        builder.store_ref(ref)
    SHOP.install(code("collection"), builder.end_cell())
    return SHOP


@settings(max_examples=120, deadline=None)
@given(
    price=st.integers(0, 10**15) | st.integers(0, 10**6),
    bps=st.integers(0, 10_000),
    quantity=st.integers(1, 5),
)
def test_payout_and_platform_sum_to_the_price(price: int, bps: int, quantity: int) -> None:
    shop = ready(price, bps)
    sandbox: Sandbox = shop.sandbox
    own = sandbox.balance(shop.collection)
    trace = shop.buy(quantity, max_unit_price=price)
    assert trace.first.exit_code == trace.first.action_code == 0
    gas = fees.JUNE_2026.gas(fees.ITEM_GAS_INIT)
    payout = sandbox.balance(PAYOUT)
    platform = trace.messages_to(shop.hub)[0].value - gas
    assert payout + platform == quantity * price
    assert payout in (quantity * price - quantity * price * bps // 10_000, 0)
    assert sandbox.balance(shop.collection) == own
    assert sandbox.balance(FAN) < COIN // 10


@given(st.integers(1, 250), st.integers(0, 10**20), st.integers(0, 10_000))
def test_python_splits_sum_too(quantity: int, price: int, bps: int) -> None:
    split = fees.split_of(quantity, price, bps)
    assert split.platform + split.payout == split.total == quantity * price
