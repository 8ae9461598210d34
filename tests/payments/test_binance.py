"""Binance Pay: signed both ways, in text within text, and never inside Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from deploy.local.sandbox.binance import BinanceSandbox
from payments.models import Order, PaymentAttempt, Refund
from payments.providers.binance.signature import sign
from payments.services import refunds, submitting
from payments.services.events import Cause
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, deliver, owed, post, rates, refresh

pytestmark = pytest.mark.django_db
ASKED = 7_575_000  # 2.5 coins at 3 USDT and 1% spread


@pytest.fixture
def pay(settings: Settings) -> Iterator[BinanceSandbox]:
    with BinanceSandbox(key="k" * 32, secret="s" * 64) as pay:
        settings.BINANCE_API_URL = pay.url
        settings.BINANCE_API_KEY, settings.BINANCE_API_SECRET = pay.key, pay.secret
        settings.PUBLIC_URL = "http://127.0.0.1:1"  # nobody listens: events are delivered by hand
        rates(timezone.now())
        yield pay


@pytest.fixture
def web(fan_client: APIClient) -> APIClient:
    Session.objects.update(context="web")
    return fan_client


def placed(web: APIClient, shop: Shop) -> tuple[Order, PaymentAttempt]:
    answer = post(web, shop.drop(hub_quota=10), "binance")
    assert answer.status_code == 201, answer.content
    order = Order.objects.get(pk=answer.json()["id"])
    return order, order.attempts.get()


def test_the_signature_is_that_of_the_vector() -> None:
    body = b'{"merchantTradeNo":"ORD1","currency":"USDT"}'
    assert sign("vector-secret", "1790000000000", "a" * 32, body) == (
        "531FE951AFDA2F0A4D8C6D51075A96EBDED632D695C5500AF38B3AE5F496D962556D78F37B597C2946482A01"
        "0083F8C469A46C7647658D1DE7C221E718FD85C1"
    )


def test_inside_telegram_it_is_refused(
    shop: Shop, fan_client: APIClient, pay: BinanceSandbox
) -> None:
    answer = post(fan_client, shop.drop(hub_quota=10), "binance")
    assert answer.json()["code"] == "method_unavailable"
    assert not pay.orders


def test_paid(shop: Shop, web: APIClient, pay: BinanceSandbox, client: Any) -> None:
    order, attempt = placed(web, shop)
    assert attempt.amount == ASKED
    pay.act_pay(id=attempt.key)
    for event in pay.events * 2:
        answer = deliver(client, "binance", event)
        assert answer.json() == {"returnCode": "SUCCESS", "returnMessage": None}
    refresh(attempt)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.fee) == ("confirmed", ASKED // 100)
    assert fresh(order).state == Order.State.FULFILLING
    assert owed(order, "USDT") == at_provider("binance", "USDT") == ASKED


@pytest.mark.parametrize("wrong", ["signature", "serial", "none"])
def test_a_forged_event_is_refused(
    shop: Shop, web: APIClient, pay: BinanceSandbox, client: Any, wrong: str
) -> None:
    order, attempt = placed(web, shop)
    pay.act_pay(id=attempt.key)
    (event,) = pay.events
    if wrong == "signature":
        event.body += b" "
        signed = pay._signed(b"other")
        event.headers = lambda _body: signed
    elif wrong == "serial":
        pay.serial = "0" * 32
        headers = pay._signed(event.body)
        pay.serial = "1" * 32
        event.headers = lambda _body: headers
    else:
        event.headers = lambda _body: {"Content-Type": "application/json"}
    assert deliver(client, "binance", event).status_code == 403
    assert fresh(order).state == Order.State.AWAITING_PAYMENT


def test_a_lost_answer_leaves_one_order_that_can_be_paid(
    shop: Shop, web: APIClient, pay: BinanceSandbox
) -> None:
    pay.faults.error_after_effect = 1
    _, attempt = placed(web, shop)
    assert attempt.state == PaymentAttempt.State.UNKNOWN
    submitting.attempt_submit(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.OPEN
    assert sorted(one["status"] for one in pay.orders.values()) == ["CANCELED", "INITIAL"]
    assert pay.orders[attempt.key]["status"] == "INITIAL"


@pytest.mark.parametrize("fails", [False, True])
def test_a_partial_refund_is_asked_for_until_it_is_told(
    shop: Shop, web: APIClient, pay: BinanceSandbox, *, fails: bool
) -> None:
    order, attempt = placed(web, shop)
    pay.act_pay(id=attempt.key)
    refresh(attempt)
    attempt.refresh_from_db()
    pay.faults.fail_refund = int(fails)
    refund = refunds.refund_request(
        attempt=attempt,
        amount=1_000_000,
        reason="goodwill",
        origin=Refund.Origin.SHOP,
        cause=Cause("test"),
    )
    for _ in range(2):  # asked for, then asked about
        refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == ("failed" if fails else "done")
    left = ASKED if fails else ASKED - 1_000_000
    assert at_provider("binance", "USDT") == owed(order, "USDT") == left
    assert balanced()
