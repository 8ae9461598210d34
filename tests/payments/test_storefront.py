"""The open web: a public page, a checkout that offers what may be offered, an order that is told."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import ListPrice, MethodSwitch, Order, PaymentAttempt
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import refresh
from tests.payments.test_off_chain import ASKED, box, pay
from tests.people import pages

pytestmark = pytest.mark.django_db
__all__ = ["box"]  # a fixture


@pytest.fixture
def fan(shop: Shop) -> Client:
    return pages(shop.fan)


def collect(fan: Client, drop: Any, method: str = "stripe", key: str = "", **more: Any) -> Any:
    form = {"method": method, "quantity": 1, "key": key or str(uuid4()), **more}
    return fan.post(f"/checkout/{drop.pk}", form)


def order_of(answer: Any) -> tuple[Order, PaymentAttempt]:
    assert answer.status_code == 302, answer.content.decode()
    match = re.search(r"/orders/([0-9a-f-]{36})\?go=1$", answer["Location"])
    assert match, answer["Location"]
    order = Order.objects.get(pk=match[1])
    return order, order.attempts.latest("created_at")


def told(fan: Client, order: Order, query: str = "") -> str:
    answer = fan.get(f"/orders/{order.pk}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_sees_a_drop_and_search_engines_may_list_it(shop: Shop) -> None:
    drop = shop.drop()
    answer = Client().get(f"/drops/{drop.pk}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "2.5 TON" in page
    assert "noindex" not in page
    assert 'rel="canonical"' in page
    assert f"/checkout/{drop.pk}" in page
    assert Client().get(f"/drops/{uuid4()}").status_code == 404


def test_checkout_asks_who_you_are(shop: Shop) -> None:
    drop = shop.drop()
    answer = Client().get(f"/checkout/{drop.pk}")
    assert answer["Location"] == f"/sign-in?next=/checkout/{drop.pk}"
    page = Client().get(answer["Location"]).content.decode()
    assert f'data-wallet-sign-in="/checkout/{drop.pk}"' in page


def test_checkout_offers_what_is_configured_and_allowed(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    drop = shop.drop(hub_quota=10)
    page = fan.get(f"/checkout/{drop.pk}").content.decode()
    assert "7.58 USD" in page
    assert "2.5 TON" in page
    assert "Stars" not in page
    assert 'value="sbp"' not in page  # not configured
    assert "noindex" in page
    MethodSwitch.objects.create(method="stripe", on=False, reason="test")
    assert "7.58 USD" not in fan.get(f"/checkout/{drop.pk}").content.decode()
    MethodSwitch.objects.all().delete()
    ListPrice.objects.create(collection=drop, asset="USD", unit_price=999)
    assert "19.98 USD" in fan.get(f"/checkout/{drop.pk}?quantity=2").content.decode()


def test_an_order_leads_to_the_page_of_the_provider_and_back(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=10)))
    assert (order.context, attempt.amount) == ("web", ASKED)
    there = attempt.handoff["url"]
    assert f'content="0;url={there}"' in told(fan, order, "?go=1")
    page = told(fan, order)
    assert "Waiting for your payment" in page
    assert f'href="{there}"' in page
    pay(box, attempt)
    back = fan.get(f"/pay/return/{attempt.pk}")
    assert back["Location"] == f"/orders/{order.pk}"
    assert "Waiting for your payment" in told(fan, order)  # we have not heard of it yet
    refresh(attempt)
    page = told(fan, order)
    assert "on their way to your wallet" in page
    assert "7.58 USD" in page


def test_a_form_sent_twice_is_one_order(shop: Shop, fan: Client, box: StripeSandbox) -> None:
    drop, key = shop.drop(hub_quota=10), str(uuid4())
    first, second = (collect(fan, drop, key=key) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), len(box.sessions)) == (1, 1)


def test_nobody_else_sees_an_order(shop: Shop, fan: Client, box: StripeSandbox) -> None:
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=10)))
    other = pages(shop.stranger)
    assert other.get(f"/orders/{order.pk}").status_code == 404
    assert other.post(f"/orders/{order.pk}", {"method": "ton"}).status_code == 404
    assert other.post(f"/orders/{order.pk}/transaction").status_code == 404
    page = other.get(f"/pay/return/{attempt.pk}").content.decode()
    assert "Waiting for your payment" in page
    assert str(shop.fan) not in page


def test_another_way_gives_the_first_one_up(shop: Shop, fan: Client, box: StripeSandbox) -> None:
    order, first = order_of(collect(fan, shop.drop(hub_quota=10)))
    page = told(fan, order)
    assert 'value="ton"' in page
    assert 'value="stripe"' not in page  # that one is open
    answer = fan.post(f"/orders/{order.pk}", {"method": "ton", "key": str(uuid4())})
    _, second = order_of(answer)
    first.refresh_from_db()
    assert (first.state, second.provider, second.state) == ("cancelled", "ton", "open")
    assert "Pay 2.5 TON with your wallet" in told(fan, order)
    made = fan.post(f"/orders/{order.pk}/transaction")
    assert made.json()["messages"]
    PaymentAttempt.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert fan.post(f"/orders/{order.pk}/transaction").status_code == 409


@pytest.mark.parametrize("method", ["stars", "sbp", "cash", ""])
def test_what_is_not_offered_is_not_taken(
    shop: Shop, fan: Client, box: StripeSandbox, method: str
) -> None:
    answer = collect(fan, shop.drop(hub_quota=10), method)
    assert answer.status_code == 200
    assert "error" in answer.content.decode()
    assert not Order.objects.exists()


def test_what_cannot_be_kept_is_said_at_the_form(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    answer = collect(fan, shop.drop(hub_quota=0))
    assert answer.status_code == 200
    assert "notice-bad" in answer.content.decode()
    assert not Order.objects.exists()


def test_without_a_wallet_it_is_kept_and_the_page_says_so(shop: Shop, box: StripeSandbox) -> None:
    shop.fan.wallets.all().delete()
    fan = pages(shop.fan)
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=10)))
    pay(box, attempt)
    refresh(attempt)
    page = told(fan, order)
    assert "connect a wallet to receive them" in page
    assert "data-connect-wallet" in page


def test_an_ended_order_says_what_became_of_it(shop: Shop, fan: Client, box: StripeSandbox) -> None:
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=10)))
    Order.objects.update(state="expired", reason="unpaid")
    assert "No payment arrived in time" in told(fan, fresh(order))
