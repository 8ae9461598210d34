"""Money outside the chain: what is paid is owed, once; what cannot be given goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from core.money import Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import (
    ClaimRight,
    DropQuota,
    MethodSwitch,
    Order,
    PaymentAttempt,
    Refund,
    Reservation,
)
from payments.providers.base import ProviderState, Status
from payments.services import expiry, outcomes, refreshing, refunds, submitting
from payments.services.events import Cause
from tests.payments.acts import fresh
from tests.payments.conftest import PRICE, Shop
from tests.payments.off_chain import (
    at_provider,
    balanced,
    claim_of,
    deliver,
    owed,
    post,
    rates,
    refresh,
)

pytestmark = pytest.mark.django_db
ASKED = 758  # 2.5 coins at 3.00 dollars and 1% spread, rounded up to the cent


@pytest.fixture
def box(settings: Settings) -> Iterator[StripeSandbox]:
    with StripeSandbox() as box:
        settings.STRIPE_API_URL = box.url
        settings.STRIPE_SECRET_KEY = box.key
        settings.STRIPE_WEBHOOK_SECRETS = [box.webhook_secret]
        rates(timezone.now())
        yield box


@pytest.fixture
def web(fan_client: APIClient) -> APIClient:
    """The fan in an ordinary browser."""
    Session.objects.update(context="web")
    return fan_client


def placed(web: APIClient, shop: Shop, **terms: Any) -> tuple[Order, PaymentAttempt]:
    drop = shop.drop(**{"hub_quota": 10, **terms})
    answer = post(web, drop, "stripe")
    assert answer.status_code == 201, answer.content
    order = Order.objects.get(pk=answer.json()["id"])
    return order, order.attempts.get()


def pay(box: StripeSandbox, attempt: PaymentAttempt) -> None:
    box.act_pay(id=str(attempt.reference))


def test_an_order_leads_to_the_providers_page_and_keeps_its_edition(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    body = web.get(f"/api/v1/orders/{order.pk}").json()
    (told,) = body["attempts"]
    assert told["state"] == "open"
    assert told["handoff"]["url"].startswith(box.url)
    assert told["amount"] == {"asset": "USD", "amount": str(ASKED)}
    assert body["total"] == {"asset": "TON", "amount": str(PRICE)}
    assert DropQuota.objects.get().taken == 1
    assert Reservation.objects.get().expires_at > attempt.valid_until
    session = box.sessions[str(attempt.reference)]
    assert session["metadata"] == {"attempt_id": str(attempt.pk)}


def test_inside_telegram_no_other_method_is_taken(
    shop: Shop, fan_client: APIClient, box: StripeSandbox
) -> None:
    answer = post(fan_client, shop.drop(hub_quota=10), "stripe")
    assert (answer.status_code, answer.json()["code"]) == (400, "method_unavailable")
    assert not Order.objects.exists()
    assert not DropQuota.objects.exists()
    assert not box.sessions


def test_a_payment_becomes_a_claim_and_is_owed(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    order, attempt = fresh(order), order.attempts.get()
    assert order.state == Order.State.FULFILLING
    assert (attempt.state, attempt.paid, attempt.flags) == ("confirmed", ASKED, [])
    assert attempt.fee == ASKED * 290 // 10_000 + 30
    assert claim_of(order).holder == shop.fan
    assert owed(order, "USD") == at_provider("stripe", "USD") == ASKED
    assert Reservation.objects.get().state == Reservation.State.USED
    assert balanced()


def test_events_in_any_order_and_twice_end_the_same(
    shop: Shop, web: APIClient, box: StripeSandbox, client: Any
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    box.act_refund_external(id=str(attempt.reference), amount=100)
    box.act_refund_external(id=str(attempt.reference), amount=58)
    for events in permutations(box.events):
        for event in (*events, events[0]):
            assert deliver(client, "stripe", event).status_code == 200
        refresh(attempt)
    order = fresh(order)
    assert [one.amount for one in Refund.objects.order_by("amount")] == [58, 100]
    assert at_provider("stripe", "USD") == ASKED - 158
    assert owed(order, "USD") == ASKED - 158
    assert order.state == Order.State.NEEDS_ATTENTION
    assert order.reason == "refunded_outside"
    assert balanced()


def test_a_forged_event_is_refused_and_blocks_nothing(
    shop: Shop, web: APIClient, box: StripeSandbox, client: Any
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    (event,) = box.events
    box.webhook_secret = "whsec_other"
    assert deliver(client, "stripe", event).status_code == 403
    assert fresh(order).state == Order.State.AWAITING_PAYMENT
    box.webhook_secret = "whsec_sandbox"
    assert deliver(client, "stripe", event).status_code == 200
    refresh(attempt)
    assert fresh(order).state == Order.State.FULFILLING


def test_a_lost_answer_is_found_by_our_key(shop: Shop, web: APIClient, box: StripeSandbox) -> None:
    box.faults.error_after_effect = 2  # the SDK asks a second time and gets the stored 500
    order, attempt = placed(web, shop)
    assert attempt.state == PaymentAttempt.State.UNKNOWN
    assert post_again(web, order).json()["code"] == "attempt_pending"
    submitting.attempt_submit(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.OPEN
    assert len(box.sessions) == 1


def post_again(web: APIClient, order: Order, method: str = "stripe") -> Any:
    return web.post(
        f"/api/v1/orders/{order.pk}/attempts",
        {"method": method},
        headers={"Idempotency-Key": f"again-{order.attempts.count()}"},
    )


def test_what_was_given_up_before_it_was_answered_is_ended_at_its_provider(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    box.faults.error_after_effect = 2
    order, attempt = placed(web, shop)
    assert post_again(web, order, "ton").status_code == 201
    (session,) = box.sessions.values()
    assert session["status"] == "open"
    submitting.attempt_cancel(attempt_id=attempt.pk)
    assert session["status"] == "expired"
    attempt.refresh_from_db()
    assert (attempt.state, attempt.reference) == ("cancelled", session["id"])


def test_what_was_given_up_before_it_was_answered_and_paid_is_known(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    box.faults.error_after_effect = 2
    order, attempt = placed(web, shop)
    post_again(web, order, "ton")
    (session,) = box.sessions.values()
    box.act_pay(id=session["id"])
    refresh(attempt)
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.CONFIRMED
    assert fresh(order).state == Order.State.FULFILLING
    assert at_provider("stripe", "USD") == ASKED
    box.act_refund_external(id=session["id"])  # what becomes of it later is heard of as well
    refresh(attempt)
    assert at_provider("stripe", "USD") == 0


def test_an_unpaid_order_ends_and_gives_its_edition_back(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    assert expiry.orders_expire(now=timezone.now() + timedelta(hours=1)) == 1
    order, attempt = fresh(order), order.attempts.get()
    assert (order.state, attempt.state) == ("expired", "expired")
    assert box.sessions[str(attempt.reference)]["status"] == "expired"
    assert DropQuota.objects.get().taken == 0


def test_a_late_payment_is_taken_when_there_is_still_an_edition(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    Order.objects.update(state="expired", reason="unpaid")
    Reservation.objects.update(state="released")
    DropQuota.objects.update(taken=0)
    pay(box, attempt)
    refresh(attempt)
    assert fresh(order).state == Order.State.FULFILLING
    assert order.attempts.get().flags == ["late"]
    assert DropQuota.objects.get().taken == 1


def test_a_late_payment_goes_back_when_the_drop_is_gone(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop, hub_quota=1)
    Order.objects.update(state="expired", reason="unpaid")
    Reservation.objects.update(state="released")  # and somebody else took the last copy
    pay(box, attempt)
    refresh(attempt)
    (refund,) = Refund.objects.all()
    assert (refund.state, refund.reason, refund.amount) == ("approved", "paid_late", ASKED)
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == Refund.State.DONE
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0
    assert not ClaimRight.objects.exists()
    assert balanced()


def test_an_attempt_that_was_given_up_and_paid_is_sent_back(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, first = placed(web, shop)
    assert post_again(web, order).status_code == 201
    second = order.attempts.latest("id")
    for attempt in (second, first):
        pay(box, attempt)
        refresh(attempt)
    assert claim_of(order).state == ClaimRight.State.OPEN
    first.refresh_from_db()
    assert first.flags == ["duplicate"]
    (refund,) = Refund.objects.all()
    assert (refund.attempt, refund.reason) == (first, "duplicate")
    refunds.refund_submit(refund_id=refund.pk)
    assert owed(order, "USD") == at_provider("stripe", "USD") == ASKED


@pytest.mark.parametrize(
    ("paid", "flag"),
    [
        (Money("USD", ASKED - 1), "short"),
        (Money("USD", ASKED + 1), "over"),
        (Money("RUB", ASKED), "foreign_currency"),
    ],
)
def test_another_amount_than_asked_waits_for_a_person(
    shop: Shop, web: APIClient, box: StripeSandbox, paid: Money, flag: str
) -> None:
    order, attempt = placed(web, shop)
    state = ProviderState(Status.PAID, paid=paid, external_id="pi_other")
    for _ in range(2):
        outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("test"))
    order = fresh(order)
    assert (order.state, order.reason) == ("needs_attention", "wrong_amount")
    assert order.attempts.get().flags == [flag]
    assert owed(order, paid.asset) == paid.amount
    assert not ClaimRight.objects.exists()


def test_the_switch_stops_new_attempts_and_open_ones_complete(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    MethodSwitch.objects.create(method="stripe", on=False, reason="an incident")
    assert post_again(web, order).json()["code"] == "method_unavailable"
    pay(box, attempt)
    refresh(attempt)
    assert fresh(order).state == Order.State.FULFILLING


def test_the_poller_finds_a_payment_that_nobody_told_of(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    box.act_pay(id=str(attempt.reference), silent=True)
    assert refreshing.attempts_poll() == 0  # too early
    PaymentAttempt.objects.update(poll_at=timezone.now())
    assert refreshing.attempts_poll() == 1
    assert fresh(order).state == Order.State.FULFILLING


def test_a_refund_before_the_mint_revokes_the_claim(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    box.act_refund_external(id=str(attempt.reference))
    refresh(attempt)
    order = fresh(order)
    assert (order.state, order.reason) == ("cancelled", "refunded")
    assert claim_of(order).state == ClaimRight.State.REVOKED
    assert DropQuota.objects.get().taken == 0
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0


def test_a_refund_that_fails_after_it_had_succeeded_is_owed_again(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    box.act_refund_external(id=str(attempt.reference))
    refresh(attempt)
    box.act_refund_late_fail(id=next(iter(box.refunds)))
    refresh(attempt)
    order = fresh(order)
    assert (order.state, order.reason) == ("needs_attention", "refund_failed")
    assert at_provider("stripe", "USD") == owed(order, "USD") == ASKED
    assert balanced()


@pytest.mark.parametrize(("verdict", "state"), [("won", "open"), ("lost", "revoked")])
def test_a_dispute_freezes_the_claim_until_it_is_decided(
    shop: Shop, web: APIClient, box: StripeSandbox, verdict: str, state: str
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    dispute = box.act_dispute(id=str(attempt.reference))
    refresh(attempt)
    assert claim_of(order).frozen
    assert at_provider("stripe", "USD") == 0
    box.act_dispute_close(id=dispute["id"], status=verdict)
    refresh(attempt)
    claim = claim_of(order)
    assert (claim.state, claim.frozen) == (state, verdict == "lost")
    assert at_provider("stripe", "USD") == (ASKED if verdict == "won" else 0)
    assert balanced()
