"""The doors through which orders and attempts move. No other code writes their states.

Each door locks the order's row (the attempts hang on it), leaves quietly when there is nothing to
do, writes the move, its events and its audit record in one transaction, and says whether it moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from core import audit
from core.money import Money
from payments import announce
from payments.models import Order, PaymentAttempt, PaymentEvent
from payments.services import events, reservations
from payments.services.events import Cause

State = Order.State
Try = PaymentAttempt.State

OPEN_TRIES: Final = (Try.CREATED, Try.SUBMITTING, Try.OPEN, Try.UNKNOWN, Try.PROCESSING)
# Where a payment may still arrive: money is a fact, so even what had ended may be confirmed.
PAYABLE: Final = (State.AWAITING_PAYMENT, State.EXPIRED, State.CANCELLED)


def order_lock(**lookup: object) -> Order | None:
    """The order's row, locked until the transaction ends. Lock an order before its attempts."""
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related("collection__release__artist")
        .filter(**lookup)
        .first()
    )


@transaction.atomic
def order_expire(*, order_id: UUID, reason: str, cause: Cause) -> bool:
    """Nothing was paid in time."""
    return _give_up(order_id, State.EXPIRED, Try.EXPIRED, reason, cause)


@transaction.atomic
def order_refused(*, order_id: UUID, reason: str, cause: Cause) -> bool:
    """The contract refused the payment and returned it."""
    return _give_up(order_id, State.CANCELLED, Try.FAILED, reason, cause)


def _give_up(
    order_id: UUID, state: Order.State, tries: PaymentAttempt.State, reason: str, cause: Cause
) -> bool:
    order = order_lock(pk=order_id)
    if order is None or order.state != State.AWAITING_PAYMENT:
        return False
    moves = attempts_close(order, tries, cause)
    before, order.state, order.reason = order.state, state, reason
    order.save(update_fields=["state", "reason"])
    reservations.reservation_release(order=order)
    events.save(events.order_event(order, before, cause), *moves)
    audit.record(
        actor=cause.text,
        action=f"payments.order_{state.value}",
        target=order,
        before={"state": before},
        after={"state": order.state},
        reason=reason,
    )
    announce.order_changed(order)
    return True


def attempts_close(
    order: Order,
    state: PaymentAttempt.State,
    cause: Cause,
    but: PaymentAttempt | None = None,
) -> list[PaymentEvent]:
    """End the order's open attempts; the caller holds the order's lock and saves the events."""
    moves: list[PaymentEvent] = []
    for attempt in order.attempts.filter(state__in=OPEN_TRIES):
        if but is not None and attempt.pk == but.pk:
            continue
        before, attempt.state = attempt.state, state
        attempt.save(update_fields=["state"])
        moves.append(events.attempt_event(attempt, before, cause))
    return moves


def order_move(
    order: Order, state: Order.State, cause: Cause, *, reason: str | None = None
) -> None:
    """One step of a locked order, with its event. `reason` none leaves the reason as it is."""
    before, order.state = order.state, state
    fields = ["state"]
    if reason is not None:
        order.reason = reason
        fields.append("reason")
    order.save(update_fields=fields)
    events.save(events.order_event(order, before, cause))


def attempt_move(
    attempt: PaymentAttempt, state: PaymentAttempt.State, cause: Cause, **changes: object
) -> None:
    """One step of an attempt that is not confirmed, its other changes and its event.

    The caller holds the order's lock.
    """
    before, attempt.state = attempt.state, state
    for name, value in changes.items():
        setattr(attempt, name, value)
    attempt.save(update_fields=["state", *changes])
    events.save(events.attempt_event(attempt, before, cause))


def attempt_confirm(
    attempt: PaymentAttempt,
    *,
    paid: Money,
    external_id: str,
    chain_lt: int | None,
    at: datetime,
    flags: Sequence[str],
    cause: Cause,
) -> PaymentEvent:
    """The money is there. The caller holds the order's lock and saves the event."""
    before = attempt.state
    attempt.state = Try.CONFIRMED
    attempt.paid = paid.amount
    attempt.external_id = external_id
    attempt.chain_lt = chain_lt
    attempt.confirmed_at = at
    attempt.flags = sorted({*attempt.flags, *flags})
    attempt.save(
        update_fields=[
            "state", "paid", "external_id", "chain_lt", "confirmed_at", "flags",
        ]
    )  # fmt: skip
    return events.attempt_event(attempt, before, cause)
