"""The open web: a public page, a checkout that offers what may be offered, an honest order."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from core.outbox.models import OutboxEvent
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import ListPrice, MethodSwitch, Order, PaymentAttempt, Refund
from payments.services import refunds, states, submitting
from payments.services.events import Cause
from payments.services.orders import Buyer, attempt_create
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
    assert "Checking your payment" in told(fan, order)  # we have not heard of it yet
    refresh(attempt)
    page = told(fan, order)
    assert "on their way to your wallet" in page
    assert "UTC</time>" in page
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
    assert "Checking your payment" in page
    assert str(shop.fan) not in page


def test_another_way_gives_the_first_one_up(shop: Shop, fan: Client, box: StripeSandbox) -> None:
    order, first = order_of(collect(fan, shop.drop(hub_quota=10)))
    assert 'value="ton"' not in told(fan, order)  # a page that looks again has no form to lose
    page = told(fan, order, "?again=1")
    assert 'value="ton"' in page
    assert 'value="stripe"' not in page  # that one is open
    assert "http-equiv" not in page
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


def test_what_cannot_be_kept_is_not_offered(shop: Shop, fan: Client, box: StripeSandbox) -> None:
    drop = shop.drop(hub_quota=1)
    assert 'value="stripe"' in fan.get(f"/checkout/{drop.pk}").content.decode()
    assert 'value="stripe"' not in fan.get(f"/checkout/{drop.pk}?quantity=2").content.decode()
    assert collect(fan, drop, quantity=2).status_code == 200
    assert not Order.objects.exists()


def test_the_last_copy_is_said_to_be_gone_at_the_form(
    shop: Shop, fan: Client, box: StripeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody took it between the offer and the order."""
    monkeypatch.setattr("payments.services.reservations.left", lambda _drop: 1)
    answer = collect(fan, shop.drop(hub_quota=0))
    assert "No more editions can be sold this way." in answer.content.decode()
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
    order, _ = order_of(collect(fan, shop.drop(hub_quota=10)))
    Order.objects.update(state="expired", reason="unpaid")
    assert "No payment arrived in time" in told(fan, fresh(order))


def test_another_number_of_editions_shows_its_prices_first(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    drop = shop.drop(hub_quota=10)
    answer = collect(fan, drop, quantity=2, shown=1)
    assert answer.status_code == 200
    assert "15.16 USD" in answer.content.decode()
    assert not Order.objects.exists()
    order, _ = order_of(collect(fan, drop, quantity=2, shown=2))
    assert order.quantity == 2


def test_a_forged_return_says_nothing_but_that_we_look(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=10)))
    forged = f"/pay/return/{attempt.pk}?status=succeeded&paid=true&session_id=cs_forged"
    assert fan.get(forged).status_code == 302
    assert "Checking your payment" in told(fan, order)
    assert Client().get(f"/pay/return/{uuid4()}").status_code == 404
    refresh(attempt)
    assert fresh(order).state == "awaiting_payment"
    session = fan.session
    session["returned"] = {str(order.pk): [str(attempt.pk), time.time() - 91]}
    session.save()
    assert "Waiting for your payment" in told(fan, order)


def test_money_that_comes_late_is_found_from_the_return_page(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=1)))
    assert states.order_expire(order_id=order.pk, reason="unpaid", cause=Cause("test"))
    pay(box, attempt)
    assert OutboxEvent.objects.filter(topic="payments.attempt_refresh").count() == 0
    fan.get(f"/pay/return/{attempt.pk}")
    assert OutboxEvent.objects.filter(topic="payments.attempt_refresh").count() == 1
    assert "we find it" in told(fan, order)
    refresh(attempt)
    assert "on their way to your wallet" in told(fan, order)


def test_money_that_comes_too_late_is_said_to_go_back(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    order, attempt = order_of(collect(fan, shop.drop(hub_quota=1)))
    assert states.order_expire(order_id=order.pk, reason="unpaid", cause=Cause("test"))
    order_of(collect(pages(shop.stranger), order.collection))  # takes the last copy
    pay(box, attempt)
    refresh(attempt)
    page = told(fan, order)
    assert "On its way back" in page
    assert "nothing was left for it" in page
    refunds.refund_submit(refund_id=Refund.objects.get().pk)
    page = told(fan, order)
    assert "Sent back" in page
    assert "<strong>7.58 USD</strong> sent back" in page


def test_paid_twice_says_which_payment_goes_back(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    order, first = order_of(collect(fan, shop.drop(hub_quota=10)))
    attempt_create(buyer=Buyer(shop.fan, "web"), order_id=order.pk, method="stripe")
    second = order.attempts.latest("created_at")
    submitting.attempt_submit(attempt_id=second.pk)
    for attempt in (second, first):
        pay(box, PaymentAttempt.objects.get(pk=attempt.pk))
        refresh(attempt)
    page = told(fan, order)
    assert "on their way to your wallet" in page
    assert "<strong>7.58 USD</strong> on its way back" in page
    assert "the second payment is sent back" in page


def test_back_from_a_second_payment_page_the_page_goes_on_looking(
    shop: Shop, fan: Client, box: StripeSandbox
) -> None:
    order, first = order_of(collect(fan, shop.drop(hub_quota=10)))
    attempt_create(buyer=Buyer(shop.fan, "web"), order_id=order.pk, method="stripe")
    second = order.attempts.latest("created_at")
    submitting.attempt_submit(attempt_id=second.pk)
    pay(box, PaymentAttempt.objects.get(pk=second.pk))
    refresh(second)
    fan.get(f"/pay/return/{second.pk}")
    assert "came back from" not in told(fan, order)
    fan.get(f"/pay/return/{first.pk}")
    page = told(fan, order)
    assert "came back from" in page
    assert 'http-equiv="refresh"' in page


def test_editions_kept_for_other_ways_are_still_for_sale(shop: Shop) -> None:
    drop = shop.drop(max_supply=5, hub_quota=5)
    page = Client().get(f"/drops/{drop.pk}").content.decode()
    assert f"/checkout/{drop.pk}" in page


def test_search_engines_get_facts_and_no_markup_of_the_artists(shop: Shop) -> None:
    drop = shop.drop()
    drop.release.title = "</script><b>Night"
    drop.release.save()
    page = Client().get(f"/drops/{drop.pk}").content.decode()
    facts = page.partition('type="application/ld+json"')[2].partition(">")[2]
    told_ = json.loads(facts.partition("</script>")[0])
    assert told_["name"] == "</script><b>Night"
    assert told_["@type"] == "MusicRelease"
    assert 'name="robots" content="index' in page
