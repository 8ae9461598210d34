"""What the hub is told, and what the shop makes of it. Every message is the contracts' own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytoniq_core import Address

from core.ton.addresses import raw
from core.ton.models import ChainTransaction
from nft.models import Item
from payments import ledger
from payments.models import LedgerAccount, LedgerEntry, Order, PaymentAttempt
from referrals.models import Attribution
from tests.payments.acts import buy_like, chain_orders, fresh, no_sale, set_price, why
from tests.payments.chain import wallet
from tests.payments.conftest import FAN, GIFTED, PRICE, REFERRER, STRANGER, Shop, person

Kind = LedgerAccount.Kind
State = Order.State
pytestmark = pytest.mark.django_db


def test_an_order_as_signed_is_fulfilled(shop: Shop) -> None:
    order = shop.order(shop.drop(), 3)
    shop.pay(order)
    shop.follow()
    order = fresh(order)
    assert (order.state, order.first_index, order.buyer) == (State.FULFILLED, 0, raw(FAN))
    assert order.recipient == raw(FAN)
    assert [item.owner for item in Item.objects.order_by("index")] == [raw(FAN)] * 3
    attempt = shop.attempt(order)
    assert (attempt.state, attempt.paid, attempt.flags) == ("confirmed", 3 * PRICE, [])
    assert attempt.external_id == ChainTransaction.objects.order_by("-lt")[0].hash
    moves = order.events.filter(attempt=None).order_by("id").values_list("from_state", "to_state")
    assert list(moves) == [
        ("", "awaiting_payment"),
        ("awaiting_payment", "paid"),
        ("paid", "fulfilled"),
    ]


def test_items_stand_at_the_addresses_that_the_chain_gives_them(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop, 2)
    shop.pay(order)
    shop.follow()
    for item in Item.objects.all():
        address = shop.world.sandbox.account(Address((0, bytes.fromhex(item.address[2:]))))
        assert address.status == "active"


def test_the_ledger_copies_what_artist_and_hub_received(shop: Shop) -> None:
    drop = shop.drop(price=1_234_567_891, platform_bps=1234)
    order = shop.order(drop, 3)
    trace = shop.pay(order)
    shop.follow()
    params = shop.params[drop.pk]
    (to_artist,) = trace.messages_to(params.payout)
    assert ledger.balance(Kind.ARTIST_DIRECT, str(shop.artist.pk)).amount == to_artist.value
    platform = ledger.owed(Kind.PLATFORM_REVENUE, "").amount
    assert platform == 3 * 1_234_567_891 - to_artist.value


def test_the_hubs_account_grows_on_chain_by_what_the_ledger_says(shop: Shop) -> None:
    """To the nano: the platform's parts, and what was left of the gas that buyers attached."""
    drop = shop.drop(price=1_234_567_891, platform_bps=1234)
    before = shop.world.sandbox.balance(shop.world.hub)
    for quantity in (1, 2, 5):
        shop.pay(shop.order(drop, quantity))
    shop.follow()
    grown = shop.world.sandbox.balance(shop.world.hub) - before
    assert ledger.balance(Kind.TON_HOT).amount == grown
    gas = ledger.owed(Kind.HUB_GAS, "").amount
    assert 0 < gas == grown - ledger.owed(Kind.PLATFORM_REVENUE, "").amount


def test_a_gift_goes_to_its_recipient(shop: Shop) -> None:
    order = shop.order(shop.drop(), recipient=raw(GIFTED))
    shop.pay(order)
    shop.follow()
    order = fresh(order)
    assert (order.state, order.buyer, order.recipient) == (State.FULFILLED, raw(FAN), raw(GIFTED))
    assert Item.objects.get().owner == raw(GIFTED)


def test_the_referrers_reward_comes_out_of_the_platforms_part(shop: Shop) -> None:
    friend = person("friend", REFERRER)
    Attribution.objects.create(
        user=shop.fan,
        referrer=friend,
        start_param="rfriend22",
        expires_at=timezone.now() + timedelta(days=30),
    )
    order = shop.order(shop.drop())
    shop.pay(order)
    shop.follow()
    platform = PRICE // 10
    assert ledger.owed(Kind.REFERRAL_PAYABLE, str(friend.pk)).amount == platform * 2 // 10
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == platform - platform * 2 // 10
    assert ledger.imbalance() == {"TON": 0}


@pytest.mark.parametrize(
    ("price", "bps"), [(1, 1000), (950, 1000), (70_000, 1000), (5, 0), (5, 10_000)]
)
def test_dust_is_booked_as_the_contract_splits_it(shop: Shop, price: int, bps: int) -> None:
    """An artist's part below the fee of its own message goes to the hub."""
    drop = shop.drop(price=price, platform_bps=bps)
    trace = shop.buy(drop)
    shop.follow()
    params = shop.params[drop.pk]
    to_artist = sum(message.value for message in trace.messages_to(params.payout))
    assert ledger.balance(Kind.ARTIST_DIRECT, str(shop.artist.pk)).amount == to_artist
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == price - to_artist
    assert chain_orders()[0].state == State.FULFILLED


def test_a_free_edition_earns_nobody_anything_but_is_recorded(shop: Shop) -> None:
    shop.buy(shop.drop(price=0))
    shop.follow()
    assert chain_orders()[0].state == State.FULFILLED
    assert Item.objects.count() == 1
    entry = LedgerEntry.objects.get()
    assert set(entry.legs.values_list("account__kind", flat=True)) == {Kind.TON_HOT, Kind.HUB_GAS}


# --- bought past the shop -------------------------------------------------------------------------


