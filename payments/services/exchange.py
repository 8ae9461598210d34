"""Earnings in other assets, paid in coins: at the rate of the approval, less a spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.money import BPS, Money
from payments import errors
from payments.ledger import Line
from payments.models import LedgerAccount, Payout, PayoutBatch, PayoutChoice, Rate
from payments.services.pricing import rate_fresh

Kind = LedgerAccount.Kind
_COIN: Final = 10**9
_MICRO: Final = 10**6


def rate_of(asset: str, now: datetime) -> Rate | None:
    """The newest rate, none when it is older than settings.RATE_MAX_AGE."""
    return rate_fresh(asset, now)


def coins_for(money: Money, rate: Rate, spread_bps: int | None = None) -> Money:
    """Nano-coins for an amount at a rate, less the spread, rounded down."""
    spread = settings.PAYOUT_SPREAD_BPS if spread_bps is None else spread_bps
    nano = money.amount * _COIN * _MICRO * (BPS - spread) // (rate.micros * BPS)
    return Money(settings.NATIVE_COIN, nano)


@dataclass(frozen=True, slots=True)
class Seen:
    """A rate of a draft as the second person sees it. age: since its source said it."""

    asset: str
    price: str
    source: str
    age: timedelta
    moved_bps: int
    fresh: bool


def rates_seen(rows: Sequence[Payout]) -> list[Seen]:
    """Each exchanged asset of a draft: the rate that its approval would take now."""
    now = timezone.now()
    drafted = {row.asset: row.rate for row in rows if row.rate is not None}
    found = []
    for asset, old in sorted(drafted.items()):
        new = rate_of(asset, now)
        shown = new or old
        found.append(
            Seen(
                asset=asset,
                price=str(Money(asset, shown.micros // _MICRO)),
                source=shown.source,
                age=now - shown.at,
                moved_bps=moved(old, new) if new else 0,
                fresh=new is not None,
            )
        )
    return found


def moved(old: Rate, new: Rate) -> int:
    """How far a rate went, in basis points of the old one, whichever way."""
    return abs(new.micros - old.micros) * BPS // old.micros


def refuse_moved(*, batch_id: UUID, actor: User) -> None:
    """Before an approval: a draft whose rates moved too far gets new ones and is asked about again.

    The new figures stay when it raises. Raises ApplicationError rate_stale, rate_moved (409).
    """
    with transaction.atomic():
        batch = PayoutBatch.objects.select_for_update().get(pk=batch_id)
        rows = list(batch.payouts.select_related("rate").filter(coins__isnull=False))
        if batch.state != PayoutBatch.State.DRAFT or batch.created_by_id == actor.pk or not rows:
            return
        now = timezone.now()
        far = []
        for row in rows:
            old, new = row.rate, _rate(row, now)
            if old is not None and moved(old, new) > settings.PAYOUT_RATE_LIMIT_BPS:
                far.append(row.asset)
        if far:
            for row in rows:
                price(row, now)
            audit.record(actor=actor, action="payments.payout_repriced", target=batch)
    if far:
        names = ", ".join(sorted(set(far)))
        raise errors.rate_moved(
            f"The rate of {names} has moved since the draft: look at the new amounts and say yes "
            "again."
        )


def price(row: Payout, now: datetime) -> None:
    """An exchanged line at the rate of this moment. Raises ApplicationError rate_stale (409)."""
    row.rate, row.spread_bps = _rate(row, now), settings.PAYOUT_SPREAD_BPS
    row.coins = coins_for(row.money, row.rate, row.spread_bps).amount
    row.save(update_fields=["rate", "spread_bps", "coins"])


def _rate(row: Payout, now: datetime) -> Rate:
    rate = rate_of(row.asset, now)
    if rate is None:
        raise errors.rate_stale(row.asset)
    return rate


def lines_of(row: Payout) -> list[Line]:
    """What an approval posts for a line: out of the account, through fx where it is exchanged."""
    owner = "" if row.kind == Kind.LOSSES else row.owner
    taken = Line(Kind(row.kind), owner, row.money)
    given = Line(Kind.PAYOUTS_IN_FLIGHT, str(row.batch_id), -row.paid)
    if row.coins is None:
        return [taken, given]
    return [taken, Line(Kind.FX, "", -row.money), Line(Kind.FX, "", row.paid), given]


@transaction.atomic
def choice_set(*, user: User, in_coins: bool) -> None:
    """How the user wants to be paid from the next draft on."""
    PayoutChoice.objects.update_or_create(
        user=user, defaults={"in_coins": in_coins, "changed_at": timezone.now()}
    )
    audit.record(
        actor=user, action="payments.payout_choice", target=user, after={"in_coins": in_coins}
    )
