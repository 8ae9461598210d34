"""With TON nobody can pay too little, too much or in something else: the contract sees to it.

Proved on the real TVM, with the hub's own transactions read by our follower. The contract takes
its price to the nano: below it refuses and the buyer's coins come back, above it returns the rest,
and what is not the network's coin it cannot take at all. So no payment with TON is ever flagged
short, over or foreign.
"""

from __future__ import annotations

from typing import Any

import pytest
from pytoniq_core import Address, Cell, begin_cell

from contracts import collection as contract
from nft.models import Item
from payments import ledger
from payments.models import LedgerAccount, LedgerEntry, Order, PaymentAttempt
from tests.payments.acts import chain_orders, fresh, no_sale
from tests.payments.chain import COIN, World, buy_value, wallet
from tests.payments.conftest import FAN, PRICE, Shop

pytestmark = pytest.mark.django_db
JETTON_WALLET = wallet(0x1E77)  # of a drop or the hub, in somebody's jetton
TRANSFER_NOTIFICATION = 0x7362D09C  # TEP-74
EXCESSES = 0xD53276DB
WRONG = {"short", "over", "foreign_currency"}


def came_back(trace: Any, to: Address) -> int:
    """Nano that the messages of a trace brought to somebody."""
    return sum(message.value for message in trace.messages_to(to))


def hub_coins(world: World) -> int:
    return world.sandbox.balance(world.hub)


def jettons(amount: int, sender: Address) -> Cell:
    """What a jetton wallet tells its owner: `amount` has come from `sender`."""
    body = begin_cell().store_uint(TRANSFER_NOTIFICATION, 32).store_uint(7, 64)
    cell: Cell = body.store_coins(amount).store_address(sender).store_bit_int(0).end_cell()
    return cell


@pytest.mark.parametrize("short_by", [1, PRICE // 2, PRICE])
def test_too_little_is_refused_and_returned(shop: Shop, short_by: int) -> None:
    order = shop.order(shop.drop())
    params = shop.params[order.collection_id]
    value = buy_value(params) - short_by
    trace = shop.buy(order.collection, value, query_id=order.query_id)
    shop.follow()
    assert trace.first.exit_code != 0
    assert came_back(trace, FAN) > value - COIN // 100  # all but the fees of the way
    assert no_sale()
    assert fresh(order).state == "awaiting_payment"


@pytest.mark.parametrize("more", [1, COIN, 500 * COIN])
def test_what_is_too_much_comes_back_and_is_no_income(shop: Shop, more: int) -> None:
    order = shop.order(shop.drop(), 2)
    params = shop.params[order.collection_id]
    own = shop.world.sandbox.balance(contract.address(params))
    value = buy_value(params, 2) + more
    trace = shop.buy(order.collection, value, query_id=order.query_id, quantity=2)
    shop.follow()
    assert came_back(trace, FAN) >= more
    assert shop.world.sandbox.balance(contract.address(params)) == own
    attempt = shop.attempt(order)
    assert (attempt.state, attempt.paid) == ("confirmed", 2 * PRICE)
    assert ledger.owed(LedgerAccount.Kind.PLATFORM_REVENUE, "").amount == 2 * PRICE // 10
    assert not WRONG & set(attempt.flags)


def test_a_dearer_price_than_the_buyer_signed_for_is_refused(shop: Shop) -> None:
    order = shop.order(shop.drop())
    trace = shop.buy(order.collection, query_id=order.query_id, max_unit_price=PRICE - 1)
    shop.follow()
    assert trace.first.exit_code != 0
    assert no_sale()


@pytest.mark.parametrize("value", [COIN // 20, 5 * COIN])
def test_jettons_sent_to_a_drop_buy_nothing(shop: Shop, value: int) -> None:
    """Whatever their wallet attaches comes back to it; the drop is as it was."""
    order = shop.order(shop.drop())
    target = contract.address(shop.params[order.collection_id])
    own = shop.world.sandbox.balance(target)
    trace = shop.world.send(JETTON_WALLET, target, value, jettons(10**12, FAN))
    shop.follow()
    assert shop.world.sandbox.balance(target) <= own + value
    assert not Item.objects.exists()
    assert trace.messages_to(shop.world.hub) == []
    assert no_sale()
    assert fresh(order).state == "awaiting_payment"


def test_jettons_sent_to_the_hub_are_no_sale(shop: Shop) -> None:
    order = shop.order(shop.drop())
    before = hub_coins(shop.world)
    shop.world.send(JETTON_WALLET, shop.world.hub, COIN // 20, jettons(10**12, FAN))
    shop.follow()
    assert shop.seen()[-1][0] == "ignored"
    assert hub_coins(shop.world) <= before + COIN // 20
    assert no_sale()
    assert fresh(order).state == "awaiting_payment"


def test_coins_sent_to_the_hub_with_an_orders_number_pay_nothing(shop: Shop) -> None:
    """Only a drop's own receipt is a sale, and a drop sends one only when it has its price."""
    order = shop.order(shop.drop())
    comment = begin_cell().store_uint(0, 32).store_bytes(str(order.query_id).encode()).end_cell()
    shop.world.send(FAN, shop.world.hub, PRICE, comment)
    shop.follow()
    assert no_sale()
    assert fresh(order).state == "awaiting_payment"


def test_past_the_shop_the_same_holds(shop: Shop) -> None:
    drop = shop.drop()
    for value in (PRICE // 2, 4 * PRICE, 40 * PRICE):
        shop.buy(drop, value)
    shop.follow()
    orders = chain_orders()
    assert [order.total for order in orders] == [PRICE, PRICE]
    paid = PaymentAttempt.objects.filter(state="confirmed")
    assert [one.paid for one in paid] == [PRICE, PRICE]
    assert not any(WRONG & set(one.flags) for one in paid)
    assert LedgerEntry.objects.count() == Order.objects.filter(origin="chain").count() == 2
