"""Refunds of the shop: in part and whole, before and after the mint, by one or two people."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from core.errors import ApplicationError
from core.models import AuditRecord
from deploy.local.sandbox.stripe import StripeSandbox
from payments import ledger
from payments.models import ClaimRight, DropQuota, LedgerAccount, Order, PaymentAttempt, Refund
from payments.providers.base import ProviderError, RefundState, RefundStatus
from payments.services import refunds, states
from payments.services.events import Cause
from payments.services.settlement import building
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, claim_of, owed, refresh
from tests.payments.settlement.test_batches import method_known, take
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.people import person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
__all__ = ["box", "method_known", "web"]  # fixtures


def ask(attempt: PaymentAttempt, amount: int | None = None) -> Refund:
    return refunds.refund_request(
        attempt=attempt,
        amount=amount,
        reason="staff",
        origin=Refund.Origin.STAFF,
        cause=Cause("staff"),
        actor=person("finance"),
    )


def refused(code: str) -> pytest.RaisesExc[ApplicationError]:
    return pytest.RaisesExc(ApplicationError, check=lambda error: error.code == code)


@pytest.fixture
def paid(shop: Shop, web: APIClient, box: StripeSandbox) -> tuple[Order, PaymentAttempt]:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    attempt.refresh_from_db()
    return order, attempt


def test_the_whole_goes_back_before_the_mint_and_nothing_is_owed(
    paid: tuple[Order, PaymentAttempt],
) -> None:
    order, attempt = paid
    refund = ask(attempt)
    assert (fresh(order).state, fresh(order).reason) == ("cancelled", "refunded")
    assert claim_of(order).state == ClaimRight.State.REVOKED
    assert DropQuota.objects.get().taken == 0
    assert at_provider("stripe", "USD") == ASKED  # not before it was done
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == Refund.State.DONE
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0
    assert balanced()


def test_closing_what_is_open_leaves_what_is_confirmed(
    paid: tuple[Order, PaymentAttempt],
) -> None:
    order, attempt = paid
    with transaction.atomic():
        assert states.attempts_close(order, PaymentAttempt.State.CANCELLED, Cause("test")) == []
    attempt.refresh_from_db()
    assert attempt.state == PaymentAttempt.State.CONFIRMED


def test_a_part_leaves_the_claim(shop: Shop, paid: tuple[Order, PaymentAttempt]) -> None:
    order, attempt = paid
    refunds.refund_submit(refund_id=ask(attempt, 100).pk)
    assert fresh(order).state == "fulfilling"
    assert claim_of(order).state == ClaimRight.State.OPEN
    assert owed(order, "USD") == at_provider("stripe", "USD") == ASKED - 100
    with refused("refund_impossible"):
        ask(attempt, ASKED)
    assert Refund.objects.count() == 1


def test_after_the_mint_every_step_of_the_sale_turns_back(
    shop: Shop, paid: tuple[Order, PaymentAttempt]
) -> None:
    order, attempt = paid
    settlement = building.settlement_build()
    assert settlement is not None
    with refused("refund_impossible"):  # it is being minted
        ask(attempt)
    take(shop, settlement)
    shop.follow()
    fee = ledger.owed(Kind.PSP_FEES, "stripe", "USD").amount
    assert fee > 0
    refund = ask(attempt)
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.after_mint) == ("done", True)
    assert fresh(order).state == "fulfilled"  # what was minted stays minted
    payee = f"artist:{shop.artist.pk}"
    assert ledger.owed(Kind.ARTIST_PAYABLE, payee, "USD").amount == 0
    assert ledger.owed(Kind.PLATFORM_REVENUE, "", "USD").amount == 0
    assert ledger.balance(Kind.LOSSES, "", "USD").amount == fee  # kept by the provider
    assert owed(order, "USD") == at_provider("stripe", "USD") == 0
    assert balanced()


def test_what_was_minted_while_a_refund_waited_turns_its_sale_back(
    shop: Shop, paid: tuple[Order, PaymentAttempt], settings: object
) -> None:
    """Asked for before the mint, approved after it: the books follow the second moment."""
    order, attempt = paid
    settings.REFUND_LIMITS = {"USD": ASKED - 1}  # type: ignore[attr-defined]
    refund = ask(attempt)
    settlement = building.settlement_build()
    assert settlement is not None
    with refused("refund_impossible"):  # it is being minted
        refunds.refund_approve(refund_id=refund.pk, actor=person("owner"))
    refund.refresh_from_db()
    assert (refund.state, refund.after_mint) == ("requested", False)
    take(shop, settlement)
    shop.follow()
    refunds.refund_approve(refund_id=refund.pk, actor=person("owner"))
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.after_mint) == ("done", True)
    assert ledger.owed(Kind.ARTIST_PAYABLE, f"artist:{shop.artist.pk}", "USD").amount == 0
    assert owed(order, "USD") == at_provider("stripe", "USD") == 0
    assert balanced()


def test_above_the_limit_a_second_person_decides(
    paid: tuple[Order, PaymentAttempt], settings: object
) -> None:
    order, attempt = paid
    settings.REFUND_LIMITS = {"USD": ASKED - 1}  # type: ignore[attr-defined]
    refund = ask(attempt)
    assert (refund.state, refund.needs_second) == ("requested", True)
    refunds.refund_submit(refund_id=refund.pk)  # nothing goes out
    with refused("own_request"):
        refunds.refund_approve(refund_id=refund.pk, actor=person("finance"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.update(state="approved", approved_by=person("finance"))
    refund.refresh_from_db()
    assert refund.state == Refund.State.REQUESTED
    assert claim_of(order).state == ClaimRight.State.OPEN
    refunds.refund_approve(refund_id=refund.pk, actor=person("owner"))
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == Refund.State.DONE
    assert {"payments.refund_requested", "payments.refund_approved"} <= set(
        AuditRecord.objects.values_list("action", flat=True)
    )


def test_a_lost_answer_is_asked_for_and_not_sent_twice(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox
) -> None:
    _, attempt = paid
    refund = ask(attempt, 100)
    box.faults.error_after_effect = 9  # one call and all its repeats
    for _ in range(3):
        try:
            refunds.refund_submit(refund_id=refund.pk)
        except Exception:  # noqa: BLE001  the worker would try again
            box.faults.error_after_effect = 0
    refund.refresh_from_db()
    assert refund.state == Refund.State.DONE
    assert len(box.refunds) == 1
    assert at_provider("stripe", "USD") == ASKED - 100


def test_a_refund_that_the_provider_refuses_waits_for_a_person(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox
) -> None:
    order, attempt = paid
    refund = ask(attempt, 100)
    box.faults.fail_refund = 1
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == Refund.State.FAILED
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "refund_failed")
    assert owed(order, "USD") == at_provider("stripe", "USD") == ASKED
    assert balanced()


def test_a_part_of_what_failed_leaves_the_rest_waiting(
    box: StripeSandbox, paid: tuple[Order, PaymentAttempt]
) -> None:
    order, attempt = paid
    box.faults.fail_refund = 1
    refunds.refund_submit(refund_id=ask(attempt).pk)
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "refund_failed")
    refunds.refund_submit(refund_id=ask(attempt, 100).pk)
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "refund_failed")
    assert owed(order, "USD") == ASKED - 100
    ask(attempt)
    assert fresh(order).state == "cancelled"
    assert owed(order, "USD") == 0
    assert balanced()


def test_each_time_a_refund_fails_and_goes_through_is_booked(
    box: StripeSandbox, paid: tuple[Order, PaymentAttempt]
) -> None:
    """Stripe may turn a refund back after it succeeded, and a bank may take it after that."""
    order, attempt = paid
    refund = ask(attempt)
    refunds.refund_submit(refund_id=refund.pk)
    for status, left in [
        (RefundStatus.FAILED, ASKED), (RefundStatus.DONE, 0),
        (RefundStatus.FAILED, ASKED), (RefundStatus.DONE, 0),
    ]:  # fmt: skip
        with transaction.atomic():
            known = Refund.objects.select_related("attempt").get()
            refunds.tell(fresh(order), known, RefundState(status, ""), Cause("test"))
        assert at_provider("stripe", "USD") == owed(order, "USD") == left
        assert balanced()


def test_a_sale_on_chain_is_final(shop: Shop) -> None:
    order = Order.objects.create(
        user=shop.fan, collection=shop.drop(), quantity=1, unit_price=1, total=1,
        platform_bps=0, expires_at=shop.drop().created_at,
    )  # fmt: skip
    attempt = PaymentAttempt.objects.create(
        order=order, provider="ton", state="confirmed", asset="TON", amount=1, paid=1,
        external_id="00" * 32, valid_until=order.expires_at, confirmed_at=order.expires_at,
    )  # fmt: skip
    with refused("refund_impossible"):
        ask(attempt)


def test_what_went_back_outside_does_not_go_back_again(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox
) -> None:
    """A refund is approved, and before it is sent somebody makes the same in the dashboard."""
    order, attempt = paid
    ours = ask(attempt)
    box.act_refund_external(id=str(attempt.reference))
    refresh(attempt)
    refunds.refund_submit(refund_id=ours.pk)
    states = list(Refund.objects.order_by("id").values_list("state", "origin", "amount"))
    assert states == [("cancelled", "staff", ASKED), ("done", "external", ASKED)]
    assert len(box.refunds) == 1
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0
    assert balanced()


def test_when_a_part_went_back_outside_the_rest_follows(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox
) -> None:
    order, attempt = paid
    ask(attempt)
    box.act_refund_external(id=str(attempt.reference), amount=100)
    refresh(attempt)
    rest = Refund.objects.get(state=Refund.State.APPROVED)
    assert rest.amount == ASKED - 100
    refunds.refund_submit(refund_id=rest.pk)
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0
    assert balanced()


def test_while_ours_has_no_answer_more_may_go_back_outside_and_ours_gives_way(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox
) -> None:
    """Both together are more than was paid until the provider says that it did not take ours."""
    order, attempt = paid
    ours = ask(attempt, ASKED - 100)
    box.faults.unavailable = 9  # one call and all its repeats: it has no effect, we cannot know
    with pytest.raises(ProviderError):
        refunds.refund_submit(refund_id=ours.pk)
    box.faults.unavailable = 0
    box.act_refund_external(id=str(attempt.reference), amount=200)
    refresh(attempt)
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "refunded_outside")
    assert refunds.left(attempt) == -100
    refunds.refund_submit(refund_id=ours.pk)
    ours.refresh_from_db()
    assert ours.state == Refund.State.FAILED
    assert fresh(order).state == "needs_attention"
    assert refunds.left(attempt) == ASKED - 200
    assert at_provider("stripe", "USD") == owed(order, "USD") == ASKED - 200
    assert balanced()
