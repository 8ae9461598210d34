"""Making orders and trying to pay them. Nothing is reserved: the first on chain wins."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import wallet_addresses
from core.ton.addresses import BASECHAIN, AddressInvalid, parse
from nft.models import Collection
from payments import errors
from payments.models import Order, PaymentAttempt
from payments.providers import REGISTRY, provider
from payments.providers.base import ProviderError
from payments.services import events, states
from payments.services.events import Cause
from payments.services.quotes import refuse_unbuyable
from referrals import services as referrals

MAX_ATTEMPTS: Final = 10
_BUYER: Final = Cause("buyer")


@transaction.atomic(savepoint=False)
def order_create(
    *,
    user: User,
    collection: Collection,
    quantity: int,
    method: str,
    recipient: str | None = None,
    wallet: str | None = None,
    now: datetime | None = None,
) -> tuple[Order, PaymentAttempt]:
    """An order at the price of `collection` (fresh from quotes.drop_quote), with its first attempt.

    recipient: any form of address, none for the buyer's own wallet. wallet: the proved wallet
    that will pay, none for the one proved last. Raises ApplicationError: sold_out, paused,
    not_started, ended (409), too_many, method_unavailable, address_invalid (400),
    wallet_unproved (403).
    """
    now = now or timezone.now()
    _refuse_unavailable(method)
    refuse_unbuyable(collection, quantity, now)
    payer = _payer(user, wallet)
    receiver = _address("recipient", recipient) if recipient else None
    order = _order_open(user, collection, quantity, receiver, now)
    attempt = _attempt_open(order, method, payer, now)
    events.save(
        events.order_event(order, "", _BUYER),
        events.attempt_event(attempt, "", _BUYER),
    )
    return order, attempt


def _order_open(
    user: User, collection: Collection, quantity: int, recipient: str | None, now: datetime
) -> Order:
    """Price, shares and referrer as they are at this moment; they stay with the order."""
    referrer_id = referrals.attribution_ensure(user_id=user.pk, now=now)
    order = Order(
        user=user,
        collection=collection,
        quantity=quantity,
        recipient=recipient,
        unit_price=collection.price,
        total=collection.price * quantity,
        platform_bps=collection.platform_bps,
        referrer_id=referrer_id,
        referral_bps=settings.REFERRAL_BPS if referrer_id else 0,
        created_at=now,
        expires_at=now + settings.ORDER_LIFETIME,
    )
    order.save(force_insert=True)
    return order


@transaction.atomic(savepoint=False)
def attempt_create(
    *,
    user: User,
    order_id: UUID,
    method: str,
    wallet: str | None = None,
    now: datetime | None = None,
) -> Order:
    """Another try to pay the caller's order, at the order's own price and until its own end.

    Open attempts are given up for it. Raises ApplicationError: order_not_found (404),
    order_closed, too_many_attempts (409), and what order_create raises.
    """
    now = now or timezone.now()
    _refuse_unavailable(method)
    order = states.order_lock(pk=order_id, user=user)
    if order is None:
        raise errors.order_not_found()
    if order.state != Order.State.AWAITING_PAYMENT:
        raise errors.order_closed(order.state)
    if order.expires_at <= now:
        raise errors.order_closed(Order.State.EXPIRED)
    if order.attempts.count() >= MAX_ATTEMPTS:
        raise errors.too_many_attempts()
    refuse_unbuyable(order.collection, order.quantity, now)
    payer = _payer(user, wallet)
    moves = states.attempts_close(
        order, PaymentAttempt.State.CANCELLED, Cause("buyer", {"why": "another attempt"})
    )
    attempt = _attempt_open(order, method, payer, now)
    events.save(*moves, events.attempt_event(attempt, "", _BUYER))
    return order


def _attempt_open(order: Order, method: str, payer: str, now: datetime) -> PaymentAttempt:
    """A provider that only prepares a message cannot be half done: the attempt starts open."""
    attempt = PaymentAttempt(
        order=order,
        provider=method,
        state=PaymentAttempt.State.OPEN,
        asset=order.asset,
        amount=order.total,
        wallet=payer,
        valid_until=min(order.expires_at, now + settings.ATTEMPT_LIFETIME),
        created_at=now,
    )
    try:
        attempt.handoff = provider(method).create(attempt)
    except ProviderError as error:
        raise errors.provider_unavailable() from error
    attempt.save(force_insert=True)
    return attempt


def _refuse_unavailable(method: str) -> None:
    if method not in REGISTRY or not provider(method).configured:
        raise errors.method_unavailable()


def _payer(user: User, wallet: str | None) -> str:
    """Only who proved a wallet may say that it will pay: its receipts are matched by address."""
    proved = wallet_addresses(user)
    chosen = _address("wallet", wallet) if wallet else next(iter(proved), "")
    if chosen not in proved:
        raise errors.wallet_unproved()
    return chosen


def _address(field: str, text: str) -> str:
    try:
        return parse(text, workchain=BASECHAIN)
    except AddressInvalid as error:
        raise errors.address_invalid(field, str(error)) from error
