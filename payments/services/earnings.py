"""What stands to whose credit, what of it may still be taken back, and what can be paid out.

owed = held + payable. Held: earnings of payments that are younger than their method's hold, or
disputed, and rewards that a fraud flag is open against. What refunds took from older earnings
makes `payable` negative; it carries over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from accounts.selectors import wallet_addresses
from catalog.models import Artist
from core.money import DECIMALS, Money
from nft.models import Collection
from payments import ledger
from payments.models import (
    ClaimRight,
    Dispute,
    LedgerAccount,
    Leg,
    Payout,
    PayoutBatch,
    PayoutChoice,
    Rate,
)
from payments.services import exchange
from referrals.models import FraudFlag

Kind = LedgerAccount.Kind
PAYABLE: Final = (Kind.ARTIST_PAYABLE, Kind.REFERRAL_PAYABLE)


@dataclass(frozen=True, slots=True)
class Due:
    """What can be paid out of one account, and who is to get it. address: raw, "" when none is
    proved. coins: what is paid instead, at `rate`, to who chose so.
    """

    kind: LedgerAccount.Kind
    owner: str
    payee: User
    money: Money
    address: str
    coins: Money | None = None
    rate: Rate | None = None


def payouts_due(asset: str) -> list[Due]:
    """What an asset's next batch would pay: settings.PAYOUT_MINIMUM or more each, in fixed order.

    Who wants coins is found under the coin, whatever he earned in, while there is a fresh rate.
    What an open batch is about to pay is not due again.
    """
    now = timezone.now()
    coin = settings.NATIVE_COIN
    chosen = set(PayoutChoice.objects.filter(in_coins=True).values_list("user_id", flat=True))
    if asset != coin:
        return [one for one in _accounts_due(asset, now) if one.payee.pk not in chosen]
    due = list(_accounts_due(coin, now))
    for other in sorted(set(DECIMALS) - {coin}):
        rate = exchange.rate_of(other, now) if chosen else None
        if rate is None:
            continue
        due += [
            replace(one, coins=exchange.coins_for(one.money, rate), rate=rate)
            for one in _accounts_due(other, now)
            if one.payee.pk in chosen
        ]
    return due


def _accounts_due(asset: str, now: datetime) -> Iterator[Due]:
    owed = _sums(Leg.objects.filter(account__kind__in=PAYABLE, asset=asset))
    held = _sums(held_legs(now).filter(account__kind__in=PAYABLE, asset=asset))
    taken = set(
        Payout.objects.filter(batch__state=PayoutBatch.State.DRAFT, asset=asset).values_list(
            "kind", "owner"
        )
    )
    least: int = settings.PAYOUT_MINIMUM.get(asset, 1)
    for kind, owner in sorted(owed.keys() - taken):
        amount = owed[kind, owner] - held.get((kind, owner), 0)
        payee = payee_of(Kind(kind), owner) if amount >= least else None
        if payee is not None:
            yield Due(Kind(kind), owner, payee, Money(asset, amount), wallet_for(payee))


def _sums(legs: QuerySet[Leg]) -> dict[tuple[str, str], int]:
    """Credits by account, as positive amounts."""
    rows = legs.order_by().values("account__kind", "account__owner").annotate(total=Sum("amount"))
    return {(row["account__kind"], row["account__owner"]): -int(row["total"]) for row in rows}


def held_legs(now: datetime) -> QuerySet[Leg]:
    """Legs of payments that may still be taken back, with those that turned some of it back."""
    disputed = Dispute.objects.filter(attempt=OuterRef("entry__attempt"), closed_at__isnull=True)
    young = Q(Exists(disputed))
    for method, hold in settings.PAYOUT_HOLDS.items():
        young |= Q(entry__attempt__provider=method, entry__attempt__confirmed_at__gt=now - hold)
    doubted = Q(Exists(rewards_in_doubt()), account__kind=Kind.REFERRAL_PAYABLE)
    return Leg.objects.filter(young | doubted)


def rewards_in_doubt() -> QuerySet[FraudFlag]:
    """Flags that hold a reward: of whoever ordered what the leg is of (see services.rewards)."""
    return FraudFlag.objects.filter(attribution__user=OuterRef("entry__order__user")).exclude(
        state=FraudFlag.State.CLEARED
    )


def payable(kind: LedgerAccount.Kind, owner: str, asset: str) -> Money:
    """What may leave an account now; below zero after refunds that are not made up for yet."""
    legs = held_legs(timezone.now()).filter(account__kind=kind, account__owner=owner, asset=asset)
    return ledger.owed(kind, owner, asset) - Money(asset, _sums(legs).get((kind, owner), 0))


def payee_of(kind: LedgerAccount.Kind, owner: str) -> User | None:
    """Who stands behind an account: a referrer's user id, "artist:<id>" or "user:<id>"."""
    what, _, key = owner.rpartition(":")
    if kind == Kind.REFERRAL_PAYABLE or what == "user":
        return User.objects.filter(pk=key).first()
    found = Artist.objects.select_related("owner").filter(pk=key).first()
    return found.owner if found else None


