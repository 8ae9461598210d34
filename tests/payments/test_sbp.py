"""SBP by YooKassa: its page, its notifications, receipts by law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from deploy.local.sandbox.yookassa import YooKassaSandbox
from payments.models import MethodSwitch, Order, PaymentAttempt, Refund
from payments.services import expiry, refunds, submitting
from payments.services.events import Cause
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, deliver, owed, post, rates, refresh
from tests.people import person

pytestmark = pytest.mark.django_db
ASKED = 68_175  # 2.5 coins at 270.00 roubles and 1% spread
EMAIL = "fan@example.org"


@pytest.fixture
def bank(settings: Settings) -> Iterator[YooKassaSandbox]:
    with YooKassaSandbox(key="live_key") as bank:
        settings.YOOKASSA_API_URL = f"{bank.url}/v3"
        settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY = bank.shop_id, bank.key
        settings.YOOKASSA_WEBHOOK_NETWORKS = ["127.0.0.1/32"]
        rates(timezone.now())
        yield bank


@pytest.fixture
def web(fan_client: APIClient) -> APIClient:
    Session.objects.update(context="web")
    return fan_client


def placed(web: APIClient, shop: Shop) -> tuple[Order, PaymentAttempt]:
    answer = post(web, shop.drop(hub_quota=10), "sbp", email=EMAIL)
    assert answer.status_code == 201, answer.content
    order = Order.objects.get(pk=answer.json()["id"])
    return order, order.attempts.get()


def test_a_receipt_needs_an_address(shop: Shop, web: APIClient, bank: YooKassaSandbox) -> None:
    answer = post(web, shop.drop(hub_quota=10), "sbp")
    assert (answer.status_code, answer.json()["code"]) == (400, "email_required")
    assert not Order.objects.exists()
    assert not bank.payments


def test_paid_by_sbp(shop: Shop, web: APIClient, bank: YooKassaSandbox, client: Any) -> None:
    order, attempt = placed(web, shop)
    assert (attempt.acquirer, attempt.amount) == ("yookassa", ASKED)
    assert attempt.handoff["url"].startswith(bank.url)
    bank.act_pay(id=str(attempt.reference))
    for event in bank.events * 2:
        assert deliver(client, "yookassa", event).status_code == 200
    refresh(attempt)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.fee) == ("confirmed", ASKED * 70 // 10_000)
    assert fresh(order).state == Order.State.FULFILLING
    assert owed(order, "RUB") == at_provider("yookassa", "RUB") == ASKED


def test_a_notification_from_elsewhere_is_refused(
    shop: Shop, web: APIClient, bank: YooKassaSandbox, client: Any, settings: Settings
) -> None:
    order, attempt = placed(web, shop)
    settings.YOOKASSA_WEBHOOK_NETWORKS = ["185.71.76.0/27"]
    bank.act_pay(id=str(attempt.reference))
    assert deliver(client, "yookassa", bank.events[0]).status_code == 403
    assert fresh(order).state == Order.State.AWAITING_PAYMENT


def test_a_body_that_lies_changes_nothing(
    shop: Shop, web: APIClient, bank: YooKassaSandbox, client: Any
) -> None:
    """The notification says paid; the payment itself says pending."""
    order, attempt = placed(web, shop)
    bank._notify("payment.succeeded", {**bank.payments[str(attempt.reference)], "paid": True})
    assert deliver(client, "yookassa", bank.events[0]).status_code == 200
    refresh(attempt)
    assert fresh(order).state == Order.State.AWAITING_PAYMENT


@pytest.mark.parametrize("fault", ["error_after_effect", "unavailable"])
def test_an_unknown_outcome_is_found_or_made_anew(
    shop: Shop, web: APIClient, bank: YooKassaSandbox, fault: str
) -> None:
    setattr(bank.faults, fault, 1)
    _, attempt = placed(web, shop)
    assert attempt.state == PaymentAttempt.State.UNKNOWN
    submitting.attempt_submit(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.OPEN
    assert len(bank.payments) == 1


def test_a_declined_payment_ends_the_attempt(
    shop: Shop, web: APIClient, bank: YooKassaSandbox
) -> None:
    order, attempt = placed(web, shop)
    bank.act_decline(id=str(attempt.reference))
    refresh(attempt)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.error) == ("failed", "declined")
    assert expiry.orders_expire(now=timezone.now() + timedelta(hours=2)) == 1
    assert (fresh(order).state, fresh(order).reason) == ("cancelled", "declined")


@pytest.mark.parametrize("fails", [False, True])
def test_a_partial_refund_has_its_own_receipt(
    shop: Shop, web: APIClient, bank: YooKassaSandbox, *, fails: bool
) -> None:
    order, attempt = placed(web, shop)
    bank.act_pay(id=str(attempt.reference))
    refresh(attempt)
    attempt.refresh_from_db()
    bank.faults.fail_refund = int(fails)
    refund = refunds.refund_request(
        attempt=attempt,
        amount=1_000,
        reason="goodwill",
        origin=Refund.Origin.STAFF,
        cause=Cause("staff"),
        actor=person("finance"),
    )
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == ("failed" if fails else "done")
    left = ASKED if fails else ASKED - 1_000
    assert at_provider("yookassa", "RUB") == owed(order, "RUB") == left
    assert balanced()


def test_without_an_acquirer_the_method_is_not_offered(
    shop: Shop, web: APIClient, bank: YooKassaSandbox
) -> None:
    MethodSwitch.objects.create(method="yookassa", on=False, reason="their incident")
    answer = post(web, shop.drop(hub_quota=10), "sbp", email=EMAIL)
    assert (answer.status_code, answer.json()["code"]) == (400, "method_unavailable")
    assert not Order.objects.exists()
