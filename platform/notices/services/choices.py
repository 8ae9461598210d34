"""What somebody wants to be told, and when they rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import ApplicationError
from notices.kinds import kinds
from notices.models import Choice, QuietHours

DAY: Final = 1440


def choices_set(*, user: User, on: Mapping[str, bool]) -> None:
    """Switch kinds on or off.

    Raises ApplicationError invalid (400) for an unknown kind, and for a required one to go off.
    """
    known = {kind.name: kind for kind in kinds()}
    wrong = {name: ["There is no such kind."] for name in on.keys() - known.keys()}
    wrong |= {
        name: ["A payment needs this one."]
        for name, wanted in on.items()
        if not wanted and name in known and known[name].required
    }
    if wrong:
        raise ApplicationError("invalid", "Invalid input", fields=wrong)
    now = timezone.now()
    Choice.objects.bulk_create(
        [Choice(user=user, kind=name, on=wanted, changed_at=now) for name, wanted in on.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["on", "changed_at"],
    )


def stop_all(*, user: User) -> None:
    """Everything off that may be: the word /stop."""
    choices_set(user=user, on={kind.name: False for kind in kinds() if not kind.required})


def quiet_hours_set(*, user: User, starts: int, ends: int, time_zone: str) -> QuietHours:
    """Minutes of the day by the clock of `time_zone` (IANA). Raises invalid (400)."""
    wrong: dict[str, list[str]] = {}
    if not (0 <= starts < DAY and 0 <= ends < DAY) or starts == ends:
        wrong["quiet"] = ["From one time of the day to another."]
    if time_zone not in available_timezones():
        wrong["time_zone"] = ["There is no such time zone."]
    if wrong:
        raise ApplicationError("invalid", "Invalid input", fields=wrong)
    with transaction.atomic():
        hours, _ = QuietHours.objects.update_or_create(
            user=user, defaults={"starts": starts, "ends": ends, "time_zone": time_zone}
        )
    return hours


def quiet_hours_clear(*, user: User) -> None:
    QuietHours.objects.filter(user=user).delete()
