"""Suspicions about who brought whom. While one is open its rewards are held; people decide.

What a decision does to the money is done where the money is (payments.services.rewards), which
calls `flag_close` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from referrals.models import FraudFlag

State = FraudFlag.State


@transaction.atomic
def flag_raise(
    *, attribution_id: UUID, kind: FraudFlag.Kind, evidence: Mapping[str, Any]
) -> FraudFlag | None:
    """None when this was said before: a person who cleared it is not asked again."""
    row = FraudFlag(attribution_id=attribution_id, kind=kind, evidence=dict(evidence))
    known = FraudFlag.objects.filter(attribution_id=attribution_id, kind=kind)
    if known.exists():
        return None
    FraudFlag.objects.bulk_create([row], ignore_conflicts=True)
    if not FraudFlag.objects.filter(pk=row.pk).exists():
        return None
    audit.record(
        actor="referrals", action="referrals.flag_raised", target=row, after={"kind": row.kind}
    )
    return row


def flag_close(*, flag: FraudFlag, state: FraudFlag.State, reason: str, actor: User) -> bool:
    """What a person found: cleared or confirmed; he may change his mind. False: it was so already.

    The caller holds the row's lock.
    """
    if flag.state == state or state == State.OPEN:
        return False
    before, flag.state = flag.state, state
    flag.decided_by, flag.decided_at = actor, timezone.now()
    flag.reason = reason.strip()[:300]
    flag.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    audit.record(
        actor=actor,
        action=f"referrals.flag_{state.value}",
        target=flag,
        before={"state": before},
        after={"state": state.value},
        reason=reason,
    )
    return True
