"""A payer's bank asks for money back. The editions wait, the money is set apart, a person answers.

Won: everything goes on. Lost before the mint: nothing is owed any more. Lost after it: the editions
are the buyer's, and the loss is the shop's, not the artist's. A payment that was made twice bought
nothing: a dispute about it leaves the editions of the first one alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from core import audit
from payments import announce, reasons
from payments.models import Dispute, Order, PaymentAttempt
from payments.providers.base import DisputeState
from payments.services import attention, claims, posting
from payments.services.events import Cause

State = Dispute.State
_RANK: Final = {
    State.OPENED: 0, State.FUNDS_WITHDRAWN: 1, State.ANSWERED: 2,
    State.CLOSED_WARNING: 3, State.PREVENTED: 3, State.WON: 3, State.LOST: 3,
}  # fmt: skip
_GOOD: Final = (State.WON, State.PREVENTED, State.CLOSED_WARNING)
OVER: Final = (*_GOOD, State.LOST)


def disputes_apply(
    *, order: Order, attempt: PaymentAttempt, told: Iterable[DisputeState], cause: Cause
) -> None:
    """What the provider knows of an attempt's disputes. The caller holds the order's lock."""
    for one in told:
        dispute, new = Dispute.objects.select_for_update().get_or_create(
            acquirer=attempt.acquirer,
            external_id=one.external_id,
            defaults={
                "attempt": attempt,
                "asset": one.amount.asset,
                "amount": one.amount.amount,
                "reason": one.reason[:80],
                "answer_by": one.answer_by,
            },
        )
        if new:
            _opened(order, dispute, cause)
        _move(order, dispute, State(one.status.value), cause)


def _opened(order: Order, dispute: Dispute, cause: Cause) -> None:
    if not _about_duplicate(dispute):
        claims.claim_freeze(order=order, frozen=True)
    audit.record(
        actor=cause.text,
        action="payments.dispute_opened",
        target=dispute,
        after={"order": str(order.pk), "amount": str(dispute.amount), "asset": dispute.asset},
    )
    announce.order_changed(order)


def _move(order: Order, dispute: Dispute, state: Dispute.State, cause: Cause) -> None:
    """Only onwards: an older message than what we know changes nothing."""
    before = State(dispute.state)
    if state == before or _RANK[state] < _RANK[before] or before in OVER:
        return
    dispute.state = state
    if state in OVER:
        dispute.closed_at = timezone.now()
    dispute.save(update_fields=["state", "closed_at"])
    if state not in _GOOD and state != State.OPENED:
        posting.dispute_withdrawn_post(dispute=dispute, order=order)
    if state in _GOOD:
        posting.dispute_won_post(dispute=dispute, order=order)
        if not _about_duplicate(dispute):
            claims.claim_freeze(order=order, frozen=False)
    elif state == State.LOST:
        _lost(order, dispute, cause)
    audit.record(
        actor=cause.text,
        action=f"payments.dispute_{state.value}",
        target=dispute,
        before={"state": before},
        after={"state": state},
    )


def _about_duplicate(dispute: Dispute) -> bool:
    return PaymentAttempt.Flag.DUPLICATE in dispute.attempt.flags


def _lost(order: Order, dispute: Dispute, cause: Cause) -> None:
    if _about_duplicate(dispute):
        posting.dispute_lost_post(dispute=dispute, order=order, undelivered=True)
        return
    revoked = claims.claim_revoke(order=order)
    posting.dispute_lost_post(dispute=dispute, order=order, undelivered=revoked)
    if revoked:
        attention.order_end(order=order, reason=reasons.DISPUTE_LOST, cause=cause)
    else:
        attention.order_attention(order=order, reason=reasons.DISPUTE_LOST, cause=cause)
