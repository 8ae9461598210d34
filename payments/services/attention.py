"""Orders that a person has to decide about, and what he may do with them.

Nothing that was paid is ever lost: what can neither be given nor sent back waits here, with a code
that says why. Which ways out fit a reason stands in payments.reasons.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum

from core import audit
from payments import announce, reasons
from payments.models import ClaimRight, Dispute, Order, PaymentAttempt, Refund
from payments.services import events, states
from payments.services.events import Cause

State = Order.State


@transaction.atomic
def order_attention(*, order: Order, reason: str, cause: Cause) -> bool:
    """Put a locked order into the queue. An order that is there keeps its first reason."""
    if order.state == State.NEEDS_ATTENTION:
        return False
    before = order.state
    states.order_move(order, State.NEEDS_ATTENTION, cause, reason=reason)
    audit.record(
        actor=cause.text,
        action="payments.order_needs_attention",
        target=order,
        before={"state": before},
        after={"state": order.state},
        reason=reason,
    )
    announce.order_changed(order)
    return True


def order_back(*, order: Order, cause: Cause) -> None:
    """Out of the queue, to where its editions are: given, owed, or not owed any more.

    The caller holds the order's lock. An order that does not wait stays where it is, and so does
    one of which another payment still has to go back.
    """
    if order.state != State.NEEDS_ATTENTION:
        return
    claim = ClaimRight.objects.filter(order=order).first()
    minted = order.first_index is not None
    kept = minted or (claim is not None and claim.state != ClaimRight.State.REVOKED)
    if not kept:
        order_end(order=order, reason=order.reason, cause=cause)
    elif not _stranded(order, kept=True):
        into = State.FULFILLED if minted else State.FULFILLING
        states.order_move(order, into, cause, reason="")
        announce.order_changed(order)


def order_end(*, order: Order, reason: str, cause: Cause) -> None:
    """Nothing is owed any more: the order is cancelled, for this reason.

    The caller holds its lock, and has sent its payment back. While another payment of it could
    not be sent back it waits for a person instead.
    """
    if _stranded(order, kept=False):
        states.order_move(order, State.NEEDS_ATTENTION, cause, reason=reasons.REFUND_FAILED)
    else:
        states.order_move(order, State.CANCELLED, cause, reason=reason)
    announce.order_changed(order)


def _stranded(order: Order, *, kept: bool) -> bool:
    """Whether something that was paid is neither kept for editions, nor back, nor on its way."""
    paid = order.attempts.filter(state=PaymentAttempt.State.CONFIRMED)
    if kept:
        paid = paid.filter(flags__contains=[PaymentAttempt.Flag.DUPLICATE])
    sent = Sum("refunds__amount", filter=~Q(refunds__state__in=Refund.DEAD), default=0)
    lost = Exists(Dispute.objects.filter(attempt=OuterRef("pk"), state=Dispute.State.LOST))
    return paid.annotate(sent=sent).filter(~lost, paid__gt=F("sent")).exists()


def order_event_only(*, order: Order, cause: Cause) -> None:
    """Something worth keeping in the order's story that moves nothing."""
    events.save(events.order_event(order, order.state, cause))
