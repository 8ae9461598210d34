"""What notices hold of a person: what he asked for, when he rests, and what he was told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core import privacy
from notices.models import Choice, Notice, QuietHours

privacy.holds(Choice, QuietHours, Notice)


@privacy.on_export("notices")
def export(user_id: UUID) -> dict[str, Any]:
    return {
        "choices": list(Choice.objects.filter(user_id=user_id).values("kind", "on", "changed_at")),
        "quiet_hours": QuietHours.objects.filter(user_id=user_id)
        .values("starts", "ends", "time_zone")
        .first(),
        "notices": list(
            Notice.objects.filter(user_id=user_id).values(
                "kind", "values", "link", "state", "created_at", "sent_at"
            )
        ),
    }


@privacy.on_erase("notices")
def erase(user_id: UUID) -> None:
    for table in (Notice, QuietHours, Choice):
        table.objects.filter(user_id=user_id).delete()