def test_a_purchase_without_an_order_becomes_one_of_the_chain(shop: Shop) -> None:
    drop = shop.drop()
    shop.buy(drop, sender=STRANGER, query_id=7, quantity=2)
    shop.follow()
    (order,) = chain_orders()
    assert (order.state, order.quantity, order.user) == (State.FULFILLED, 2, None)
    assert (order.buyer, order.collection_id, why(order)) == (
        raw(STRANGER),
        drop.pk,
        "no_such_order",
    )
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == 2 * PRICE // 10


def test_a_query_id_beyond_a_bigint_is_a_purchase_all_the_same(shop: Shop) -> None:
    shop.buy(shop.drop(), query_id=2**64 - 1)
    shop.follow()
    assert chain_orders()[0].state == State.FULFILLED


def test_a_purchase_past_the_shop_earns_nobody_a_reward(shop: Shop) -> None:
    friend = person("friend", REFERRER)
    shop.buy(shop.drop(), referrer=REFERRER)
    shop.follow()
    assert chain_orders()[0].referrer is None
    assert not ledger.owed(Kind.REFERRAL_PAYABLE, str(friend.pk))


# --- somebody else's order ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"sender": STRANGER}, "other_buyer"),
        ({"sender": STRANGER, "recipient": FAN}, "other_buyer"),
        ({"recipient": STRANGER}, "other_recipient"),
        ({"quantity": 1}, "other_quantity"),
        ({"quantity": 3}, "other_quantity"),
    ],
)
def test_an_order_is_not_paid_by_other_terms(
    shop: Shop, terms: dict[str, Any], reason: str
) -> None:
    order = shop.order(shop.drop(), 2)
    buy_like(shop, order, **terms)
    before = fresh(order)
    assert (before.state, before.first_index, before.buyer) == (State.AWAITING_PAYMENT, None, None)
    assert order.events.count() == 2
    (sale,) = chain_orders()
    assert (sale.state, why(sale)) == (State.FULFILLED, reason)
    # The order can still be paid by its own message.
    shop.pay(order)
    shop.follow()
    assert fresh(order).state == State.FULFILLED
    assert LedgerEntry.objects.count() == 2


def test_an_order_of_one_drop_is_not_paid_by_another(shop: Shop) -> None:
    order = shop.order(shop.drop())
    buy_like(shop, order, drop=shop.drop(price=1))
    assert fresh(order).state == State.AWAITING_PAYMENT
    assert why(chain_orders()[0]) == "other_drop"


def test_a_dearer_sale_is_not_the_orders(shop: Shop) -> None:
    """The artist raised the price; a message that allows for it pays no order of the old one."""
    drop = shop.drop()
    order = shop.order(drop)
    set_price(shop, drop, PRICE * 2)
    buy_like(shop, order, max_unit_price=PRICE * 2)
    assert fresh(order).state == State.AWAITING_PAYMENT
    assert why(chain_orders()[0]) == "other_price"
    assert chain_orders()[0].unit_price == PRICE * 2


def test_a_price_that_fell_is_what_was_paid(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop, 2)
    set_price(shop, drop, PRICE // 2)
    shop.pay(order)
    shop.follow()
    order = fresh(order)
    assert (order.state, order.unit_price, order.total) == (State.FULFILLED, PRICE // 2, PRICE)
    attempt = shop.attempt(order)
    assert (attempt.amount, attempt.paid, attempt.flags) == (2 * PRICE, PRICE, ["lower"])
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == PRICE // 10


def test_two_purchases_with_one_order_id_are_two_sales(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.pay(order)
    shop.pay(order)
    shop.follow()
    assert fresh(order).first_index == 0
    (second,) = chain_orders()
    assert (second.first_index, why(second), second.user) == (1, "paid_before", None)
    assert LedgerEntry.objects.count() == 2
    assert fresh(order).entries.count() == 1


def test_under_value_never_becomes_a_sale(shop: Shop) -> None:
    """The contract refuses one nano too little: there is nothing to receive."""
    drop = shop.drop()
    order = shop.order(drop)
    (message,) = shop.attempt(order).handoff["transaction"]["messages"]
    buy_like(shop, order, value=int(message["amount"]) - 1)
    assert fresh(order).state == State.AWAITING_PAYMENT
    assert no_sale()
    assert not shop.seen()


# --- late -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.EXPIRED, State.CANCELLED])
def test_money_that_comes_late_still_pays(shop: Shop, state: str) -> None:
    order = shop.order(shop.drop())
    Order.objects.filter(pk=order.pk).update(state=state, reason="unpaid")
    order.attempts.update(state=PaymentAttempt.State.EXPIRED)
    shop.pay(order)
    shop.follow()
    order = fresh(order)
    assert (order.state, order.reason) == (State.FULFILLED, "")
    assert shop.attempt(order).flags == ["late"]
    assert not chain_orders()


def test_a_payment_after_the_time_limit_is_flagged_late(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.later(1200)
    shop.pay(order)
    shop.follow()
    assert fresh(order).state == State.FULFILLED
    assert shop.attempt(order).flags == ["late"]


def test_paying_ends_the_other_open_attempt(shop: Shop) -> None:
    other = wallet(0xFB)
    fan = shop.fan
    order = shop.order(shop.drop())
    second = PaymentAttempt.objects.create(
        order=order,
        provider="ton",
        state="open",
        asset="TON",
        amount=order.total,
        wallet=raw(other),
        valid_until=order.expires_at,
    )
    first = order.attempts.earliest("id")
    shop.world.connect(first.handoff["transaction"], FAN)
    shop.follow()
    second.refresh_from_db()
    assert second.state == "cancelled"
    assert fresh(order).user == fan
