"""A provider that is silent takes no new payments; others do, and who has paid does not wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from core.models import AuditRecord
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox
from payments.metrics import providers_away
from payments.models import MethodSwitch, Order, PaymentAttempt, ProviderHealth
from payments.providers import provider
from payments.providers.base import ProviderError
from payments.services import health, offers, policy, polling, refreshing, submitting
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import post, rates, refresh
from tests.people import pages, person

pytestmark = pytest.mark.django_db
EMAIL = "fan@example.org"
State = ProviderHealth.State


@pytest.fixture
def banks(settings: Settings) -> Iterator[tuple[YooKassaSandbox, TBankSandbox]]:
    with YooKassaSandbox(key="k") as first, TBankSandbox(password="p") as second:
        settings.YOOKASSA_API_URL = f"{first.url}/v3"
        settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY = first.shop_id, first.key
        settings.TBANK_API_URL = f"{second.url}/v2"
        settings.TBANK_TERMINAL_KEY, settings.TBANK_PASSWORD = second.terminal, second.password
        settings.PUBLIC_URL = "http://127.0.0.1:1"
        rates(timezone.now())
        yield first, second


@pytest.fixture
def box(settings: Settings) -> Iterator[StripeSandbox]:
    with StripeSandbox() as box:
        settings.STRIPE_API_URL, settings.STRIPE_SECRET_KEY = box.url, box.key
        settings.STRIPE_WEBHOOK_SECRETS = [box.webhook_secret]
        rates(timezone.now())
        yield box


@pytest.fixture
def web(fan_client: APIClient) -> APIClient:
    Session.objects.update(context="web")
    return fan_client


def fail(acquirer: str, times: int = health.FAILURES) -> None:
    for _ in range(times):
        health.acquirer_failed(acquirer=acquirer, code="unavailable")


def state(acquirer: str) -> str:
    return str(ProviderHealth.objects.get(pk=acquirer).state)


def order(web: APIClient, shop: Shop, method: str) -> PaymentAttempt:
    answer = post(web, shop.drop(hub_quota=10), method, email=EMAIL)
    assert answer.status_code == 201, answer.content
    return PaymentAttempt.objects.get(order_id=answer.json()["id"])


def test_it_opens_after_silence_in_a_row_and_not_before(db: None) -> None:
    fail("stripe", health.FAILURES - 1)
    health.acquirer_answered(acquirer="stripe")
    fail("stripe", health.FAILURES - 1)
    assert state("stripe") == State.CLOSED
    fail("stripe", 1)
    assert state("stripe") == State.OPEN
    assert AuditRecord.objects.filter(action="payments.provider_opened").count() == 1


def test_failures_that_lie_far_apart_open_nothing(db: None) -> None:
    for _ in range(2 * health.FAILURES):
        fail("stripe", 1)
        ProviderHealth.objects.update(failed_at=timezone.now() - 2 * health.TOGETHER)
    assert state("stripe") == State.CLOSED


def test_a_refusal_is_an_answer(db: None) -> None:
    fail("stripe", health.FAILURES - 1)
    for _ in range(9):
        with pytest.raises(ProviderError), health.watched("stripe"):
            raise ProviderError("amount_too_small", retry=False)
    assert state("stripe") == State.CLOSED
    assert ProviderHealth.objects.get().failures == 0


def test_an_open_breaker_says_when_it_asks_again(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderHealth.objects.create(acquirer="stripe", state=State.OPEN)


@pytest.mark.parametrize("fault", ["unavailable", "error_after_effect", "too_many"])
def test_calls_that_get_no_answer_open_it(
    shop: Shop, web: APIClient, banks: tuple[YooKassaSandbox, TBankSandbox], fault: str
) -> None:
    setattr(banks[0].faults, fault, health.FAILURES)
    for _ in range(health.FAILURES):
        order(web, shop, "sbp")
    assert state("yookassa") == State.OPEN
    assert order(web, shop, "sbp").acquirer == "tbank"
    assert len(banks[1].payments) == 1


def test_while_it_is_away_the_method_is_not_offered_and_staff_read_why(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    drop = shop.drop(hub_quota=10)

    def shown() -> set[str]:
        found = offers.offers_of(
            collection=drop, unit_price=drop.price, quantity=1, context="web", now=timezone.now()
        )
        return {one.method for one in found}

    assert "stripe" in shown()
    fail("stripe")
    decision = policy.decide(method="stripe", context="web", asset="USD")
    assert (decision.allowed, decision.reason) == (False, "It does not answer: unavailable")
    assert "stripe" not in shown()
    assert "ton" in shown()
    answer = post(web, drop, "stripe")
    assert (answer.status_code, answer.json()["code"]) == (400, "method_unavailable")
    assert not Order.objects.exists()
    assert providers_away() == {"stripe": 1.0}


def test_sbp_goes_on_until_every_acquirer_is_away_or_off(
    shop: Shop, web: APIClient, banks: tuple[YooKassaSandbox, TBankSandbox]
) -> None:
    fail("yookassa")
    assert policy.decide(method="sbp", context="web", asset="RUB").allowed
    MethodSwitch.objects.create(method="tbank", on=False, reason="their incident")
    decision = policy.decide(method="sbp", context="web", asset="RUB")
    assert (decision.allowed, decision.reason) == (False, "It does not answer: unavailable")
    answer = post(web, shop.drop(hub_quota=10), "sbp", email=EMAIL)
    assert answer.json()["code"] == "method_unavailable"
    assert not Order.objects.exists()


def test_open_payments_are_asked_about_slowly_one_at_a_time_and_at_once_when_it_is_back(
    shop: Shop, web: APIClient, box: StripeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = [order(web, shop, "stripe") for _ in range(3)]
    box.act_pay(id=str(attempts[2].reference), silent=True)
    fail("stripe")
    asked: list[int] = []
    real = type(provider("stripe")).fetch

    def silent(_: Any, given: Any) -> Any:
        asked.append(len(given))
        raise ProviderError("unavailable", retry=True, away=True)

    monkeypatch.setattr(type(provider("stripe")), "fetch", silent)
    now = timezone.now()
    PaymentAttempt.objects.update(poll_at=now)
    assert refreshing.attempts_poll() == 0
    assert asked == [1]
    assert all((one.poll_at or now) >= now + polling.SLOW for one in PaymentAttempt.objects.all())
    monkeypatch.setattr(type(provider("stripe")), "fetch", real)
    ProviderHealth.objects.update(probe_at=now)
    assert health.acquirers_probe() == 1
    assert state("stripe") == State.CLOSED
    assert AuditRecord.objects.filter(action="payments.provider_closed").count() == 1
    assert refreshing.attempts_poll() == 3
    assert fresh(attempts[2].order).state == Order.State.FULFILLING


def test_the_last_look_at_an_ended_payment_is_not_used_up_by_silence(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    """Found by the simulation, seed 32: money that came late was never looked for again."""
    attempts = [order(web, shop, "stripe") for _ in range(2)]
    fail("stripe")
    ended = timezone.now() - timedelta(days=2)
    PaymentAttempt.objects.update(state="cancelled", valid_until=ended, poll_at=timezone.now())
    assert refreshing.attempts_poll() == 1  # of an acquirer that is away one is asked about
    (other,) = PaymentAttempt.objects.filter(poll_at__gt=timezone.now())
    assert other in attempts


def test_an_answer_to_an_open_payment_closes_it_too(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    attempt = order(web, shop, "stripe")
    fail("stripe")
    box.act_pay(id=str(attempt.reference), silent=True)
    refresh(attempt)
    assert state("stripe") == State.CLOSED
    assert fresh(attempt.order).state == Order.State.FULFILLING


def test_a_probe_that_fails_waits_longer_each_time(
    box: StripeSandbox, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    fail("stripe")
    asked: list[str] = []

    def silent(_: Any, acquirer: str) -> None:
        asked.append(state(acquirer))
        raise ProviderError("unavailable", retry=True, away=True)

    monkeypatch.setattr(type(provider("stripe")), "ping", silent)
    pauses = []
    for _ in range(8):
        assert health.acquirers_probe() == 0  # not its time yet
        ProviderHealth.objects.update(probe_at=timezone.now())
        assert health.acquirers_probe() == 0
        row = ProviderHealth.objects.get()
        assert row.probe_at is not None
        pauses.append(round((row.probe_at - timezone.now()).total_seconds()))
    assert asked == ["trying"] * 8
    assert pauses[:3] == [60, 120, 240]
    assert pauses[-1] == health.LONGEST_PAUSE.total_seconds()
    assert state("stripe") == State.OPEN


def test_a_prober_that_died_leaves_it_to_the_next(box: StripeSandbox, db: None) -> None:
    fail("stripe")
    ProviderHealth.objects.update(
        state=State.TRYING, probe_at=timezone.now() - timedelta(seconds=1)
    )
    assert health.acquirers_probe() == 1
    assert state("stripe") == State.CLOSED


@pytest.mark.parametrize("acquirer", ["yookassa", "tbank"])
def test_both_banks_answer_a_probe(
    banks: tuple[YooKassaSandbox, TBankSandbox], acquirer: str, db: None
) -> None:
    fail(acquirer)
    ProviderHealth.objects.update(probe_at=timezone.now())
    assert health.acquirers_probe() == 1
    assert state(acquirer) == State.CLOSED


def test_an_unknown_create_counts_and_its_search_closes(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    box.faults.error_after_effect = 2  # the SDK's repeat gets the stored one
    attempt = order(web, shop, "stripe")
    assert ProviderHealth.objects.get(pk="stripe").failures == 1
    submitting.attempt_submit(attempt_id=attempt.pk)
    assert ProviderHealth.objects.get(pk="stripe").failures == 0


def test_finance_sees_it_on_the_desk_and_cannot_change_it(db: None) -> None:
    finance = pages(person("finance"))
    assert "Providers that do not answer" in finance.get("/admin/").content.decode()
    fail("stripe")
    assert "asked again by itself" in finance.get("/admin/").content.decode()
    listed = finance.get("/admin/payments/providerhealth/").content.decode()
    assert "Does not answer" in listed
    assert finance.post("/admin/payments/providerhealth/add/", {}).status_code == 403
    assert pages(person("moderator")).get("/admin/payments/providerhealth/").status_code == 403