def accounts_of(user: User) -> list[tuple[LedgerAccount.Kind, str]]:
    """The accounts whose payee this is: the other way round."""
    artists = [str(pk) for pk in Artist.objects.filter(owner=user).values_list("pk", flat=True)]
    return [
        *((Kind.ARTIST_PAYABLE, f"artist:{one}") for one in artists),
        (Kind.ARTIST_PAYABLE, f"user:{user.pk}"),
        (Kind.REFERRAL_PAYABLE, str(user.pk)),
    ]


def direct_of(user: User) -> list[str]:
    """Owners of revenue that reached this person on chain, without us."""
    artists = Artist.objects.filter(owner=user).values_list("pk", flat=True)
    return [*(str(one) for one in artists), f"user:{user.pk}"]


def wallet_for(user: User) -> str:
    """The raw address that a payout goes to: the wallet that was proved last."""
    return next((one for one in wallet_addresses(user) if one.startswith("0:")), "")


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset of somebody's. until: when the last of what is held is free; none: a dispute."""

    held: Money
    payable: Money
    under_way: Money
    direct: Money
    until: datetime | None

    @property
    def nothing(self) -> bool:
        return not any((self.held, self.payable, self.under_way, self.direct))


@dataclass(frozen=True, slots=True)
class Coming:
    """Paid for and not minted yet: gross, as the buyers paid it. until: when the last may be."""

    gross: Money
    editions: int
    until: datetime


def coming_of(user: User) -> list[Coming]:
    """What the user's releases have sold outside the chain; it is earned when it is minted."""
    drops = Collection.objects.filter(
        Q(release__artist__owner=user) | Q(split__shares__user=user)
    ).values("pk")
    rows = (
        ClaimRight.objects.filter(
            collection__in=drops, state__in=(ClaimRight.State.OPEN, ClaimRight.State.SETTLING)
        )
        .order_by()
        .values("asset")
        .annotate(gross_=Sum("gross"), editions=Sum("quantity"), until=Max("hold_until"))
    )
    return [
        Coming(Money(row["asset"], int(row["gross_"])), row["editions"], row["until"])
        for row in sorted(rows, key=lambda one: str(one["asset"]))
    ]


def balances_of(user: User) -> list[Balance]:
    """By asset, in a fixed order; assets in which nothing ever moved are left out."""
    now = timezone.now()
    whose = Q()
    for kind, owner in accounts_of(user):
        whose |= Q(account__kind=kind, account__owner=owner)
    owed = _by_asset(Leg.objects.filter(whose))
    held = _by_asset(held_legs(now).filter(whose))
    direct = _by_asset(
        Leg.objects.filter(account__kind=Kind.ARTIST_REVENUE, account__owner__in=direct_of(user))
    )
    way = _under_way(user)
    found = [
        Balance(
            held=Money(asset, held.get(asset, 0)),
            payable=Money(asset, owed.get(asset, 0) - held.get(asset, 0)),
            under_way=Money(asset, way.get(asset, 0)),
            direct=Money(asset, direct.get(asset, 0)),
            until=_held_until(held_legs(now).filter(whose, asset=asset)),
        )
        for asset in DECIMALS
    ]
    return [one for one in found if not one.nothing]


def _by_asset(legs: QuerySet[Leg]) -> dict[str, int]:
    rows = legs.order_by().values("asset").annotate(total=Sum("amount"))
    return {row["asset"]: -int(row["total"]) for row in rows}


def _under_way(user: User) -> dict[str, int]:
    """Approved and not proved yet, in the assets in which it was earned."""
    open_ = (PayoutBatch.State.APPROVED, PayoutBatch.State.FAILED)
    rows = Payout.objects.filter(payee=user, batch__state__in=open_, returned_at__isnull=True)
    rows = rows.exclude(kind=Kind.LOSSES).order_by()
    return dict(rows.values_list("asset").annotate(total=Sum("amount")))


def _held_until(legs: QuerySet[Leg]) -> datetime | None:
    dates = legs.order_by().values_list("entry__attempt__provider", "entry__attempt__confirmed_at")
    ends = [
        confirmed + settings.PAYOUT_HOLDS[provider]
        for provider, confirmed in dates.distinct()
        if provider in settings.PAYOUT_HOLDS and confirmed is not None
    ]
    return max(ends, default=None)
