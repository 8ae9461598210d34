"""What staff do with money on the desk: refund, approve, switch off, pay out; each is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.models import AuditRecord
from core.money import Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import LedgerAccount, MethodSwitch, PaymentMethodPolicy, PayoutBatch, Refund
from tests.payments.acts import fresh
from tests.payments.chain import COIN
from tests.payments.conftest import REFERRER, STRANGER, Shop
from tests.payments.conftest import person as fan_named
from tests.payments.off_chain import post, refresh
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.payments.test_payouts import earn
from tests.people import pages, person

pytestmark = pytest.mark.django_db
__all__ = ["box", "web"]  # fixtures


@pytest.fixture
def finance() -> Client:
    return pages(person("finance"))


@pytest.fixture
def second() -> Client:
    """Another person of the same role."""
    user = person("second")
    user.is_staff = True
    user.save()
    user.groups.set(person("finance").groups.all())
    return pages(user)


def act(client: Client, model: str, action: str, *rows: Any) -> Any:
    """An action of a list, on some of its rows."""
    return client.post(
        reverse(f"admin:payments_{model}_changelist"),
        {"action": action, "_selected_action": [str(row.pk) for row in rows]},
        follow=True,
    )


def audited() -> list[str]:
    return list(AuditRecord.objects.order_by("id").values_list("action", flat=True))


def test_finance_refunds_and_above_the_limit_another_person_approves(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client, second: Client, settings: Any
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    settings.REFUND_LIMITS = {"USD": ASKED - 1}
    page = reverse("admin:payments_paymentattempt_refund", args=[attempt.pk])
    assert "7.58" in finance.get(page).content.decode()
    told = finance.post(page, {"amount": "", "note": "The fan asked"}, follow=True)
    assert "waits for a second person" in told.content.decode()
    refund = Refund.objects.get()
    assert "own" in act(finance, "refund", "approve", refund).content.decode().lower()
    refund.refresh_from_db()
    assert refund.state == Refund.State.REQUESTED
    assert "on its way back" in act(second, "refund", "approve", refund).content.decode()
    refund.refresh_from_db()
    assert refund.state == Refund.State.APPROVED
    assert fresh(order).state == "cancelled"
    assert audited()[-2:] == ["payments.refund_requested", "payments.refund_approved"]


@pytest.mark.parametrize("amount", ["0", "-1", "abc", "7.581", "8"])
def test_a_wrong_amount_is_said_at_the_form(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client, amount: str
) -> None:
    _, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    page = reverse("admin:payments_paymentattempt_refund", args=[attempt.pk])
    told = finance.post(page, {"amount": amount, "note": "x"})
    assert told.status_code == 200
    assert "errorlist" in told.content.decode()
    assert not Refund.objects.exists()


@pytest.mark.parametrize("name", ["moderator", "stranger"])
def test_nobody_else_refunds(shop: Shop, web: APIClient, box: StripeSandbox, name: str) -> None:
    _, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    page = reverse("admin:payments_paymentattempt_refund", args=[attempt.pk])
    assert pages(person(name)).post(page, {"note": "mine"}).status_code in (302, 403)
    assert not Refund.objects.exists()


def test_a_switched_off_method_takes_no_new_attempt_and_completes_the_open_one(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client
) -> None:
    order, attempt = placed(web, shop)
    switch = reverse("admin:payments_methodswitch_set")
    finance.post(switch, {"method": "stripe", "on": "off", "reason": ""})
    assert not MethodSwitch.objects.exists()
    told = finance.post(
        switch, {"method": "stripe", "on": "off", "reason": "their incident"}, follow=True
    )
    assert "Open ones still complete" in told.content.decode()
    assert not MethodSwitch.objects.get().on
    answer = post(web, shop.drop(hub_quota=5), "stripe")
    assert (answer.status_code, answer.json()["code"]) == (400, "method_unavailable")
    pay(box, attempt)
    refresh(attempt)
    assert fresh(order).state == "fulfilling"
    finance.post(switch, {"method": "stripe", "on": "on", "reason": ""})
    assert post(web, shop.drop(hub_quota=5), "stripe").status_code == 201
    assert [name for name in audited() if "switched" in name] == [
        "payments.method_switched_off", "payments.method_switched_on",
    ]  # fmt: skip


def test_binance_is_not_allowed_inside_telegram_by_anybody(finance: Client) -> None:
    add = reverse("admin:payments_paymentmethodpolicy_add")
    cell = {"context": "telegram", "goods": "nft", "method": "binance", "reason": "please"}
    told = finance.post(add, {**cell, "country": "*", "asset": "*", "allowed": "yes"})
    assert "Bot terms 7.4" in told.content.decode()
    assert not PaymentMethodPolicy.objects.exists()


def test_a_second_person_approves_a_payout_batch(
    shop: Shop, finance: Client, second: Client
) -> None:
    referrer = fan_named("referrer", REFERRER)
    earn(str(referrer.pk), LedgerAccount.Kind.REFERRAL_PAYABLE, Money("TON", 2 * COIN))
    shop.world.send(STRANGER, shop.world.hub, 5 * COIN)
    page = finance.get(reverse("admin:payments_payoutbatch_changelist")).content.decode()
    assert "2 TON" in page
    finance.post(reverse("admin:payments_payoutbatch_draft"), {"asset": "TON"})
    batch = PayoutBatch.objects.get()
    act(finance, "payoutbatch", "approve", batch)
    batch.refresh_from_db()
    assert batch.state == PayoutBatch.State.DRAFT
    act(second, "payoutbatch", "approve", batch)
    batch.refresh_from_db()
    assert batch.state == PayoutBatch.State.APPROVED
    sign = finance.get(reverse("admin:payments_payoutbatch_sign", args=[batch.pk])).content.decode()
    assert "2 TON" in sign
    assert bytes(batch.body).hex() in sign
    assert [one for one in audited() if "payout" in one] == [
        "payments.payout_drafted", "payments.payout_approved",
    ]  # fmt: skip
