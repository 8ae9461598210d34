"""Which claims make the next batch, and the message that mints them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Wallet
from contracts import fees
from contracts import hub as contract
from core.ton import codec, sources
from core.ton.addresses import address
from nft.models import Collection
from payments.models import (
    ClaimRight,
    Order,
    Settlement,
    SettlementLine,
    SettlementPart,
)
from payments.providers import provider
from payments.services.events import Cause
from payments.services.settlement import states

# Editions in one batch: all of it runs in one transaction of the hub and one of each drop.
LARGEST: Final = 250
# What the network's fees may rise by between building and sending; the rest comes back.
_MARGIN_BPS: Final = 2_000
_BPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A claim's place in a part: its editions stand from `position` on in the list."""

    claim: ClaimRight
    recipient: str
    position: int


def settlement_build(*, now: datetime | None = None) -> Settlement | None:
    """The batch under way, else a new one of what is due; None when nothing is.

    Reads the chain: not inside a transaction. Raises ChainError.
    """
    hub = settings.TON_HUB_ADDRESS
    if known := states.under_way(hub):
        return known
    if not hub or not _due(hub, now or timezone.now()).exists():
        return None
    data, limits = hub_read(hub)
    if data.paused:
        return None
    return _build(hub, data.next_batch, limits.minter_left, now or timezone.now())


def hub_read(hub: str) -> tuple[contract.HubData, contract.Limits]:
    """What the hub says of itself now. Raises ChainError."""
    chain = sources.client()
    data = contract.parse_hub_data(chain.run_get(hub, "get_hub_data"))
    return data, contract.parse_limits(chain.run_get(hub, "get_limits"))


@transaction.atomic
def _build(hub: str, number: int, allowance: int, now: datetime) -> Settlement | None:
    if known := states.under_way(hub):
        return known
    chosen = _choose(hub, min(LARGEST, allowance), now)
    if not chosen:
        return None
    method, asset = chosen[0].provider, chosen[0].asset
    parts = _parts(chosen)
    digest = hashlib.sha256(listing(place for part in parts.values() for place in part))
    hub_method = provider(method).capabilities.hub_methods[asset]
    body = contract.settle_body(
        batch=number,
        orders_sha256=digest.digest(),
        method=hub_method,
        parts=[
            contract.SettlePart(
                collection=address(drop.address),
                part=place,
                gross=sum(one.claim.gross for one in part),
                recipients=[
                    address(one.recipient) for one in part for _ in range(one.claim.quantity)
                ],
            )
            for place, (drop, part) in enumerate(parts.items())
        ],
    )
    settlement = Settlement.objects.create(
        hub=hub,
        number=number,
        provider=method,
        method=hub_method,
        asset=asset,
        orders_sha256=digest.hexdigest(),
        body=codec.to_boc(body),
        value=_value([sum(one.claim.quantity for one in part) for part in parts.values()]),
    )
    for place, (drop, part) in enumerate(parts.items()):
        _part_save(settlement, place, drop, part)
    return settlement


def _due(hub: str, now: datetime) -> QuerySet[ClaimRight]:
    """Open claims whose hold is over and whose holder has proved a wallet, oldest first."""
    newest = Wallet.objects.filter(
        user=OuterRef("holder"), revoked_at__isnull=True, address__startswith="0:"
    ).order_by("-proved_at", "-id")
    return (
        ClaimRight.objects.filter(
            state=ClaimRight.State.OPEN,
            frozen=False,
            hold_until__lte=now,
            holder__isnull=False,
            order__state=Order.State.FULFILLING,
            collection__hub=hub,
            collection__state=Collection.State.LIVE,
        )
        .annotate(wallet=Subquery(newest.values("address")[:1]))
        .filter(wallet__isnull=False)
        .order_by("id")
    )


def _choose(hub: str, room: int, now: datetime) -> list[ClaimRight]:
    """The oldest claims of one method that fit; the orders' locks keep refunds away."""
    ids = list(_due(hub, now).values_list("pk", "order_id", "provider", "asset", "quantity")[:500])
    taken, left = [], room
    for pk, order_id, method, asset, quantity in ids:
        if (method, asset) == ids[0][2:4] and quantity <= left:
            taken.append((pk, order_id))
            left -= quantity
    list(Order.objects.select_for_update().filter(pk__in=[one for _, one in taken]).order_by("pk"))
    due = _due(hub, now).filter(pk__in=[one for one, _ in taken])
    return list(due.select_related("collection"))


def _parts(chosen: Sequence[ClaimRight]) -> dict[Collection, list[Place]]:
    """Per drop, in the order of their addresses; claims in the order of their making."""
    by_drop: dict[Collection, list[ClaimRight]] = defaultdict(list)
    for claim in chosen:
        by_drop[claim.collection].append(claim)
    parts: dict[Collection, list[Place]] = {}
    for drop in sorted(by_drop, key=lambda one: one.address):
        position, places = 0, []
        for claim in by_drop[drop]:
            places.append(Place(claim, str(getattr(claim, "wallet", "")), position))
            position += claim.quantity
        parts[drop] = places
    return parts


def listing(places: Iterable[Place]) -> bytes:
    """The list whose sha256 stands in the batch: a line a claim, in the order of the mint.

    "<order id> <drop's address> <position> <quantity> <recipient>", each ended by a line feed.
    """
    return "".join(
        f"{one.claim.order_id} {one.claim.collection.address} {one.position}"
        f" {one.claim.quantity} {one.recipient}\n"
        for one in places
    ).encode()


def _value(counts: list[int]) -> int:
    return fees.settle_cost(counts) * (_BPS + _MARGIN_BPS) // _BPS


def _part_save(
    settlement: Settlement, number: int, drop: Collection, places: Sequence[Place]
) -> None:
    part = SettlementPart.objects.create(
        settlement=settlement,
        number=number,
        collection=drop,
        count=sum(one.claim.quantity for one in places),
        gross=sum(one.claim.gross for one in places),
    )
    SettlementLine.objects.bulk_create(
        SettlementLine(
            part=part,
            position=one.position,
            claim=one.claim,
            recipient=one.recipient,
            quantity=one.claim.quantity,
        )
        for one in places
    )
    for one in places:
        states.claim_join(one.claim, part, one.recipient, Cause("settlement"))
