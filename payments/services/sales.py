"""A sale that happened on chain: which order it pays, what it posts, which editions it gave.

The chain has already taken the money and minted; nothing here may refuse it. query_id can be
guessed and repeated by anybody, so it pays an order only when everything else is that order's too.
Anything else is a sale all the same, recorded as an order of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from core import audit
from core.money import Money
from nft import services as nft_services
from nft.models import Collection
from nft.selectors import split_of
from payments import announce, ledger, notices
from payments.ledger import Line
from payments.metrics import CREDIT_SECONDS
from payments.models import LedgerAccount, LedgerEntry, Order, PaymentAttempt, PaymentEvent
from payments.services import events, reservations, states
from payments.services.events import Cause

PROVIDER: Final = "ton"
_FOLLOWER: Final = "follower"
Kind = LedgerAccount.Kind


@dataclass(frozen=True, slots=True)
class Sale:
    """A collection's receipt as the hub's transaction holds it. Amounts in nano, addresses raw.

    platform: the hub's part of unit_price * quantity, as it received it. gas: what the receipt
    brought for its own handling less what that burned, so platform + gas is the hub's new balance
    less its old one (a receipt makes the hub send nothing).
    """

    collection: Collection
    hub: str
    lt: int
    hash: str
    at: datetime
    query_id: int
    buyer: str
    recipient: str
    first_index: int
    quantity: int
    unit_price: int
    platform: int
    gas: int

    @property
    def total(self) -> Money:
        return Money("TON", self.unit_price * self.quantity)

    @property
    def key(self) -> str:
        """One transaction of the hub is one sale, whatever is inside."""
        return f"sale:{self.hub}:{self.lt}"


@transaction.atomic
def sale_record(*, sale: Sale) -> Order:
    """Confirm the order that the sale pays, or make one for it. Once per transaction of the hub.

    The ledger entry, the items and all moves are written together with the caller's cursor.
    """
    if known := Order.objects.filter(
        attempts__provider=PROVIDER, attempts__external_id=sale.hash
    ).first():
        return known
    order, attempt, why = _match(sale)
    if order is None or attempt is None:
        order, attempt, made = _order_of_chain(sale, why)
    else:
        made = []
    order.collection = sale.collection
    _confirm(order, attempt, sale, made)
    _post(order, attempt, sale)
    nft_services.items_record(
        collection=sale.collection,
        first_index=sale.first_index,
        quantity=sale.quantity,
        owner=sale.recipient,
        minted_at=sale.at,
    )
    announce.order_changed(order)
    nft_services.publish_supply(sale.collection)
    transaction.on_commit(partial(_observe, sale.at), robust=True)
    return order


def _observe(at: datetime) -> None:
    """Clocks differ: a chain that is ahead of us credits at once."""
    CREDIT_SECONDS.observe(max(timedelta(0), timezone.now() - at).total_seconds())


def _match(sale: Sale) -> tuple[Order | None, PaymentAttempt | None, str]:
    """The order and attempt that this sale pays, or why there is none."""
    order = states.order_lock(query_id=sale.query_id, origin=Order.Origin.SHOP)
    if order is None:
        return None, None, "no_such_order"
    attempt = order.attempts.filter(provider=PROVIDER, wallet=sale.buyer).order_by("-id").first()
    if attempt is None:
        return None, None, "other_buyer"
    if why := _difference(order, sale):
        return None, None, why
    return order, attempt, ""


def _difference(order: Order, sale: Sale) -> str:
    if order.collection_id != sale.collection.pk:
        return "other_drop"
    if order.quantity != sale.quantity:
        return "other_quantity"
    if sale.unit_price > order.unit_price:
        return "other_price"  # below is right: the contract charges no more than its price
    if sale.recipient != (order.recipient or sale.buyer):
        return "other_recipient"
    if order.state not in states.PAYABLE:
        return "paid_before"
    return ""


def _order_of_chain(sale: Sale, why: str) -> tuple[Order, PaymentAttempt, list[PaymentEvent]]:
    """Bought past the shop: nobody's order, nobody's referral."""
    order = Order.objects.create(
        origin=Order.Origin.CHAIN,
        collection=sale.collection,
        quantity=sale.quantity,
        recipient=sale.recipient,
        unit_price=sale.unit_price,
        total=sale.total.amount,
        platform_bps=sale.collection.platform_bps,
        expires_at=sale.at,
    )
    attempt = PaymentAttempt.objects.create(
        order=order,
        provider=PROVIDER,
        state=PaymentAttempt.State.OPEN,
        asset=order.asset,
        amount=order.total,
        wallet=sale.buyer,
        valid_until=sale.at,
    )
    cause = Cause("receipt", {"query_id": str(sale.query_id), "why": why})
    return (
        order,
        attempt,
        [events.order_event(order, "", cause), events.attempt_event(attempt, "", cause)],
    )


def _confirm(order: Order, attempt: PaymentAttempt, sale: Sale, made: list[PaymentEvent]) -> None:
    cause = Cause("receipt", {"hub": sale.hub, "lt": str(sale.lt), "hash": sale.hash})
    before = order.state
    moves = [
        *made,
        states.attempt_confirm(
            attempt,
            paid=sale.total,
            external_id=sale.hash,
            chain_lt=sale.lt,
            at=sale.at,
            flags=_flags(order, sale),
            cause=cause,
        ),
    ]
    moves += states.attempts_close(order, PaymentAttempt.State.CANCELLED, cause, but=attempt)
    reservations.reservation_release(order=order)
    order.buyer, order.recipient, order.first_index = sale.buyer, sale.recipient, sale.first_index
    order.unit_price, order.total = sale.unit_price, sale.total.amount
    order.fulfilled_at, order.reason = sale.at, ""
    # Payment and mint are one transaction on chain: the order passes through `paid` in no time.
    order.state = Order.State.PAID
    moves.append(events.order_event(order, before, cause))
    order.state = Order.State.FULFILLED
    moves.append(events.order_event(order, Order.State.PAID, cause))
    order.save()
    events.save(*moves)
    audit.record(
        actor=_FOLLOWER,
        action="payments.order_fulfilled",
        target=order,
        before={"state": before},
        after={"state": order.state, "transaction": sale.hash, "total": order.cost.to_json()},
    )
    notices.sale_tell(order)


def _flags(order: Order, sale: Sale) -> list[str]:
    flags: list[str] = []
    if order.state != Order.State.AWAITING_PAYMENT or sale.at > order.expires_at:
        flags.append(PaymentAttempt.Flag.LATE)
    if sale.unit_price < order.unit_price:
        flags.append(PaymentAttempt.Flag.LOWER)
    return flags


def _post(order: Order, attempt: PaymentAttempt, sale: Sale) -> None:
    """The chain's own amounts; the referrer's reward comes out of the platform's part.

    What went to the artist (with collaborators: to their splitter) is one leg, as on chain. Whose
    it is are the other legs: one for everybody who has a share.
    """
    platform = Money("TON", sale.platform)
    gas = Money("TON", sale.gas)
    artist = sale.total - platform
    reward = platform.share(order.referral_bps)
    artist_id = str(sale.collection.release.artist_id)
    ledger.post(
        key=sale.key,
        kind=LedgerEntry.Kind.SALE,
        order=order,
        attempt=attempt,
        memo=f"{order.quantity} of {sale.collection.address}",
        on=sale.at.astimezone(UTC).date(),
        legs=[
            Line(Kind.TON_HOT, "", platform + gas),
            Line(Kind.ARTIST_DIRECT, artist_id, artist),
            *(Line(Kind.ARTIST_REVENUE, owner, -part) for owner, part in _parts(order, artist)),
            Line(Kind.PLATFORM_REVENUE, "", reward - platform),
            Line(Kind.REFERRAL_PAYABLE, str(order.referrer_id or ""), -reward),
            Line(Kind.HUB_GAS, "", -gas),
        ],
    )


def _parts(order: Order, whole: Money) -> list[tuple[str, Money]]:
    """Owners of revenue on chain: the artist by his bare id, collaborators as "user:<id>"."""
    payees = split_of(order.collection)
    parts = whole.split([one.bps for one in payees])
    return [
        (one.owner.removeprefix("artist:"), part) for one, part in zip(payees, parts, strict=True)
    ]
