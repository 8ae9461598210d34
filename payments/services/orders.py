"""Making orders and trying to pay them.

With TON nothing is reserved: the first on chain wins. Whoever pays elsewhere gets editions kept for
him out of the drop's hub quota, for longer than the provider takes his payment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import wallet_addresses
from core.outbox.services import put
from core.ton.addresses import BASECHAIN, AddressInvalid, parse
from nft.models import Collection
from payments import errors
from payments.models import Order, PaymentAttempt, PaymentEvent, Quote
from payments.providers import REGISTRY, off_chain, provider
from payments.providers.base import Capabilities, ProviderError
from payments.services import events, policy, pricing, reservations, states
from payments.services.events import Cause
from payments.services.quotes import refuse_unbuyable
from referrals import services as referrals

MAX_ATTEMPTS: Final = 10
# However often a buyer tries again, the price that he saw is kept for no longer than this.
LONGEST: Final = timedelta(hours=3)
# When the request that made an attempt dies before it calls the provider, this one does it.
_SUBMIT_AFTER: Final = timedelta(seconds=15)
_BUYER: Final = Cause("buyer")
Try = PaymentAttempt.State


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders, and what decides how he may pay.

    context: "telegram" or "web", by how the session was opened. country: ISO 3166 or "" when not
    said. email: for a receipt by law. wallet: the proved one that pays (ton), none for the last.
    """

    user: User
    context: str
    country: str = ""
    email: str = ""
    wallet: str | None = None


@transaction.atomic(savepoint=False)
def order_create(
    *,
    buyer: Buyer,
    collection: Collection,
    quantity: int,
    method: str,
    recipient: str | None = None,
    gift: bool = False,
    now: datetime | None = None,
) -> tuple[Order, PaymentAttempt]:
    """An order at the price of `collection` (fresh from quotes.drop_quote), with its first attempt.

    recipient: any form of address, none for the buyer's own wallet (ton). gift: to be claimed by a
    link (elsewhere). An attempt that comes back `created` is to be submitted after the commit.
    Raises ApplicationError: sold_out, paused, not_started, ended, amount_refused (409), too_many,
    method_unavailable, address_invalid, email_required, gift_impossible (400), wallet_unproved
    (403), price_unavailable (503).
    """
    now = now or timezone.now()
    able = provider(method).capabilities if _known(method) else None
    if able is None:
        raise errors.method_unavailable()
    refuse_unbuyable(collection, quantity, now, reserves=able.reserves)
    if gift and able.instant:
        raise errors.gift_impossible()
    receiver = _address("recipient", recipient) if recipient and able.instant else None
    order = _order_open(buyer, collection, quantity, receiver, gift, now)
    attempt = _attempt_open(order, buyer, method, now)
    events.save(
        events.order_event(order, "", _BUYER),
        events.attempt_event(attempt, "", _BUYER),
    )
    return order, attempt


def _order_open(
    buyer: Buyer,
    collection: Collection,
    quantity: int,
    recipient: str | None,
    gift: bool,
    now: datetime,
) -> Order:
    """Price, shares and referrer as they are at this moment; they stay with the order."""
    terms = referrals.terms_at(user_id=buyer.user.pk, now=now)
    order = Order(
        user=buyer.user,
        collection=collection,
        quantity=quantity,
        recipient=recipient,
        context=buyer.context,
        country=buyer.country,
        email=buyer.email,
        gift=gift,
        unit_price=collection.price,
        total=collection.price * quantity,
        platform_bps=collection.platform_bps,
        referrer_id=terms.referrer_id if terms else None,
        referral_bps=terms.rate_bps if terms else 0,
        created_at=now,
        expires_at=now + settings.ORDER_LIFETIME,
    )
    order.save(force_insert=True)
    return order


@transaction.atomic(savepoint=False)
def attempt_create(
    *, buyer: Buyer, order_id: UUID, method: str, now: datetime | None = None
) -> tuple[Order, PaymentAttempt]:
    """Another try to pay the caller's order, at the order's own price.

    Open attempts are given up for it, at their providers too. Raises ApplicationError:
    order_not_found (404), order_closed, too_many_attempts, attempt_pending (409), and what
    order_create raises.
    """
    now = now or timezone.now()
    if not _known(method):
        raise errors.method_unavailable()
    order = states.order_lock(pk=order_id, user=buyer.user)
    if order is None:
        raise errors.order_not_found()
    if order.state != Order.State.AWAITING_PAYMENT:
        raise errors.order_closed(order.state)
    if order.expires_at <= now:
        raise errors.order_closed(Order.State.EXPIRED)
    if order.attempts.count() >= MAX_ATTEMPTS:
        raise errors.too_many_attempts()
    able = provider(method).capabilities
    if order.gift and able.instant:
        raise errors.gift_impossible()
    refuse_unbuyable(order.collection, order.quantity, now, reserves=able.reserves)
    _refuse_pending(order, method)
    _adopt(order, buyer)
    moves = attempts_give_up(order, Cause("buyer", {"why": "another attempt"}))
    if not able.reserves:
        reservations.reservation_release(order=order)
    attempt = _attempt_open(order, buyer, method, now)
    events.save(*moves, events.attempt_event(attempt, "", _BUYER))
    return order, attempt


