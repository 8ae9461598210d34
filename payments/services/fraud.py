"""What looks as if a referral were not one: found by a beat job, decided by people.

Every rule looks at what was ordered lately through somebody's link. It says what it saw and
holds the reward (see services.rewards); it refuses nothing, because each of these can be honest:
a family shares a wallet, and a concert brings forty people in an hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.utils import timezone

from accounts.models import Wallet
from payments.models import Order
from referrals.models import Attribution, FraudFlag
from referrals.services import flag_raise

log = structlog.get_logger(__name__)
Kind = FraudFlag.Kind
LOOK_BACK: Final = timedelta(days=3)
HOPS: Final = 5  # how far a chain of referrals is walked up
CROWD: Final = 20  # people that one referrer brought within an hour
HOUR: Final = timedelta(hours=1)
FRESH: Final = timedelta(minutes=10)  # from the first visit to the order
FARM: Final = 5  # such orders through one link within a day
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Suspicion:
    attribution_id: UUID
    kind: FraudFlag.Kind
    evidence: Mapping[str, Any]


@dataclass(slots=True)
class Buyer:
    """Somebody who was brought and has ordered lately: when first, and every address of his."""

    attribution_id: UUID
    user_id: UUID
    referrer_id: UUID
    joined_at: datetime
    ordered_at: datetime
    addresses: set[str] = field(default_factory=set)


def flags_find(*, now: datetime | None = None) -> int:
    """Look at the orders of the last days; how many flags are new. A fixed number of reads."""
    now = now or timezone.now()
    buyers = _buyers(now)
    above = _above(buyers)
    wallets = _wallets({one for chain in above.values() for one in chain})
    seen = [
        *_shared_wallet(buyers, wallets),
        *_rings(buyers, above, wallets),
        *_same_payer(buyers),
        *_fresh(buyers),
        *_crowds(now),
    ]
    raised = [
        flag_raise(attribution_id=one.attribution_id, kind=one.kind, evidence=one.evidence)
        for one in seen
    ]
    made = sum(1 for one in raised if one is not None)
    if made:
        log.warning("referral_flags", made=made)
    return made


def _buyers(now: datetime) -> list[Buyer]:
    rows = (
        Order.objects.filter(
            referrer__isnull=False, user__isnull=False, created_at__gt=now - LOOK_BACK
        )
        .exclude(state__in=(Order.State.EXPIRED, Order.State.CANCELLED))
        .order_by("id")
        .values_list(
            "user__attribution__id", "user_id", "referrer_id", "user__created_at", "created_at",
            "buyer", "recipient",
        )
    )  # fmt: skip
    found: dict[UUID, Buyer] = {}
    for attribution, user, referrer, joined, ordered, payer, recipient in rows:
        if attribution is None or user is None or referrer is None:
            continue
        one = found.setdefault(user, Buyer(attribution, user, referrer, joined, ordered))
        one.addresses |= {address for address in (payer, recipient) if address}
    for user, addresses in _wallets(found.keys()).items():
        found[user].addresses |= addresses
    return list(found.values())


def _wallets(users: Any) -> dict[UUID, set[str]]:
    """Every wallet that a person has ever proved: an unlinked one is his all the same."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for user, address in Wallet.objects.filter(user__in=list(users)).values_list(
        "user_id", "address"
    ):
        found[user].add(address)
    return found


def _above(buyers: Sequence[Buyer]) -> dict[UUID, list[UUID]]:
    """By buyer: who brought him, who brought that one, and so on. Ends at a loop."""
    chains = {one.user_id: [one.referrer_id] for one in buyers}
    for _ in range(HOPS - 1):
        tops = {chain[-1] for chain in chains.values()}
        up = dict(Attribution.objects.filter(user__in=tops).values_list("user_id", "referrer_id"))
        for user, chain in chains.items():
            above = up.get(chain[-1])
            if above is not None and above not in chain and chain[-1] != user:
                chain.append(above)
    return chains


def _shared_wallet(
    buyers: Sequence[Buyer], wallets: Mapping[UUID, set[str]]
) -> Iterator[Suspicion]:
    for one in buyers:
        if shared := one.addresses & wallets.get(one.referrer_id, set()):
            yield Suspicion(one.attribution_id, Kind.SELF_WALLET, {"wallets": sorted(shared)})


def _rings(
    buyers: Sequence[Buyer], above: Mapping[UUID, Sequence[UUID]], wallets: Mapping[UUID, set[str]]
) -> Iterator[Suspicion]:
    """The chain comes back to the buyer himself, or to somebody who uses a wallet of his."""
    for one in buyers:
        chain = above[one.user_id]
        further = chain[1:]
        if one.user_id in chain:
            yield Suspicion(one.attribution_id, Kind.RING, {"people": len(chain)})
            continue
        shared = set().union(*(one.addresses & wallets.get(who, set()) for who in further))
        if shared:
            evidence = {"people": len(chain) + 1, "wallets": sorted(shared)}
            yield Suspicion(one.attribution_id, Kind.RING, evidence)


def _same_payer(buyers: Sequence[Buyer]) -> Iterator[Suspicion]:
    """Several people of one referrer, and one wallet behind them."""
    users: dict[tuple[UUID, str], list[Buyer]] = defaultdict(list)
    for one in buyers:
        for address in one.addresses:
            users[one.referrer_id, address].append(one)
    for (_, address), group in users.items():
        if len(group) > 1:
            for one in group:
                evidence = {"wallets": [address], "people": len(group)}
                yield Suspicion(one.attribution_id, Kind.SAME_PAYER, evidence)


def _fresh(buyers: Sequence[Buyer]) -> Iterator[Suspicion]:
    """Many accounts that did nothing but come by the link and buy at once."""
    quick: dict[UUID, list[Buyer]] = defaultdict(list)
    for one in buyers:
        if one.ordered_at - one.joined_at < FRESH:
            quick[one.referrer_id].append(one)
    for group in quick.values():
        for one in _crowded(group, FARM, DAY):
            yield Suspicion(one.attribution_id, Kind.FRESH, {"people": len(group)})


def _crowded(group: Sequence[Buyer], least: int, within: timedelta) -> list[Buyer]:
    """Those of whom at least so many ordered within so long a time."""
    row = sorted(group, key=lambda one: one.ordered_at)
    found: dict[UUID, Buyer] = {}
    for first, last in zip(row, row[least - 1 :], strict=False):
        if last.ordered_at - first.ordered_at <= within:
            at = row.index(first)
            found.update({one.user_id: one for one in row[at : at + least]})
    return list(found.values())


def _crowds(now: datetime) -> Iterator[Suspicion]:
    """A referrer who brings more people in an hour than anybody knows."""
    rows = Attribution.objects.filter(created_at__gt=now - LOOK_BACK).order_by("created_at")
    by_referrer: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    for attribution, referrer, at in rows.values_list("id", "referrer_id", "created_at"):
        by_referrer[referrer].append((attribution, at))
    for brought in by_referrer.values():
        flagged: set[UUID] = set()
        for place in range(len(brought) - CROWD + 1):
            group = brought[place : place + CROWD]
            if group[-1][1] - group[0][1] <= HOUR:
                flagged |= {one for one, _ in group}
        for one in flagged:
            yield Suspicion(one, Kind.VELOCITY, {"people": len(flagged)})
