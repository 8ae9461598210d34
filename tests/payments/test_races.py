"""Two at once, on the real database: one outcome, no deadlock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core.money import Money
from core.ton.follower import Follower
from core.ton.handling import handle_next
from core.ton.models import ChainCursor
from core.ton.sources import QuorumReader
from payments import ledger
from payments.ledger import Line
from payments.models import LedgerAccount, LedgerEntry, Leg, Order
from payments.services.events import Cause
from payments.services.expiry import orders_expire
from payments.services.orders import Buyer, attempt_create
from payments.services.states import order_expire
from tests.payments.chain import Source, wallet
from tests.payments.conftest import PRICE, Shop, person
from tests.payments.races import together

Kind = LedgerAccount.Kind
pytestmark = pytest.mark.django_db(transaction=True)


def read(shop: Shop) -> None:
    """The follower has read all, and handled the hub's own deployment."""
    ChainCursor.objects.get_or_create(pk=shop.hub)
    Follower(shop.hub, QuorumReader([Source(shop.world)], 1)).read()
    handle_next(shop.hub)


def test_one_fact_posted_by_many_is_one_entry() -> None:
    def post() -> LedgerEntry | None:
        return ledger.post(
            key="sale:1",
            kind=LedgerEntry.Kind.SALE,
            legs=[
                Line(Kind.TON_HOT, "", Money("TON", 7)),
                Line(Kind.PLATFORM_REVENUE, "", Money("TON", -7)),
            ],
        )

    entries = together(*[post] * 6)
    assert len({entry.pk for entry in entries}) == 1
    assert (LedgerEntry.objects.count(), Leg.objects.count()) == (1, 2)


def test_many_first_postings_share_their_accounts() -> None:
    def post(number: int) -> LedgerEntry | None:
        return ledger.post(
            key=f"sale:{number}",
            kind=LedgerEntry.Kind.SALE,
            legs=[
                Line(Kind.TON_HOT, "", Money("TON", 7)),
                Line(Kind.ARTIST_DIRECT, "a", Money("TON", 3)),
                Line(Kind.ARTIST_REVENUE, "a", Money("TON", -3)),
                Line(Kind.PLATFORM_REVENUE, "", Money("TON", -7)),
            ],
        )

    together(*[lambda number=number: post(number) for number in range(6)])
    assert LedgerAccount.objects.count() == 4
    assert ledger.balance(Kind.TON_HOT).amount == 42


def test_a_receipt_and_the_expiry_of_its_order(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.pay(order)
    read(shop)
    together(
        lambda: handle_next(shop.hub),
        lambda: order_expire(order_id=order.pk, reason="unpaid", cause=Cause("expiry")),
    )
    order.refresh_from_db()
    assert (order.state, order.reason) == ("fulfilled", "")
    assert order.entries.count() == 1
    assert shop.attempt(order).state == "confirmed"


def test_a_receipt_and_another_attempt(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.pay(order)
    read(shop)
    together(
        lambda: handle_next(shop.hub),
        lambda: attempt_create(buyer=Buyer(shop.fan, "telegram"), order_id=order.pk, method="ton"),
    )
    order.refresh_from_db()
    assert (order.state, order.entries.count()) == ("fulfilled", 1)
    assert sorted(order.attempts.values_list("state", flat=True)) in (
        ["confirmed"],
        ["cancelled", "confirmed"],
    )


def test_two_beats_expire_an_order_once(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.later(1200)
    shop.follow()
    over = timezone.now() + timedelta(seconds=1200)
    assert sorted(together(*[lambda: orders_expire(now=over)] * 3)) == [0, 0, 1]
    assert order.events.count() == 4


def test_many_buyers_of_the_last_copy(shop: Shop) -> None:
    """All may order; the chain sells one, and the others learn why."""
    drop = shop.drop(max_supply=1)
    buyers = [person(f"buyer{number}", wallet(0xB0 + number)) for number in range(4)]
    made = together(*[lambda user=user: shop.order(drop, user=user) for user in buyers])
    assert all(isinstance(order, Order) for order in made)
    for order in made:
        shop.pay(order, wallet(0xB0 + int(order.user.login[-1])))
    shop.later(1200)
    shop.follow()
    orders_expire(now=timezone.now() + timedelta(seconds=1200))
    ended = sorted(Order.objects.values_list("state", "reason"))
    assert ended == [("cancelled", "sold_out")] * 3 + [("fulfilled", "")]
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == PRICE // 10
    assert ledger.imbalance() == {"TON": 0}
