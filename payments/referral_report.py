"""What a referrer may know of his rewards, and who brings the most people. Nobody is named who
does not want it, and of those who were brought only that they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import User
from accounts.selectors import public_name
from core.money import DECIMALS, Money
from payments.models import LedgerAccount, LedgerEntry, Leg, Order
from payments.services.earnings import held_legs
from referrals.models import Attribution, Campaign, FraudFlag
from referrals.services import rate_at

Kind = LedgerAccount.Kind
Entry = LedgerEntry.Kind
_PAID: Final = (Entry.PAYOUT, Entry.EXCHANGE)
FRIENDS: Final = 30
LEADERS: Final = 50
LEADERS_FOR: Final = timedelta(days=30)
_KEY: Final = "referral-leaders"
_FRESH_SECONDS: Final = 300


def earnings(user_id: UUID) -> dict[str, Any]:
    """Earned, held, payable and paid by asset, and earned by month. Whole minor units."""
    legs = Leg.objects.filter(account__kind=Kind.REFERRAL_PAYABLE, account__owner=str(user_id))
    rows = (
        legs.order_by()
        .annotate(month=TruncMonth("entry__accounting_on"))
        .values_list("asset", "month")
        .annotate(
            earned=Sum("amount", filter=~Q(entry__kind__in=_PAID), default=0),
            paid=Sum("amount", filter=Q(entry__kind__in=_PAID), default=0),
        )
    )
    held = dict(
        held_legs(timezone.now())
        .filter(account__kind=Kind.REFERRAL_PAYABLE, account__owner=str(user_id))
        .order_by()
        .values_list("asset")
        .annotate(total=Sum("amount"))
    )
    found = [(asset, month, -int(earned), int(paid)) for asset, month, earned, paid in rows]
    return {
        "balances": [
            _balance(asset, found, -int(held.get(asset, 0)))
            for asset in DECIMALS
            if any(one[0] == asset for one in found)
        ],
        "months": [
            {"month": month, "earned": Money(asset, earned)}
            for asset, month, earned, _ in sorted(found, key=lambda one: one[1], reverse=True)
            if earned
        ],
    }


def _balance(asset: str, rows: list[tuple[str, Any, int, int]], held: int) -> dict[str, Money]:
    earned = sum(one[2] for one in rows if one[0] == asset)
    paid = sum(one[3] for one in rows if one[0] == asset)
    parts = {"earned": earned, "held": held, "payable": earned - paid - held, "paid": paid}
    return {name: Money(asset, amount) for name, amount in parts.items()}


def people(user_id: UUID) -> dict[str, Any]:
    """Whom he brought: how many, and the newest of them without a name."""
    rows = Attribution.objects.filter(referrer_id=user_id)
    bought = Order.objects.filter(
        user=OuterRef("user"), referrer_id=user_id, state=Order.State.FULFILLED
    )
    flags = FraudFlag.objects.filter(attribution=OuterRef("pk"))
    newest = rows.annotate(
        collected=Exists(bought),
        fraud=Exists(flags.filter(state=FraudFlag.State.CONFIRMED)),
        doubted=Exists(flags.filter(state=FraudFlag.State.OPEN)),
    ).order_by("-id")[:FRIENDS]
    buyers = Order.objects.filter(referrer_id=user_id, state=Order.State.FULFILLED)
    return {
        "count": rows.count(),
        "collected": buyers.aggregate(count=Count("user", distinct=True))["count"],
        "newest": [
            {
                "since": one.created_at,
                "earns_until": one.expires_at,
                "collected": one.collected,
                "state": "refused" if one.fraud else "held" if one.doubted else "counted",
            }
            for one in newest
        ],
    }


def terms() -> dict[str, Any]:
    """What a sale would earn now, and the campaign that says so."""
    now = timezone.now()
    campaign = Campaign.objects.running(now).order_by("-rate_bps").first()
    told = {"name": campaign.name, "ends_at": campaign.ends_at} if campaign else None
    return {"rate_bps": rate_at(now), "campaign": told}


def leaders(user: User) -> dict[str, Any]:
    """Who brought the most people that collected something, in the last thirty days.

    Who does not want to be shown is left out, also of the counting of places.
    """
    rows = _ranked()
    mine = next((one for one in rows if one["user"] == user.pk), None)
    return {
        "days": LEADERS_FOR.days,
        "results": [{**_row(one), "you": one["user"] == user.pk} for one in rows[:LEADERS]],
        "you": _row(mine) if mine else None,
    }


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"place": one["place"], "name": one["name"], "people": one["people"]}


def _ranked() -> list[dict[str, Any]]:
    """Kept for minutes: the same for everybody."""
    kept: list[dict[str, Any]] | None = cache.get(_KEY)
    if kept is None:
        kept = _rank()
        cache.set(_KEY, kept, _FRESH_SECONDS)
    return kept


def _rank() -> list[dict[str, Any]]:
    doubted = FraudFlag.objects.filter(attribution__user=OuterRef("user")).exclude(
        state=FraudFlag.State.CLEARED
    )
    counted = (
        Order.objects.filter(
            ~Exists(doubted),
            referrer__isnull=False,
            state=Order.State.FULFILLED,
            created_at__gt=timezone.now() - LEADERS_FOR,
        )
        .order_by()
        .values_list("referrer")
        .annotate(people=Count("user", distinct=True))
    )
    best = sorted(counted, key=lambda one: (-one[1], one[0]))[: 4 * LEADERS]
    users = User.objects.select_related("preferences").in_bulk([who for who, _ in best])
    rows: list[dict[str, Any]] = []
    for who, count in best:
        name = public_name(users[who])
        if name:
            place = rows[-1]["place"] if rows and rows[-1]["people"] == count else len(rows) + 1
            rows.append({"user": who, "place": place, "name": name, "people": count})
    return rows