def _refuse_pending(order: Order, method: str) -> None:
    """While it is not known what a provider has made, it is not asked to make another one."""
    unsure = order.attempts.filter(provider=method, state__in=(Try.SUBMITTING, Try.UNKNOWN))
    if unsure.exists():
        raise errors.attempt_pending()


def _adopt(order: Order, buyer: Buyer) -> None:
    """What the buyer says now about receipt and place counts from here on."""
    order.context = buyer.context
    order.country = buyer.country or order.country
    order.email = buyer.email or order.email
    order.save(update_fields=["context", "country", "email"])


def attempts_give_up(order: Order, cause: Cause) -> list[PaymentEvent]:
    """End the order's open attempts here, and promise to end them at their providers."""
    moves = states.attempts_close(order, Try.CANCELLED, cause)
    for move in moves:
        attempt = move.attempt
        if attempt is not None and not provider(attempt.provider).capabilities.instant:
            put("payments.attempt_cancel", {"attempt_id": attempt.pk}, key=attempt.pk.hex)
    return moves


def _attempt_open(order: Order, buyer: Buyer, method: str, now: datetime) -> PaymentAttempt:
    able = provider(method).capabilities
    quote = _quote(order, able, now)
    asset = settings.NATIVE_COIN if quote is None else quote.asset
    amount = order.total if quote is None else quote.unit_price * order.quantity
    policy.refuse_unavailable(
        method=method, context=buyer.context, country=order.country, asset=asset, amount=amount
    )
    _refuse_amount(able, asset, amount)
    if able.needs_email and not order.email:
        raise errors.email_required()
    attempt = PaymentAttempt(
        order=order,
        provider=method,
        acquirer=method if able.instant else _acquirer(method),
        state=Try.CREATED,
        asset=asset,
        amount=amount,
        quote=quote,
        valid_until=now + able.lifetime,
        created_at=now,
    )
    if able.instant:
        _prepare(attempt, _payer(buyer))
    attempt.save(force_insert=True)
    if not able.instant:
        _reserve(order, attempt, able)
        put(
            "payments.attempt_submit",
            {"attempt_id": attempt.pk},
            key=attempt.pk.hex,
            after=_SUBMIT_AFTER,
        )
    return attempt


def _acquirer(method: str) -> str:
    try:
        return off_chain(method).acquirer()
    except ProviderError as error:
        raise errors.method_unavailable() from error


def _prepare(attempt: PaymentAttempt, payer: str) -> None:
    """A provider that only prepares a message cannot be half done: the attempt starts open."""
    attempt.wallet = payer
    attempt.valid_until = min(attempt.order.expires_at, attempt.valid_until)
    try:
        attempt.handoff = dict(provider(attempt.provider).create(attempt).handoff)
    except ProviderError as error:
        raise errors.provider_unavailable() from error
    attempt.state = Try.OPEN


def _reserve(order: Order, attempt: PaymentAttempt, able: Capabilities) -> None:
    """The order and its editions outlive the payment by the provider's margin."""
    last = min(attempt.valid_until, order.created_at + LONGEST)
    if last != attempt.valid_until:
        attempt.valid_until = last
        attempt.save(update_fields=["valid_until"])
    until = last + able.margin
    if until > order.expires_at:
        order.expires_at = until
        order.save(update_fields=["expires_at"])
    if able.reserves:
        reservations.reservation_hold(order=order, until=order.expires_at)


def _quote(order: Order, able: Capabilities, now: datetime) -> Quote | None:
    """None for the native coin: its price is the order's own."""
    if settings.NATIVE_COIN in able.assets:
        return None
    asset = min(able.assets)
    return pricing.quote_make(
        collection=order.collection, asset=asset, base_price=order.unit_price, now=now
    )


def _refuse_amount(able: Capabilities, asset: str, amount: int) -> None:
    if amount < able.smallest.get(asset, 0):
        raise errors.amount_refused("The price is below what this method can take.")
    if amount > able.largest.get(asset, amount):
        raise errors.amount_refused("The price is above what this method can take.")


def _known(method: str) -> bool:
    return method in REGISTRY and provider(method).configured


def _payer(buyer: Buyer) -> str:
    """Only who proved a wallet may say that it will pay: its receipts are matched by address."""
    proved = wallet_addresses(buyer.user)
    chosen = _address("wallet", buyer.wallet) if buyer.wallet else next(iter(proved), "")
    if chosen not in proved:
        raise errors.wallet_unproved()
    return chosen


def _address(field: str, text: str) -> str:
    try:
        return parse(text, workchain=BASECHAIN)
    except AddressInvalid as error:
        raise errors.address_invalid(field, str(error)) from error
