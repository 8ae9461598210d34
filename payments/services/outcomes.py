"""What a provider says about a payment becomes what our books say: one function, in any order.

`apply` may be called with the same or an older truth any number of times, from webhooks, pollers,
return pages and reconciliation at once: it changes only what is behind. Confirmed stays confirmed;
money that comes late, twice or wrong is booked first and decided about afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import audit
from core.errors import ApplicationError
from payments import announce, notices, reasons
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.providers import provider
from payments.providers.base import ProviderState, Status
from payments.services import (
    attention,
    claims,
    disputes,
    events,
    polling,
    posting,
    refunds,
    refunds_outside,
    reservations,
    states,
)
from payments.services.events import Cause

Flag = PaymentAttempt.Flag
Try = PaymentAttempt.State
# A payment that comes later than this after the order's end is sent back, whatever is in stock.
LATE_LIMIT: Final = timedelta(days=1)
_RE_RESERVED: Final = timedelta(minutes=5)
_ENDS: Final = {
    Status.FAILED: Try.FAILED,
    Status.EXPIRED: Try.EXPIRED,
    Status.CANCELLED: Try.CANCELLED,
}


@transaction.atomic
def apply(*, attempt_id: UUID, state: ProviderState, cause: Cause) -> None:
    """Bring an attempt and all that hangs on it to what the provider says.

    `state` must come from the provider itself (fetch, find, list, a message that is proof).
    Unknown attempts are left alone: reconciliation tells of payments without one.
    """
    order = states.order_lock(attempts__pk=attempt_id)
    if order is None:
        return
    attempt = order.attempts.get(pk=attempt_id)
    attempt.order = order
    if state.status is Status.PAID:
        attempt = _paid(order, attempt, state, cause)
    elif attempt.state in states.OPEN_TRIES:
        _unpaid(attempt, state, cause)
    if attempt.state == Try.CONFIRMED:
        refunds_outside.refunds_apply(order=order, attempt=attempt, told=state.refunds, cause=cause)
        disputes.disputes_apply(order=order, attempt=attempt, told=state.disputes, cause=cause)
    polling.plan(attempt)
    announce.order_changed(order)


def _unpaid(attempt: PaymentAttempt, state: ProviderState, cause: Cause) -> None:
    """Not paid (yet). ABSENT says nothing here: a create may still be under way."""
    if state.status is Status.PROCESSING and attempt.state != Try.PROCESSING:
        states.attempt_move(attempt, Try.PROCESSING, cause)
    elif state.status is Status.OPEN and attempt.state != Try.OPEN and attempt.handoff:
        states.attempt_move(attempt, Try.OPEN, cause)
    elif ended := _ENDS.get(state.status):
        states.attempt_move(attempt, ended, cause, error=state.reason[:200])


def _paid(
    order: Order, attempt: PaymentAttempt, state: ProviderState, cause: Cause
) -> PaymentAttempt:
    """The attempt that this payment stands in, confirmed. A second payment gets its own."""
    known = PaymentAttempt.objects.filter(
        provider=attempt.provider, external_id=state.external_id
    ).first()
    if known is not None:
        known.order = order
        if state.fee is not None and known.fee != state.fee.amount:
            known.fee = state.fee.amount
            known.save(update_fields=["fee"])
        return known
    if attempt.state == Try.CONFIRMED:
        attempt = _second(order, attempt, cause)
    _confirm(order, attempt, state, cause)
    return attempt


def _second(order: Order, first: PaymentAttempt, cause: Cause) -> PaymentAttempt:
    """The same link was paid again: real money, with a row of its own."""
    made = PaymentAttempt(
        order=order,
        provider=first.provider,
        acquirer=first.acquirer,
        state=Try.OPEN,
        asset=first.asset,
        amount=first.amount,
        quote=first.quote,
        valid_until=first.valid_until,
        flags=[Flag.DUPLICATE],
    )
    made.save(force_insert=True)
    events.save(events.attempt_event(made, "", cause))
    return made


def _confirm(order: Order, attempt: PaymentAttempt, state: ProviderState, cause: Cause) -> None:
    paid = state.paid
    if paid is None or not state.external_id:
        raise ValueError(f"{attempt.provider} says paid without amount or id")
    at = state.occurred_at or timezone.now()
    flags = _flags(order, attempt, state, at)
    if state.fee is not None:
        attempt.fee = state.fee.amount
        attempt.save(update_fields=["fee"])
    if paid.asset != attempt.asset:
        attempt.asset = paid.asset  # what was asked stands in the quote
        attempt.save(update_fields=["asset"])
    event = states.attempt_confirm(
        attempt,
        paid=paid,
        external_id=state.external_id,
        chain_lt=None,
        at=at,
        flags=flags,
        cause=cause,
    )
    events.save(event)
    posting.payment_post(attempt=attempt)
    audit.record(
        actor=cause.text,
        action="payments.attempt_confirmed",
        target=attempt,
        after={"paid": paid.to_json(), "flags": flags, "external_id": state.external_id},
    )
    _decide(order, attempt, flags, at, cause)


def _flags(order: Order, attempt: PaymentAttempt, state: ProviderState, at: datetime) -> list[str]:
    paid = state.paid
    flags: list[str] = []
    if paid is None:
        return flags
    if paid.asset != attempt.asset:
        flags.append(Flag.FOREIGN_CURRENCY)
    elif paid.amount != attempt.amount:
        flags.append(Flag.SHORT if paid.amount < attempt.amount else Flag.OVER)
    if order.state not in states.PAYABLE or ClaimRight.objects.filter(order=order).exists():
        flags.append(Flag.DUPLICATE)  # paid before, even if that was sent back
    elif order.state != Order.State.AWAITING_PAYMENT or at > order.expires_at:
        flags.append(Flag.LATE)
    return flags


def _decide(
    order: Order, attempt: PaymentAttempt, flags: Sequence[str], at: datetime, cause: Cause
) -> None:
    """The money is booked. Does it buy what was ordered, go back, or wait for a person?"""
    if Flag.DUPLICATE in flags:
        _send_back(order, attempt, reasons.DUPLICATE, cause)
    elif {Flag.SHORT, Flag.OVER, Flag.FOREIGN_CURRENCY} & set(flags):
        _close_others(order, attempt, cause)
        attention.order_attention(order=order, reason=reasons.WRONG_AMOUNT, cause=cause)
    elif Flag.LATE in flags and not _still_to_have(order, at):
        _send_back(order, attempt, reasons.PAID_LATE, cause)
    else:
        _owe(order, attempt, at, cause)


def _still_to_have(order: Order, at: datetime) -> bool:
    """For a late payment: take the editions again, if there are any and it is not too late."""
    if at > order.expires_at + LATE_LIMIT:
        return False
    try:
        reservations.reservation_hold(order=order, until=timezone.now() + _RE_RESERVED)
    except ApplicationError:
        return False
    return True


def _owe(order: Order, attempt: PaymentAttempt, at: datetime, cause: Cause) -> None:
    if not reservations.reservation_use(order=order):
        # Released by the clock a moment ago: the same question as for a late payment.
        if not _still_to_have(order, at):
            _send_back(order, attempt, reasons.PAID_LATE, cause)
            return
        reservations.reservation_use(order=order)
    _close_others(order, attempt, cause)
    states.order_move(order, Order.State.PAID, cause, reason="")
    claims.claim_create(order=order, attempt=attempt, at=at)
    states.order_move(order, Order.State.FULFILLING, cause)
    audit.record(actor=cause.text, action="payments.order_paid", target=order)
    notices.sale_tell(order)


def _close_others(order: Order, attempt: PaymentAttempt, cause: Cause) -> None:
    events.save(*states.attempts_close(order, Try.CANCELLED, cause, but=attempt))


def _send_back(order: Order, attempt: PaymentAttempt, reason: str, cause: Cause) -> None:
    """Money for which there is nothing to give. Where it cannot go back, a person decides."""
    if provider(attempt.provider).capabilities.refunds:
        refunds.refund_request(
            attempt=attempt, amount=None, reason=reason, origin=Refund.Origin.SHOP, cause=cause
        )
        if order.state == Order.State.AWAITING_PAYMENT:  # its time was over when the money came
            _close_others(order, attempt, cause)
            reservations.reservation_release(order=order)
            states.order_move(order, Order.State.EXPIRED, cause, reason=reason)
        return
    attention.order_attention(order=order, reason=reason, cause=cause)
