"""What the chain answers to a batch: taken by the hub, minted or returned part by part.

What the hub accepted decides what batch n was. A body that is not ours under our number means that
somebody else holds the minter's key: nothing of it is ours, and our claims are open again.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from nft.models import Collection
from payments.metrics import FOREIGN_SETTLEMENTS
from payments.models import ClaimRight, Settlement, SettlementPart
from payments.services import claims
from payments.services.events import Cause
from payments.services.settlement import states

log = structlog.get_logger(__name__)
State = Settlement.State
Part = SettlementPart.State


@transaction.atomic
def settlement_accepted(
    *, hub: str, number: int, orders_sha256: str, lt: int, hash_: str, at: datetime
) -> bool:
    """The hub has taken batch `number`; False when it is none of ours."""
    row = states.settlement_lock(hub=hub, number=number)
    if row is None or row.orders_sha256 != orders_sha256:
        FOREIGN_SETTLEMENTS.inc()
        log.error("settlement_not_ours", number=number, hash=hash_)
        if row is not None and row.state in states.UNSENT:
            _give_up(row, hash_, at)
        return False
    if row.state in states.UNSENT:
        states.settlement_move(
            row, State.ACCEPTED, actor="follower", hub_lt=lt, hub_hash=hash_, accepted_at=at
        )
    return True


def _give_up(row: Settlement, hash_: str, at: datetime) -> None:
    """Another batch has our number: this one can never be taken."""
    for part in row.parts.filter(state=Part.OPEN):
        _return(part, hash_, at, Cause("follower", {"why": "another batch has the number"}))


@transaction.atomic
def part_minted(
    *,
    hub: str,
    number: int,
    part: int,
    collection: Collection,
    first_index: int,
    count: int,
    hash_: str,
    at: datetime,
) -> str:
    """The drop has minted a part. "" when it was ours, else why it was not."""
    row = _part(hub, number, part)
    if row is None or row.collection_id != collection.pk or row.count != count:
        return f"no settlement {number}.{part} of ours"
    if row.state == Part.MINTED:
        return ""
    if row.state == Part.RETURNED:  # another batch had the number: these are not our editions
        return f"part {number}.{part} of ours had been returned"
    cause = Cause("receipt", {"batch": number, "part": part, "hash": hash_})
    for line in row.lines.select_related("claim"):
        claims.claim_settled(
            claim=line.claim, part=row, first_index=first_index + line.position, at=at, cause=cause
        )
    states.part_move(row, Part.MINTED, hash_=hash_, at=at, first_index=first_index)
    return ""


@transaction.atomic
def part_returned(*, hub: str, number: int, part: int, hash_: str, at: datetime) -> str:
    """The drop refused a part. "" when it was ours, else why it was not."""
    row = _part(hub, number, part)
    if row is None:
        return f"no settlement {number}.{part} of ours"
    if row.state == Part.OPEN:
        _return(row, hash_, at, Cause("bounce", {"batch": number, "part": part, "hash": hash_}))
    return ""


def _return(row: SettlementPart, hash_: str, at: datetime, cause: Cause) -> None:
    for line in row.lines.select_related("claim"):
        if line.claim.state == ClaimRight.State.SETTLING:
            claims.claim_returned(claim=line.claim, cause=cause)
    states.part_move(row, Part.RETURNED, hash_=hash_, at=at)


def _part(hub: str, number: int, part: int) -> SettlementPart | None:
    return (
        SettlementPart.objects.select_for_update(of=("self",))
        .filter(settlement__hub=hub, settlement__number=number, number=part)
        .first()
    )
