"""Refunds that others made: in a provider's dashboard, by a bank, or as it tells of our own.

What went back outside is booked like ours, and what we were about to send gives way to it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from core import audit
from payments import reasons
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.providers.base import RefundState, RefundStatus
from payments.services import attention, claims, posting, refunds
from payments.services.events import Cause

State = Refund.State


def refunds_apply(
    *, order: Order, attempt: PaymentAttempt, told: Iterable[RefundState], cause: Cause
) -> None:
    """What the provider knows of an attempt's refunds. The caller holds the order's lock.

    Those that bear our key first: one of the same amount from outside is not to be taken for ours.
    """
    for one in sorted(told, key=lambda one: one.refund_id is None):
        if one.status is RefundStatus.ABSENT:
            continue
        refund = _match(attempt, one)
        if refund is None:
            refund = _external(order, attempt, one, cause)
        if refund is not None:
            refunds.tell(order, refund, one, cause)


def _match(attempt: PaymentAttempt, told: RefundState) -> Refund | None:
    ours = attempt.refunds.select_for_update()
    if told.refund_id is not None and (found := ours.filter(pk=told.refund_id).first()):
        return found
    if found := ours.filter(external_id=told.external_id).first():
        return found
    # A provider that does not hand our key back: the oldest of this amount that was sent.
    sent = ours.filter(
        external_id__isnull=True,
        state__in=(State.SUBMITTING, State.UNKNOWN, State.PENDING),
    )
    if told.amount is not None:
        sent = sent.filter(amount=told.amount.amount)
    return sent.order_by("id").first()


def _external(
    order: Order, attempt: PaymentAttempt, told: RefundState, cause: Cause
) -> Refund | None:
    """Made outside: in the provider's dashboard, or by a bank. Booked, and shown to a person."""
    if told.status is RefundStatus.FAILED:
        return None
    amount = told.amount.amount if told.amount else refunds.left(attempt)
    unsent = _make_room(order, attempt, amount, cause)
    if amount <= 0:
        return None
    claim = ClaimRight.objects.filter(order=order).first()
    first = PaymentAttempt.Flag.DUPLICATE not in attempt.flags  # a second one gave no editions
    refund = Refund.objects.create(
        attempt=attempt,
        asset=attempt.asset,
        amount=amount,
        state=State.PENDING,
        origin=Refund.Origin.EXTERNAL,
        reason=reasons.REFUNDED_OUTSIDE,
        after_mint=first and claim is not None and claim.state == ClaimRight.State.SETTLED,
        acquirer=attempt.acquirer,
        external_id=told.external_id,
        poll_at=timezone.now() + refunds.POLL,
    )
    posting.refund_due_post(refund=refund, order=order)
    audit.record(actor=cause.text, action="payments.refund_found", target=refund)
    if first and amount == attempt.paid and claims.claim_revoke(order=order):
        attention.order_end(order=order, reason=reasons.REFUNDED, cause=cause)
    elif first:
        attention.order_attention(order=order, reason=reasons.REFUNDED_OUTSIDE, cause=cause)
    if unsent is not None and refunds.left(attempt) > 0:
        refunds.refund_request(
            attempt=attempt, amount=None, reason=unsent.reason, origin=Refund.Origin(unsent.origin),
            cause=cause, actor=unsent.requested_by, note=unsent.note,
        )  # fmt: skip
    return refund


def _make_room(order: Order, attempt: PaymentAttempt, amount: int, cause: Cause) -> Refund | None:
    """What went back outside cannot go back once more: refunds that were not sent yet give way.

    The one that had been approved, if there was one: what it still can send back is asked anew.
    """
    approved = None
    waiting = attempt.refunds.select_for_update().filter(
        state__in=(State.REQUESTED, State.APPROVED)
    )
    for refund in waiting.order_by("-id"):
        if refunds.left(attempt) >= amount:
            break
        if refund.state == State.APPROVED:
            posting.refund_due_reverse(refund=refund, order=order)
            approved = refund
        refunds.move(refund, State.CANCELLED)
        audit.record(
            actor=cause.text,
            action="payments.refund_cancelled",
            target=refund,
            reason="it went back outside",
        )
    return approved
