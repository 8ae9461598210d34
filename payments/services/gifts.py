"""Gifts: paid outside the chain, and opened once by whoever has the link.

A gift is a claim without a holder. Who opens it first becomes its holder, for good; unopened, it
can be called back by its buyer, and ends by itself when its time is over: the money goes back.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import ApplicationError
from payments import announce, errors, notices, reasons
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.services import attention, claims, refunds, states
from payments.services.events import Cause

log = structlog.get_logger(__name__)
NOTE_LENGTH: Final = 200
BATCH: Final = 100
_SECRET: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
_GIVER: Final = Cause("giver")


class Gift(StrEnum):
    """What a gift is to who looks at it."""

    WAITING = "waiting"  # to be opened
    OWN = "own"  # its giver's, not opened yet
    YOURS = "yours"
    TAKEN = "taken"  # somebody else's
    EXPIRED = "expired"
    CALLED_BACK = "called_back"
    RETURNED = "returned"  # the payment went back for another reason


_WHY_NOT: Final = {
    Gift.OWN: ("gift_own", "This is your own gift: give the link to whom it is for."),
    Gift.TAKEN: ("gift_taken", "Somebody has opened this gift already."),
    Gift.EXPIRED: ("gift_expired", "Nobody opened this gift in time."),
    Gift.CALLED_BACK: ("gift_called_back", "The giver has called this gift back."),
    Gift.RETURNED: ("gift_returned", "The payment for this gift was returned."),
}


def gift_find(secret: str) -> ClaimRight | None:
    """By the hash alone: what an index finds tells nobody how near a guess was."""
    if not _SECRET.fullmatch(secret):
        return None
    return (
        ClaimRight.objects.select_related(
            "order__user", "collection__release__artist", "collection__release__cover"
        )
        .filter(gift_hash=claims.gift_hash(secret))
        .first()
    )


def gift_state(claim: ClaimRight, user_id: UUID | None, now: datetime | None = None) -> Gift:
    """user_id: who looks, none for a guest. The claim comes with its order."""
    if claim.state == ClaimRight.State.REVOKED:
        ended = {
            reasons.GIFT_UNCLAIMED: Gift.EXPIRED,
            reasons.GIFT_CANCELLED: Gift.CALLED_BACK,
        }
        return ended.get(claim.order.reason, Gift.RETURNED)
    if claim.holder_id is not None:
        return Gift.YOURS if claim.holder_id == user_id else Gift.TAKEN
    if claim.gift_expires_at is not None and claim.gift_expires_at <= (now or timezone.now()):
        return Gift.EXPIRED
    return Gift.OWN if claim.order.user_id == user_id else Gift.WAITING


@transaction.atomic
def gift_accept(*, secret: str, user: User, now: datetime | None = None) -> ClaimRight:
    """The first to open it is its holder. Again by the same person: the same answer, no change.

    Raises ApplicationError gift_not_found (404), gift_own, gift_taken, gift_expired,
    gift_called_back, gift_returned (409).
    """
    found = gift_find(secret)
    order = states.order_lock(pk=found.order_id) if found is not None else None
    if found is None or order is None:
        raise errors.gift_not_found()
    claim = ClaimRight.objects.select_for_update().get(pk=found.pk)
    claim.order = order
    stands = gift_state(claim, user.pk, now)
    if stands is Gift.YOURS:
        return claim
    if stands is not Gift.WAITING:
        raise errors.gift_refused(*_WHY_NOT[stands])
    claim.holder = user
    claim.save(update_fields=["holder"])
    attention.order_event_only(order=order, cause=Cause("gift opened"))
    notices.gift_opened_tell(claim)
    audit.record(
        actor=user,
        action="payments.gift_accepted",
        target=claim,
        before={"holder": None},
        after={"holder": str(user.pk)},
    )
    announce.order_changed(order)
    return claim


@transaction.atomic
def gift_note_set(*, order_id: UUID, user: User, note: str) -> ClaimRight:
    """The giver's words for whom opens the gift. Raises ApplicationError order_not_found (404),
    gift_closed (409).
    """
    _, claim = _unopened(order_id, user)
    before, claim.gift_note = claim.gift_note, note.strip()[:NOTE_LENGTH]
    claim.save(update_fields=["gift_note"])
    audit.record(
        actor=user,
        action="payments.gift_note_set",
        target=claim,
        before={"length": len(before)},
        after={"length": len(claim.gift_note)},
    )
    return claim


@transaction.atomic
def gift_cancel(*, order_id: UUID, user: User) -> None:
    """The giver calls it back before anybody has opened it; the payment goes back by the rules of
    its method. Raises ApplicationError order_not_found (404), gift_closed, refund_impossible (409).
    """
    order, claim = _unopened(order_id, user)
    if claim.frozen:
        raise errors.gift_refused("gift_closed", "A dispute about this payment is open.")
    audit.record(actor=user, action="payments.gift_cancelled", target=claim)
    _send_back(order, reasons.GIFT_CANCELLED, _GIVER)


def gifts_expire(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Send back what nobody has opened in time; how many. Safe to run twice at once.

    A gift in a dispute waits for its end. What cannot go back by itself waits for a person.
    """
    now = now or timezone.now()
    due = ClaimRight.objects.filter(
        state=ClaimRight.State.OPEN,
        holder__isnull=True,
        frozen=False,
        gift_expires_at__lte=now,
        order__state=Order.State.FULFILLING,
    )
    orders = list(due.order_by("gift_expires_at").values_list("order_id", flat=True)[:limit])
    return sum(_expire(order_id, now) for order_id in orders)


@transaction.atomic
def _expire(order_id: UUID, now: datetime) -> bool:
    order = states.order_lock(pk=order_id)
    claim = ClaimRight.objects.select_for_update().get(order_id=order_id)
    if order is None or order.state != Order.State.FULFILLING or claim.frozen:
        return False
    claim.order = order
    if claim.state != ClaimRight.State.OPEN or gift_state(claim, None, now) is not Gift.EXPIRED:
        return False
    cause = Cause("gift expired")
    audit.record(actor=cause.text, action="payments.gift_expired", target=claim)
    try:
        _send_back(order, reasons.GIFT_UNCLAIMED, cause)
    except ApplicationError as error:
        log.warning("gift_not_sent_back", order_id=str(order_id), code=error.code)
        attention.order_attention(order=order, reason=reasons.GIFT_UNCLAIMED, cause=cause)
    return True


def _unopened(order_id: UUID, user: User) -> tuple[Order, ClaimRight]:
    order = states.order_lock(pk=order_id, user=user)
    if order is None:
        raise errors.order_not_found()
    claim = ClaimRight.objects.select_for_update().filter(order=order).first()
    if claim is None or not claim.gift_hash:
        raise errors.gift_refused("gift_closed", "There is no gift to give in this order.")
    claim.order = order
    if claim.state != ClaimRight.State.OPEN or claim.holder_id is not None:
        raise errors.gift_refused("gift_closed", "The gift has been opened, or is no more.")
    return order, claim


def _send_back(order: Order, reason: str, cause: Cause) -> None:
    """All that is left of the payment; nothing is owed any more. The caller holds the lock."""
    paid = order.attempts.filter(state=PaymentAttempt.State.CONFIRMED)
    attempt = next(one for one in paid if PaymentAttempt.Flag.DUPLICATE not in one.flags)
    refunds.refund_request(
        attempt=attempt, amount=None, reason=reason, origin=Refund.Origin.SHOP, cause=cause
    )
    if claims.claim_revoke(order=order):  # a part had gone back before: this was the rest
        attention.order_end(order=order, reason=reason, cause=cause)
