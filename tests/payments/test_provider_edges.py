"""Edges of each provider: news before the answer, stored failures, new secrets, other clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from core.inbox.models import InboxEvent
from core.outbox.models import OutboxEvent
from payments.models import ClaimRight, Order, PaymentAttempt
from payments.services import submitting
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import balanced, deliver, post, rates, refresh
from tests.payments.stories import ADDRESS, MAKE, key

pytestmark = pytest.mark.django_db
SOURCES = ("stripe", "yookassa", "tbank", "binance")
Placed = tuple[Any, PaymentAttempt]


@pytest.fixture
def place(shop: Shop, fan_client: APIClient, settings: Settings) -> Iterator[Callable[..., Placed]]:
    boxes: list[Any] = []

    def placed(source: str, **faults: int) -> Placed:
        box, method, _ = MAKE[source](settings)
        boxes.append(box.start())
        ADDRESS[source](settings, box)
        for name, number in faults.items():
            setattr(box.faults, name, number)
        answer = post(fan_client, shop.drop(hub_quota=10), method, email="fan@example.org")
        assert answer.status_code == 201, answer.content
        return box, PaymentAttempt.objects.get(order_id=answer.json()["id"])

    settings.PUBLIC_URL = "http://127.0.0.1:1"
    Session.objects.update(context="web")
    rates(timezone.now())
    cache.clear()
    yield placed
    for box in boxes:
        box.stop()


def made(box: Any) -> str:
    """The only thing that there is to be paid."""
    for name in ("sessions", "payments", "orders"):
        if rows := getattr(box, name, None):
            (number,) = rows
            return str(number)
    raise LookupError(box.name)


def state(attempt: PaymentAttempt) -> str:
    attempt.refresh_from_db()
    return attempt.state


@pytest.mark.parametrize("source", SOURCES)
def test_news_that_come_before_the_answer_are_known_by_our_key(
    place: Callable[..., Placed], client: Any, source: str
) -> None:
    box, attempt = place(source, error_after_effect=2)
    assert (state(attempt), attempt.handoff) == ("unknown", {})
    box.faults.error_after_effect = 0
    box.act_pay(id=made(box))
    for event in box.events:
        assert deliver(client, source, event).status_code == 200
    assert OutboxEvent.objects.filter(topic="payments.attempt_refresh").exists()
    refresh(attempt)
    assert state(attempt) == "confirmed"
    assert fresh(attempt.order).state == Order.State.FULFILLING


@pytest.mark.parametrize("source", SOURCES)
def test_an_unknown_create_is_searched_for_and_made_once(
    place: Callable[..., Placed], source: str
) -> None:
    box, attempt = place(source, unavailable=2)
    assert state(attempt) == "unknown"
    before = attempt.key
    box.faults.unavailable = 0
    submitting.attempt_submit(attempt_id=attempt.pk)
    submitting.attempt_submit(attempt_id=attempt.pk)
    assert state(attempt) == "open"
    assert attempt.key != before
    assert made(box)


def test_a_stored_500_without_an_effect_gets_a_new_key(place: Callable[..., Placed]) -> None:
    box, attempt = place("stripe", error_after_effect=2)
    box.sessions.clear()  # it failed for good
    (stored,) = box.keys
    submitting.attempt_submit(attempt_id=attempt.pk)
    assert state(attempt) == "open"
    assert attempt.key != stored
    assert set(box.keys) == {stored, attempt.key}


def test_while_a_secret_is_replaced_both_count(
    place: Callable[..., Placed], client: Any, settings: Settings
) -> None:
    box, attempt = place("stripe")
    box.act_pay(id=made(box))
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new"]
    assert deliver(client, "stripe", box.events[0]).status_code == 403
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", box.webhook_secret]
    assert deliver(client, "stripe", box.events[0]).status_code == 200
    box.webhook_secret = "whsec_new"
    box.act_refund_external(id=made(box))
    assert deliver(client, "stripe", box.events[-1]).status_code == 200
    assert attempt.pk


def test_a_new_certificate_of_binance_is_asked_for_once(
    place: Callable[..., Placed], client: Any
) -> None:
    box, attempt = place("binance")
    box.act_pay(id=attempt.key)
    assert deliver(client, "binance", box.events[0]).status_code == 200
    box.act_rotate_key()
    box.act_refund_external(id=attempt.key)
    assert deliver(client, "binance", box.events[1]).status_code == 200
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.parametrize("seconds", [-30.0, 30.0])
def test_a_clock_that_differs_costs_one_refusal(
    place: Callable[..., Placed], monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    codes: list[str] = []
    real = MAKE["binance"]

    def skewed(settings: Settings) -> Any:
        box, *rest = real(settings)
        box.skew = seconds
        answer = box.answer

        def noted(call: Any) -> Any:
            reply = answer(call)
            codes.append(str(reply.body["code"]))
            return reply

        box.answer = noted
        return box, *rest

    monkeypatch.setitem(MAKE, "binance", skewed)
    _, attempt = place("binance")
    assert state(attempt) == "open"
    assert codes == ["400003", "000000"]
    refresh(attempt)
    assert codes[2:] == ["000000"]


def test_what_is_of_stripes_other_mode_is_taken_and_left_alone(
    place: Callable[..., Placed], client: Any
) -> None:
    box, attempt = place("stripe")
    box.act_pay(id=made(box))
    (event,) = box.events
    told = orjson.loads(event.body)
    event.body = orjson.dumps({**told, "livemode": True})
    assert deliver(client, "stripe", event).status_code == 200
    assert InboxEvent.objects.get().state == "ignored"
    assert not OutboxEvent.objects.filter(topic="payments.attempt_refresh").exists()
    assert state(attempt) == "open"


def test_what_is_of_another_shop_at_yookassa_is_taken_and_left_alone(
    place: Callable[..., Placed], client: Any
) -> None:
    box, attempt = place("yookassa")
    payment = box.payments[made(box)]
    other = {"account_id": "999", "gateway_id": "1"}
    box._notify("payment.succeeded", {**payment, "recipient": other})
    assert deliver(client, "yookassa", box.events[0]).status_code == 200
    assert InboxEvent.objects.get().state == "ignored"
    assert not OutboxEvent.objects.filter(topic="payments.attempt_refresh").exists()
    assert state(attempt) == "open"


def _less(box: Any, number: str) -> None:
    """The provider took another amount than was asked."""
    if box.name == "stripe":
        box.sessions[number]["amount_total"] -= 1
    elif box.name == "yookassa":
        box.payments[number]["amount"] = {"value": "681.74", "currency": "RUB"}
    elif box.name == "tbank":
        box.payments[number]["Amount"] -= 1
    else:
        box.orders[number]["amount"] = "7.57"


@pytest.mark.parametrize("source", SOURCES)
def test_another_amount_at_the_provider_gives_nothing_and_calls_a_person(
    place: Callable[..., Placed], client: Any, source: str
) -> None:
    box, attempt = place(source)
    _less(box, made(box))
    box.act_pay(id=key(box, attempt))
    for event in box.events:
        assert deliver(client, source, event).status_code == 200
    refresh(attempt)
    order = fresh(attempt.order)
    assert (order.state, order.reason) == ("needs_attention", "wrong_amount")
    assert order.attempts.get().flags == ["short"]
    assert not ClaimRight.objects.exists()
    assert balanced()
