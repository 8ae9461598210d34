"""Claim rights: what is owed to who paid outside the chain, until the chain has given it.

One door for each move. The order's row is the lock of its claim, as of its attempts.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from core import audit
from nft import services as nft_services
from payments import announce, reasons
from payments.models import ClaimRight, Order, PaymentAttempt, SettlementPart
from payments.providers import provider
from payments.services import attention, posting, reservations, states
from payments.services.events import Cause

State = ClaimRight.State
MAX_RETURNS: Final = 3


def gift_secret(order: Order) -> str:
    """What the gift's link carries: nobody can guess it, and its buyer may see it again."""
    return salted_hmac("payments.gift", order.pk.hex, algorithm="sha256").hexdigest()[:40]


def gift_link(order: Order) -> str:
    """Who opens it first, and signs in, becomes the holder of the gift."""
    return f"{settings.PUBLIC_URL}/gift/{gift_secret(order)}"


def gift_hash(secret: str) -> str:
    """What is stored of it, so that who reads the database cannot open the gift."""
    return hashlib.sha256(secret.encode()).hexdigest()


def claim_create(*, order: Order, attempt: PaymentAttempt, at: datetime) -> ClaimRight:
    """The order is paid: its editions are owed. The caller holds the order's lock."""
    hold = provider(attempt.provider).capabilities.hold
    return ClaimRight.objects.create(
        order=order,
        collection=order.collection,
        holder=None if order.gift else order.user,
        quantity=order.quantity,
        provider=attempt.provider,
        asset=attempt.asset,
        gross=attempt.paid or 0,
        hold_until=at + hold,
        gift_hash=gift_hash(gift_secret(order)) if order.gift else None,
        gift_expires_at=at + settings.GIFT_LIFETIME if order.gift else None,
    )


@transaction.atomic
def claim_settled(
    *, claim: ClaimRight, part: SettlementPart, first_index: int, at: datetime, cause: Cause
) -> None:
    """The chain has minted the claim's editions from `first_index` on: order and books follow.

    Called once per claim by the receipt of its part; a second call does nothing.
    """
    order = states.order_lock(pk=claim.order_id)
    if order is None:
        raise ClaimRight.DoesNotExist(f"claim {claim.pk} has no order")
    claim = ClaimRight.objects.select_for_update().get(pk=claim.pk)
    if claim.state == State.SETTLED:
        return
    claim.state, claim.first_index, claim.settled_at = State.SETTLED, first_index, at
    claim.part = part
    claim.save(update_fields=["state", "first_index", "settled_at", "part"])
    nft_services.items_record(
        collection=order.collection,
        first_index=first_index,
        quantity=claim.quantity,
        owner=claim.recipient,
        minted_at=at,
    )
    _fulfil(order, claim, first_index, at, cause)
    posting.sale_post(order=order, at=at)
    announce.order_changed(order)
    nft_services.publish_supply(order.collection)


def _fulfil(order: Order, claim: ClaimRight, first_index: int, at: datetime, cause: Cause) -> None:
    order.first_index, order.fulfilled_at = first_index, at
    order.recipient = order.buyer = claim.recipient
    order.save(update_fields=["first_index", "fulfilled_at", "recipient", "buyer"])
    before = order.state
    if before == Order.State.NEEDS_ATTENTION:
        # Given, but something else about it is not settled: a person still has to see it.
        attention.order_event_only(order=order, cause=cause)
    else:
        states.order_move(order, Order.State.FULFILLED, cause, reason="")
    audit.record(
        actor=cause.text,
        action="payments.order_fulfilled",
        target=order,
        before={"state": before},
        after={"state": order.state, "first_index": first_index, **cause.details},
    )


@transaction.atomic
def claim_returned(*, claim: ClaimRight, cause: Cause) -> None:
    """The drop refused the part: the claim is open again, for the next batch.

    After MAX_RETURNS a person looks: the editions are owed, but the drop does not give them.
    """
    order = states.order_lock(pk=claim.order_id)
    claim = ClaimRight.objects.select_for_update().get(pk=claim.pk)
    if order is None or claim.state != State.SETTLING:
        return
    claim.state = State.OPEN
    claim.save(update_fields=["state"])
    attention.order_event_only(order=order, cause=cause)
    if claim.lines.count() >= MAX_RETURNS:
        attention.order_attention(order=order, reason=reasons.MINT_REFUSED, cause=cause)


def claim_revoke(*, order: Order) -> bool:
    """Nothing is owed any more: the money goes back before the mint. Frees the editions.

    The caller holds the order's lock. False when there is no open claim.
    """
    open_ = ClaimRight.objects.filter(order=order, state=State.OPEN)
    if open_.update(state=State.REVOKED) != 1:
        return False
    reservations.reservation_release(order=order)
    return True


def claim_freeze(*, order: Order, frozen: bool) -> None:
    """A dispute is open (or over): the claim joins no settlement while it is frozen."""
    ClaimRight.objects.filter(order=order, state=State.OPEN).update(frozen=frozen)
