"""Other attempts at an order, and orders that are somebody else's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from payments.models import Order
from payments.services.orders import MAX_ATTEMPTS
from tests.payments.conftest import FAN, Shop, person, signed_in

URL = "/api/v1/orders"
pytestmark = pytest.mark.django_db


def again(client: APIClient, order: Order, key: str = "a1", **given: Any) -> Any:
    body = {"method": "ton", **given}
    return client.post(f"{URL}/{order.pk}/attempts", body, headers={"Idempotency-Key": key})


def test_another_attempt_replaces_the_open_one(shop: Shop, fan_client: APIClient) -> None:
    order = shop.order(shop.drop())
    answer = again(fan_client, order)
    assert answer.status_code == 201
    first, second = answer.json()["attempts"]
    assert (first["state"], first["transaction"]) == ("cancelled", None)
    assert second["state"] == "open"
    assert second["valid_until"] <= answer.json()["expires_at"]
    shop.pay(order)
    shop.follow()
    assert fan_client.get(f"{URL}/{order.pk}").json()["state"] == "fulfilled"


def test_a_given_up_attempt_that_was_signed_all_the_same_still_pays(
    shop: Shop, fan_client: APIClient
) -> None:
    order = shop.order(shop.drop())
    old = shop.attempt(order).handoff["transaction"]
    again(fan_client, order)
    shop.world.connect(old, FAN)
    shop.follow()
    order.refresh_from_db()
    assert order.state == "fulfilled"
    assert sorted(order.attempts.values_list("state", flat=True)) == ["cancelled", "confirmed"]


@pytest.mark.parametrize("state", ["expired", "cancelled", "fulfilling", "paid"])
def test_a_closed_order_takes_no_attempt(shop: Shop, fan_client: APIClient, state: str) -> None:
    order = shop.order(shop.drop())
    Order.objects.update(state=state, reason="unpaid")
    answer = again(fan_client, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_closed")
    assert order.attempts.count() == 1


def test_attempts_are_limited(shop: Shop, fan_client: APIClient, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "orders": (1000, 1)}
    order = shop.order(shop.drop())
    codes = [again(fan_client, order, f"a{n}").status_code for n in range(MAX_ATTEMPTS)]
    assert codes == [201] * (MAX_ATTEMPTS - 1) + [409]


# --- somebody else's ------------------------------------------------------------------------------


def test_a_stranger_finds_no_order_of_the_fans(shop: Shop) -> None:
    order = shop.order(shop.drop())
    stranger = signed_in(shop.stranger)
    assert stranger.get(f"{URL}/{order.pk}").status_code == 404
    assert stranger.get(URL).json()["results"] == []
    answer = again(stranger, order)
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")
    assert order.attempts.count() == 1
    assert again(stranger, Order(id=uuid4())).json() == answer.json()


def test_staff_reads_no_orders_here(shop: Shop) -> None:
    order = shop.order(shop.drop())
    moderator = person("moderator")
    moderator.is_staff = moderator.is_superuser = True
    moderator.save()
    assert signed_in(moderator).get(f"{URL}/{order.pk}").status_code == 404
