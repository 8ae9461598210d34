"""What a person decides about an order that waits. One door a decision.

Each asks for the permission and a note, locks the order, looks at the facts again under the lock
(two people may have read the same page), writes its ledger entry and its audit record with it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from payments import announce, errors, reasons, waiting
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.services import claims, events, posting, refunds, reservations, states
from payments.services.events import Cause
from payments.waiting import Facts

DECIDE: Final = "payments.change_order"
ASK: Final = "payments.add_refund"
_HELD: Final = timedelta(minutes=5)


@transaction.atomic
def order_accept(*, order_id: UUID, actor: User, note: str) -> Order:
    """Take a late or wrong amount as the price: the editions are owed from now on.

    Raises ApplicationError not_allowed (403), note_required (400), not_waiting (409), and sold_out
    (409) when no editions are left: then nothing has moved, and the money can still go back.
    """
    order, known = _waiting(order_id, "accept", actor, DECIDE, note)
    payment = known.payment
    if payment is None:
        raise errors.not_waiting("No payment has arrived that could be taken.")
    reservations.reservation_hold(order=order, until=timezone.now() + _HELD)
    reservations.reservation_use(order=order)
    cause = _cause(actor, note)
    events.save(*states.attempts_close(order, PaymentAttempt.State.CANCELLED, cause, but=payment))
    states.order_move(order, Order.State.PAID, cause, reason="")
    claims.claim_create(order=order, attempt=payment, at=payment.confirmed_at or timezone.now())
    states.order_move(order, Order.State.FULFILLING, cause)
    _audit(order, "accepted", actor, note, paid=str(payment.paid), asset=payment.asset)
    return order


@transaction.atomic
def order_refund(*, order_id: UUID, actor: User, note: str, amount: int | None = None) -> Refund:
    """Send the order's payment back, whole unless `amount` says less.

    Raises ApplicationError not_allowed, note_required, not_waiting, refund_impossible (409).
    """
    _, known = _waiting(order_id, "refund", actor, ASK, note)
    if known.payment is None:
        raise errors.refund_impossible("No payment has arrived.")
    return refunds.refund_request(
        attempt=known.payment,
        amount=amount,
        reason="staff",
        origin=Refund.Origin.STAFF,
        cause=_cause(actor, note),
        actor=actor,
        note=note,
    )


@transaction.atomic
def order_mint_again(*, order_id: UUID, actor: User, note: str) -> Order:
    """The claim joins the next settlement again. Raises not_allowed, note_required, not_waiting."""
    order, _ = _waiting(order_id, "mint_again", actor, DECIDE, note)
    states.order_move(order, Order.State.FULFILLING, _cause(actor, note), reason="")
    _audit(order, "minted_again", actor, note)
    return order


@transaction.atomic
def order_close(*, order_id: UUID, actor: User, note: str, booking: str) -> Order:
    """Nothing more will happen. booking says where the money stays; see payments.waiting.bookings.

    What is still owed stays in order_liability, is earned after all (the buyer keeps what was
    minted), or, when more went back than was owed, becomes a loss. An open claim ends.
    Raises ApplicationError not_allowed, note_required, not_waiting.
    """
    order, known = _waiting(order_id, "close", actor, DECIDE, note)
    if booking not in dict(waiting.bookings(known)):
        raise errors.not_waiting("The books have moved meanwhile: look at the choices again.")
    cause = _cause(actor, note)
    _book(order, known, booking, note)
    claims.claim_revoke(order=order)
    if known.claim is None or known.claim.state == ClaimRight.State.OPEN:
        reservations.reservation_release(order=order)
    ended = Order.State.FULFILLED if known.minted else Order.State.CANCELLED
    states.order_move(order, ended, cause, reason="" if known.minted else reasons.CLOSED)
    owed = {money.asset: str(money.amount) for money in known.owed}
    _audit(order, "closed", actor, note, booking=booking, owed=owed)
    return order


def _book(order: Order, known: Facts, booking: str, note: str) -> None:
    times = order.entries.filter(key__startswith=f"closed:{order.pk}:").count()
    key = f"closed:{order.pk}:{times}"
    for money in known.owed:
        if booking == waiting.LOSS and money.amount < 0:
            posting.loss_post(order=order, money=-money, key=f"{key}:{money.asset}", memo=note)
        if booking == waiting.EARNED and known.payment is not None:
            posting.sale_turn(
                order=order,
                attempt=known.payment,
                amount=-money.amount,
                key=f"{key}:{money.asset}",
            )


# --- refunds that failed --------------------------------------------------------------------------


@transaction.atomic
def refund_retry(*, refund_id: UUID, actor: User, note: str) -> Refund:
    """Send a refund that failed once more, under a key of its own.

    Raises ApplicationError not_allowed, note_required, not_waiting, refund_impossible (409).
    """
    failed = _failed(refund_id, "retry", actor, ASK, note)
    return refunds.refund_request(
        attempt=failed.attempt,
        amount=failed.amount,
        reason=failed.reason,
        origin=Refund.Origin.STAFF,
        cause=_cause(actor, note),
        actor=actor,
        note=note,
    )


@transaction.atomic
def refund_by_hand(*, refund_id: UUID, actor: User, note: str, reference: str) -> Refund:
    """A person sends it by other means (a bank transfer); a second person has to say yes.

    reference: by which anybody can find that transfer; one reference counts once. Booked against
    the bank when it is approved. Raises ApplicationError not_allowed, note_required, not_waiting,
    refund_impossible (409).
    """
    failed = _failed(refund_id, "by_hand", actor, refunds.APPROVE, note)
    reference = reference.strip()[:128]
    if not reference:
        raise errors.refund_impossible("Say by which reference the transfer can be found.")
    if Refund.objects.filter(acquirer=posting.BY_HAND, external_id=reference).exists():
        raise errors.refund_impossible("This reference stands for another refund already.")
    return refunds.refund_by_hand_request(
        failed=failed, reference=reference, actor=actor, note=note
    )


def _failed(refund_id: UUID, way: str, actor: User, permission: str, note: str) -> Refund:
    failed = Refund.objects.select_related("attempt").get(pk=refund_id)
    _, known = _waiting(failed.attempt.order_id, way, actor, permission, note)
    if all(one.pk != failed.pk for one in known.failed):
        raise errors.not_waiting("This refund does not wait to be sent again.")
    return failed


# --- what all have in common ----------------------------------------------------------------------


def _waiting(
    order_id: UUID, way: str, actor: User, permission: str, note: str
) -> tuple[Order, Facts]:
    """The locked order, with the facts as they are now. Raises ApplicationError."""
    if not actor.has_perm(permission):
        raise errors.not_allowed()
    if not note.strip():
        raise errors.note_required()
    order = states.order_lock(pk=order_id)
    if order is None:
        raise errors.order_not_found()
    known = waiting.facts(order)
    if order.state != Order.State.NEEDS_ATTENTION:
        raise errors.not_waiting(f"The order does not wait any more: {order.state}.")
    if way not in reasons.ways_out(order.reason):
        raise errors.not_waiting("This does not fit what happened.")
    if refusal := waiting.why_not(way, known):
        raise errors.not_waiting(refusal)
    return order, known


def _cause(actor: User, note: str) -> Cause:
    return Cause("staff", {"who": str(actor), "note": note[:300]})


def _audit(order: Order, verb: str, actor: User, note: str, **after: object) -> None:
    audit.record(
        actor=actor,
        action=f"payments.order_{verb}",
        target=order,
        before={"state": Order.State.NEEDS_ATTENTION},
        after={"state": order.state, **after},
        reason=note[:300],
    )
    announce.order_changed(order)
