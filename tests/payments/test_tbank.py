"""SBP by T-Bank: signed both ways, told twice at once, refunded by what is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from deploy.local.sandbox.tbank import TBankSandbox
from payments.models import Order, PaymentAttempt, Refund
from payments.providers import off_chain
from payments.providers.sbp import receipt
from payments.providers.sbp.tbank import token
from payments.services import expiry, refreshing, refunds, submitting
from payments.services.events import Cause
from payments.services.reconciliation import reconcile
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, deliver, owed, post, rates, refresh

pytestmark = pytest.mark.django_db
ASKED = 68_175  # 2.5 coins at 270.00 roubles and 1% spread
EMAIL = "fan@example.org"


@pytest.fixture
def bank(settings: Settings) -> Iterator[TBankSandbox]:
    with TBankSandbox(password="secret") as bank:
        settings.TBANK_API_URL = f"{bank.url}/v2"
        settings.TBANK_TERMINAL_KEY, settings.TBANK_PASSWORD = bank.terminal, bank.password
        settings.SBP_ACQUIRERS = ["tbank", "yookassa"]
        settings.PUBLIC_URL = "http://127.0.0.1:1"  # nobody listens: told by hand
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


def paid(web: APIClient, shop: Shop, bank: TBankSandbox) -> tuple[Order, PaymentAttempt]:
    order, attempt = placed(web, shop)
    bank.act_pay(id=str(attempt.reference))
    refresh(attempt)
    attempt.refresh_from_db()
    return order, attempt


def ask(attempt: PaymentAttempt, amount: int | None = None) -> Refund:
    return refunds.refund_request(
        attempt=attempt,
        amount=amount,
        reason="goodwill",
        origin=Refund.Origin.SHOP,
        cause=Cause("test"),
    )


def test_the_token_is_that_of_the_vector() -> None:
    values = {
        "TerminalKey": "DEMO", "Amount": 19_200, "OrderId": "A1", "Description": "x",
        "DATA": {"a": 1}, "Token": "left out",
    }  # fmt: skip
    assert token(values, "pw") == (
        "d32b2bdc3369931ac41405aca658a42defd6c8a4201db674e64230352378afb6"
    )


def test_a_receipt_needs_an_address(shop: Shop, web: APIClient, bank: TBankSandbox) -> None:
    answer = post(web, shop.drop(hub_quota=10), "sbp")
    assert (answer.status_code, answer.json()["code"]) == (400, "email_required")
    assert not bank.payments
    assert not Order.objects.exists()


def test_what_is_too_little_for_the_bank_is_not_offered(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    answer = post(web, shop.drop(hub_quota=10, price=36 * 10**6), "sbp", email=EMAIL)
    assert (answer.status_code, answer.json()["code"]) == (409, "amount_refused")
    assert not bank.payments


@pytest.mark.parametrize("turn", [1, -1])
def test_paid_in_whichever_order_it_is_told(
    shop: Shop, web: APIClient, bank: TBankSandbox, client: Any, turn: int
) -> None:
    order, attempt = placed(web, shop)
    assert (attempt.acquirer, attempt.amount) == ("tbank", ASKED)
    assert attempt.handoff["url"].startswith(bank.url)
    bank.act_pay(id=str(attempt.reference))
    told = sorted(bank.events, key=lambda one: str(orjson.loads(one.body)["Status"]))[::turn]
    assert len(told) == 2
    for event in told * 2:
        answer = deliver(client, "tbank", event)
        assert (answer.status_code, answer.content) == (200, b"OK")
    refresh(attempt)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.paid) == ("confirmed", ASKED)
    assert fresh(order).state == Order.State.FULFILLING
    assert owed(order, "RUB") == at_provider("tbank", "RUB") == ASKED


@pytest.mark.parametrize("wrong", ["password", "terminal", "amount"])
def test_a_forged_notification_is_refused(
    shop: Shop, web: APIClient, bank: TBankSandbox, client: Any, wrong: str
) -> None:
    order, attempt = placed(web, shop)
    bank.act_pay(id=str(attempt.reference))
    event = bank.events[0]
    told = orjson.loads(event.body)
    told |= {"Amount": 1} if wrong == "amount" else {}
    told |= {"TerminalKey": "Other"} if wrong == "terminal" else {}
    if wrong != "amount":
        told["Token"] = token(told, "other" if wrong == "password" else bank.password)
    event.body = orjson.dumps(told)
    assert deliver(client, "tbank", event).status_code == 403
    assert fresh(order).state == Order.State.AWAITING_PAYMENT
    assert at_provider("tbank", "RUB") == 0


def test_authorized_alone_is_no_payment(shop: Shop, web: APIClient, bank: TBankSandbox) -> None:
    order, attempt = placed(web, shop)
    bank.payments[str(attempt.reference)]["Status"] = "AUTHORIZED"
    refresh(attempt)
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.PROCESSING
    assert fresh(order).state == Order.State.AWAITING_PAYMENT


def test_told_before_the_answer_of_init_it_is_known_by_our_key(
    shop: Shop, web: APIClient, bank: TBankSandbox, client: Any
) -> None:
    bank.faults.error_after_effect = 1
    order, attempt = placed(web, shop)
    assert (attempt.state, attempt.reference) == ("unknown", None)
    (number,) = bank.payments
    bank.act_pay(id=number)
    for event in bank.events:
        assert deliver(client, "tbank", event).status_code == 200
    assert refreshing.attempt_refresh(attempt_id=attempt.pk, cause=Cause("test")) is False
    attempt.refresh_from_db()
    assert (attempt.state, attempt.external_id) == ("confirmed", number)
    assert fresh(order).state == Order.State.FULFILLING


@pytest.mark.parametrize("fault", ["error_after_effect", "unavailable", "too_many"])
def test_an_unknown_outcome_leaves_one_payment_that_can_be_paid(
    shop: Shop, web: APIClient, bank: TBankSandbox, fault: str
) -> None:
    setattr(bank.faults, fault, 1)
    _, attempt = placed(web, shop)
    assert attempt.state == PaymentAttempt.State.UNKNOWN
    submitting.attempt_submit(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.OPEN
    states = sorted(one["Status"] for one in bank.payments.values())
    assert states == (["CANCELED", "NEW"] if fault == "error_after_effect" else ["NEW"])
    assert bank.payments[str(attempt.reference)]["Status"] == "NEW"


def test_a_declined_payment_ends_the_attempt(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = placed(web, shop)
    bank.act_decline(id=str(attempt.reference))
    refresh(attempt)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.error) == ("failed", "declined")
    assert expiry.orders_expire(now=timezone.now() + timedelta(hours=2)) == 1
    assert (fresh(order).state, fresh(order).reason) == ("cancelled", "declined")


def test_what_is_given_up_cannot_be_paid_any_more(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = placed(web, shop)
    assert expiry.orders_expire(now=timezone.now() + timedelta(hours=2)) == 1
    assert bank.payments[str(attempt.reference)]["Status"] == "CANCELED"
    assert fresh(order).state == Order.State.EXPIRED


def test_what_was_paid_is_not_cancelled_but_known(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    """T-Bank's Cancel of a paid payment would be a refund."""
    order, attempt = placed(web, shop)
    bank.act_pay(id=str(attempt.reference), silent=True)
    assert submitting.attempt_stop(attempt_id=attempt.pk)
    assert bank.payments[str(attempt.reference)]["Status"] == "CONFIRMED"
    assert fresh(order).state == Order.State.FULFILLING
    assert at_provider("tbank", "RUB") == ASKED


