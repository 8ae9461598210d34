"""What a buyer or an artist changes on the way to the contract must not hold up anybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from nft import tasks
from nft.models import Collection
from nft.terms import MAX_PRICE
from payments import reasons
from payments.models import Order
from payments.services.expiry import orders_expire
from tests.payments.acts import set_price
from tests.payments.chain import COIN
from tests.payments.conftest import FAN, GIFTED, PRICE, STRANGER, Shop

State = Order.State
pytestmark = pytest.mark.django_db
ABSURD = 2**90  # nano: the contract stores it, a bigint does not


def end(shop: Shop, order: Order) -> Order:
    shop.later(1200)
    shop.follow()
    orders_expire(now=timezone.now() + timedelta(seconds=1200))
    return Order.objects.get(pk=order.pk)


@pytest.mark.parametrize(
    "change",
    [{"quantity": 2}, {"recipient": GIFTED}, {"max_unit_price": PRICE * 2}],
    ids=["quantity", "recipient", "price"],
)
def test_a_sale_under_the_orders_number_at_other_terms_does_not_keep_it_open(
    shop: Shop, change: dict[str, Any]
) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    if "max_unit_price" in change:
        set_price(shop, drop, PRICE + 1)
    shop.buy(drop, sender=FAN, query_id=order.query_id, **change)
    order = end(shop, order)
    assert (order.state, order.reason) == (State.EXPIRED, reasons.UNPAID)
    assert Order.objects.filter(origin=Order.Origin.CHAIN, state=State.FULFILLED).count() == 1


def test_the_refusal_still_counts_when_a_sale_at_other_terms_came_as_well(shop: Shop) -> None:
    drop = shop.drop(max_supply=2)
    order = shop.order(drop)
    shop.buy(drop, sender=FAN, query_id=order.query_id, quantity=2)
    shop.pay(order)
    assert (end(shop, order).state, Order.objects.get(pk=order.pk).reason) == (
        State.CANCELLED,
        "sold_out",
    )


def test_a_price_that_no_bigint_holds_stops_nobody_elses_terms(shop: Shop) -> None:
    absurd, honest = shop.drop(), shop.drop()
    set_price(shop, absurd, ABSURD)
    set_price(shop, honest, 3 * COIN)
    old = timezone.now() - timedelta(hours=1)
    Collection.objects.filter(pk=absurd.pk).update(terms_read_at=old - timedelta(hours=1))
    Collection.objects.filter(pk=honest.pk).update(terms_read_at=old)
    assert tasks.terms_sweep() == 2
    honest.refresh_from_db()
    absurd.refresh_from_db()
    assert honest.price == 3 * COIN
    assert (absurd.price, absurd.paused) == (MAX_PRICE, True)


def test_a_price_that_no_bigint_holds_keeps_nobody_else_from_going_live(shop: Shop) -> None:
    honest, absurd = (shop.drop(live=False, content_locked=True) for _ in range(2))
    for drop in (honest, absurd):
        content = shop.params[drop.pk].content.to_boc()
        Collection.objects.filter(pk=drop.pk).update(content=content)
    set_price(shop, absurd, ABSURD)
    assert tasks.collections_verify() == 2
    honest.refresh_from_db()
    assert honest.state == Collection.State.LIVE


def test_such_a_drop_cannot_be_ordered(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    set_price(shop, drop, ABSURD)
    body = {"drop": str(drop.pk), "quantity": 10, "method": "ton"}
    answer = fan_client.post("/api/v1/orders", body, headers={"Idempotency-Key": "absurd"})
    assert (answer.status_code, answer.json()["code"]) == (409, "paused")
    assert not Order.objects.exists()


def test_the_highest_price_of_the_shop_can_be_ordered_many_times(
    shop: Shop, fan_client: APIClient
) -> None:
    drop = shop.drop(price=MAX_PRICE, max_supply=200, max_per_buy=200)
    body = {"drop": str(drop.pk), "quantity": 200, "method": "ton"}
    answer = fan_client.post("/api/v1/orders", body, headers={"Idempotency-Key": "highest"})
    assert answer.status_code == 201
    assert answer.json()["total"]["amount"] == str(200 * MAX_PRICE)


@pytest.mark.parametrize("extra", [f'"x": {10**30}', '"x": 1e400', '"x": {"y": [-1e-400]}'])
def test_numbers_that_nothing_holds_break_no_order(
    shop: Shop, fan_client: APIClient, extra: str
) -> None:
    text = f'{{"drop": "{shop.drop().pk}", "quantity": 1, "method": "ton", {extra}}}'
    answer = fan_client.generic(
        "POST", "/api/v1/orders", text, "application/json", headers={"Idempotency-Key": "numbers"}
    )
    assert answer.status_code in {201, 400}
    assert Order.objects.count() == (answer.status_code == 201)


def test_a_stranger_who_changes_his_message_ends_only_his_own_wait(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    shop.buy(drop, sender=STRANGER, query_id=order.query_id, quantity=2)
    shop.pay(order)
    assert end(shop, order).state == State.FULFILLED
