"""Orders that a person has to decide about, and what he may do with them.

Nothing that was paid is ever lost: what can neither be given nor sent back waits here, with a code
that says why. Which ways out fit a reason stands in payments.reasons.
"""

from __future__ import annotations

from django.db import transaction

from core import audit
from payments import announce
from payments.models import ClaimRight, Order
from payments.services import events, states
from payments.services.events import Cause


@transaction.atomic
def order_attention(*, order: Order, reason: str, cause: Cause) -> bool:
    """Put a locked order into the queue. An order that is there keeps its first reason."""
    if order.state == Order.State.NEEDS_ATTENTION:
        return False
    before = order.state
    states.order_move(order, Order.State.NEEDS_ATTENTION, cause, reason=reason)
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

    The caller holds the order's lock. An order that does not wait stays where it is.
    """
    if order.state != Order.State.NEEDS_ATTENTION:
        return
    claim = ClaimRight.objects.filter(order=order).first()
    if claim is not None and claim.state == ClaimRight.State.SETTLED:
        states.order_move(order, Order.State.FULFILLED, cause, reason="")
    elif claim is not None and claim.state != ClaimRight.State.REVOKED:
        states.order_move(order, Order.State.FULFILLING, cause, reason="")
    else:
        states.order_move(order, Order.State.CANCELLED, cause)
    announce.order_changed(order)


def order_event_only(*, order: Order, cause: Cause) -> None:
    """Something worth keeping in the order's story that moves nothing."""
    events.save(events.order_event(order, order.state, cause))
