"""Unpaid orders end once, with the reason that the collection's own transactions give."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts import collection as contract
from core.ton import history
from core.ton.client import RawTransaction
from core.ton.models import ChainCursor
from payments import reasons
from payments.models import Order
from payments.services import expiry
from payments.services.expiry import orders_expire
from payments.tasks import orders_expire as task
from tests.payments.acts import set_price
from tests.payments.chain import COIN
from tests.payments.conftest import FAN, PRICE, STRANGER, Shop

State = Order.State
pytestmark = pytest.mark.django_db
OVER = 1200


def end(shop: Shop, order: Order, seconds: int = OVER) -> Order:
    """Let the order's time pass, for the chain and for us."""
    shop.later(seconds)
    shop.follow()
    orders_expire(now=timezone.now() + timedelta(seconds=seconds))
    return Order.objects.get(pk=order.pk)


def attempt_states(order: Order) -> list[str]:
    return list(order.attempts.order_by("id").values_list("state", flat=True))


def test_an_order_that_nobody_paid_expires(shop: Shop) -> None:
    order = end(shop, shop.order(shop.drop()))
    assert (order.state, order.reason) == (State.EXPIRED, reasons.UNPAID)
    assert attempt_states(order) == ["expired"]
    assert order.events.count() == 4


def test_it_does_not_expire_before_its_time(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.follow()
    assert orders_expire() == 0
    assert end(shop, order, seconds=300).state == State.AWAITING_PAYMENT


def test_it_expires_once(shop: Shop) -> None:
    order = end(shop, shop.order(shop.drop()))
    assert end(shop, order).events.count() == 4


def test_sold_out_between_order_and_payment(shop: Shop) -> None:
    drop = shop.drop(max_supply=1)
    order = shop.order(drop)
    shop.buy(drop, sender=STRANGER)
    shop.pay(order)
    order = end(shop, order)
    assert (order.state, order.reason) == (State.CANCELLED, "sold_out")
    assert "Sold out between your order and your payment" in reasons.text(order.reason)
    assert attempt_states(order) == ["failed"]
    last = order.events.order_by("id").last()
    assert last is not None
    assert last.details == {"exit_code": 463}


def test_the_price_rose_between_order_and_payment(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    set_price(shop, drop, PRICE * 2)
    shop.pay(order)
    assert end(shop, order).reason == "price_changed"


def test_the_sale_was_paused_before_payment(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    params = shop.params[drop.pk]
    body = contract.set_sale_body(
        price=PRICE, max_supply=100, hub_quota=0, max_per_buy=10, paused=True
    )
    shop.world.send(params.owner, contract.address(params), COIN, body)
    shop.pay(order)
    assert end(shop, order).reason == "paused"


def test_too_little_was_attached(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    shop.buy(drop, value=PRICE, query_id=order.query_id)
    assert end(shop, order).reason == "value_too_small"


def test_a_refusal_of_a_message_that_cannot_bounce_is_read_too(shop: Shop) -> None:
    """The contract then answers by itself: its transaction succeeds and sends the code back."""
    drop = shop.drop(max_supply=1)
    order = shop.order(drop)
    shop.buy(drop, sender=STRANGER)
    params = shop.params[drop.pk]
    body = contract.buy_body(query_id=order.query_id, quantity=1, max_unit_price=PRICE)
    shop.world.send(FAN, contract.address(params), 3 * COIN, body, bounce=False)
    order = end(shop, order)
    assert (order.state, order.reason) == (State.CANCELLED, "sold_out")


def test_somebody_elses_refused_message_says_nothing_about_the_order(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    shop.buy(drop, value=PRICE, sender=STRANGER, query_id=order.query_id)
    order = end(shop, order)
    assert (order.state, order.reason) == (State.EXPIRED, reasons.UNPAID)


def test_a_paid_order_is_not_touched(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.pay(order)
    assert end(shop, order).state == State.FULFILLED


def test_what_sold_on_chain_waits_for_its_receipt(shop: Shop) -> None:
    """The follower is behind: the collection shows the sale, the receipt is not handled yet."""
    order = shop.order(shop.drop())
    shop.pay(order)
    ChainCursor.objects.create(pk=shop.hub, synced_utime=2**33)
    shop.later(OVER)
    assert orders_expire(now=timezone.now() + timedelta(seconds=OVER)) == 0
    assert Order.objects.get().state == State.AWAITING_PAYMENT


def test_nothing_expires_while_the_follower_is_behind(shop: Shop) -> None:
    order = shop.order(shop.drop())
    ChainCursor.objects.create(pk=shop.hub, synced_utime=shop.world.sandbox.now)
    shop.later(OVER)
    assert orders_expire(now=timezone.now() + timedelta(seconds=OVER)) == 0
    assert Order.objects.get(pk=order.pk).state == State.AWAITING_PAYMENT


def test_nothing_expires_while_the_chain_is_silent(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.later(OVER)
    shop.follow()
    shop.world.silent = True
    over = timezone.now() + timedelta(seconds=OVER)
    assert orders_expire(now=over) == 0
    shop.world.silent = False
    assert orders_expire(now=over) == 1
    assert Order.objects.get(pk=order.pk).state == State.EXPIRED


def test_orders_of_many_drops_end_in_one_go_with_one_read_a_drop(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drops = [shop.drop(), shop.drop()]
    for drop in drops * 3:
        shop.order(drop)
    shop.later(OVER)
    shop.follow()
    reads: list[str] = []
    read = history.transactions

    def counted(address: str, since: int, until: int) -> list[RawTransaction]:
        reads.append(address)
        return read(address, since, until)

    monkeypatch.setattr(history, "transactions", counted)
    monkeypatch.setattr(expiry, "BATCH", 4)
    assert expiry.orders_expire(now=timezone.now() + timedelta(seconds=OVER)) == 6
    assert sorted(set(reads)) == sorted(drop.address for drop in drops)
    assert len(reads) == 4  # two drops in each of two batches


def test_the_beat_task_runs_the_service(shop: Shop) -> None:
    shop.order(shop.drop())
    assert task() == 0
