"""The doors through which settlements, their parts and the claims in them move."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone

from core import audit
from payments.models import ClaimRight, Settlement, SettlementPart
from payments.services.events import Cause

State = Settlement.State
Part = SettlementPart.State
UNDER_WAY: Final = (State.BUILT, State.SIGNING, State.SENT, State.ACCEPTED)
UNSENT: Final = (State.BUILT, State.SIGNING, State.SENT)


def under_way(hub: str) -> Settlement | None:
    """There is at most one: the database says so."""
    return Settlement.objects.filter(hub=hub, state__in=UNDER_WAY).first()


def settlement_lock(**lookup: object) -> Settlement | None:
    """The row, locked until the transaction ends."""
    return Settlement.objects.select_for_update().filter(**lookup).first()


def settlement_move(
    settlement: Settlement,
    state: Settlement.State,
    *,
    actor: object = "settlement",
    **changes: object,
) -> None:
    """One step of a locked settlement, with its audit record."""
    before, settlement.state = settlement.state, state
    for name, value in changes.items():
        setattr(settlement, name, value)
    settlement.save(update_fields=["state", *changes])
    audit.record(
        actor=actor,  # type: ignore[arg-type]
        action=f"payments.settlement_{state.value}",
        target=settlement,
        before={"state": before},
        after={"state": state, **{name: str(value) for name, value in changes.items()}},
    )


def part_move(
    part: SettlementPart,
    state: SettlementPart.State,
    *,
    hash_: str,
    at: datetime,
    **changes: object,
) -> None:
    """The chain has answered for one part; when it was the last, the settlement is done."""
    part.state, part.hash, part.answered_at = state, hash_, at
    for name, value in changes.items():
        setattr(part, name, value)
    part.save(update_fields=["state", "hash", "answered_at", *changes])
    settlement = settlement_lock(pk=part.settlement_id)
    if settlement is None or settlement.parts.filter(state=Part.OPEN).exists():
        return
    settlement_move(settlement, State.DONE, actor="follower", done_at=timezone.now())


def claim_join(claim: ClaimRight, part: SettlementPart, recipient: str, cause: Cause) -> None:
    """An open claim goes into a part. The caller holds its order's lock."""
    claim.state, claim.part, claim.recipient = ClaimRight.State.SETTLING, part, recipient
    claim.save(update_fields=["state", "part", "recipient"])
    audit.record(
        actor=cause.text,
        action="payments.claim_settling",
        target=claim,
        after={"part": str(part.pk), "recipient": recipient},
    )