def test_refunded_in_parts_and_whole_each_with_its_receipt(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = paid(web, shop, bank)
    for amount in (1_000, 1_000, None):
        refunds.refund_submit(refund_id=ask(attempt, amount).pk)
    assert {one.state for one in Refund.objects.all()} == {"done"}
    rows = [(row["amount"], row["receipt"]["Items"][0]["Amount"]) for row in bank.cancels.values()]
    assert rows == [(1_000, 1_000), (1_000, 1_000), (ASKED - 2_000, ASKED - 2_000)]
    assert bank.payments[str(attempt.reference)]["Status"] == "REFUNDED"
    assert at_provider("tbank", "RUB") == owed(order, "RUB") == 0
    assert balanced()


def test_a_lost_answer_to_a_refund_is_asked_for_and_not_sent_twice(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = paid(web, shop, bank)
    first, second = ask(attempt, 1_000), ask(attempt, 1_000)
    bank.faults.error_after_effect = 1
    with pytest.raises(Exception, match="500"):
        refunds.refund_submit(refund_id=first.pk)
    refresh(attempt)  # what the notification brings about, before anybody asks again
    for one in (second, first, second):
        refunds.refund_submit(refund_id=one.pk)
    assert [one.state for one in Refund.objects.all()] == ["done", "done"]
    assert len(bank.cancels) == 2
    assert at_provider("tbank", "RUB") == owed(order, "RUB") == ASKED - 2_000


def test_a_refund_that_the_payers_bank_refuses_is_owed_again(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = paid(web, shop, bank)
    refund = ask(attempt, 1_000)
    bank.faults.fail_refund = 1
    for _ in range(2):  # under way, then refused
        refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.error) == ("failed", "refused by the payer's bank")
    assert fresh(order).reason == "refund_failed"
    assert at_provider("tbank", "RUB") == owed(order, "RUB") == ASKED
    assert balanced()


def test_what_the_bank_gave_back_by_itself_is_booked_once(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = paid(web, shop, bank)
    refunds.refund_submit(refund_id=ask(attempt, 500).pk)
    for amount in (700, None):
        bank.act_refund_external(id=str(attempt.reference), amount=amount)
        for _ in range(2):
            refresh(attempt)
    rows = list(Refund.objects.order_by("id").values_list("amount", "origin", "state"))
    assert rows == [
        (500, "shop", "done"), (700, "external", "done"), (ASKED - 1_200, "external", "done"),
    ]  # fmt: skip
    assert at_provider("tbank", "RUB") == owed(order, "RUB") == 0
    assert balanced()


def test_reconciliation_asks_about_each_of_ours(
    shop: Shop, web: APIClient, bank: TBankSandbox
) -> None:
    order, attempt = placed(web, shop)
    bank.act_pay(id=str(attempt.reference), silent=True)
    assert [one.reference for one in off_chain("sbp").list_since(attempt.created_at)] == [
        attempt.reference
    ]
    (case,) = [one for one in reconcile() if one.source == "sbp"]
    assert (case.kind, case.closed_at is None) == ("missed", False)
    assert fresh(order).state == Order.State.FULFILLING


@pytest.mark.parametrize("code", range(1, 13))
def test_every_vat_code_has_its_name_at_the_bank(
    shop: Shop, web: APIClient, bank: TBankSandbox, settings: Settings, code: int
) -> None:
    _, attempt = placed(web, shop)
    settings.RECEIPT_VAT_CODE = code
    (line,) = receipt.tbank(attempt, ASKED)["Items"]
    assert (line["Tax"] == "none") == (code == 1)
