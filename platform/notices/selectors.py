"""Reads of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import User
from notices.kinds import Kind, kinds
from notices.models import Choice, QuietHours

Access = User.BotAccess
_WRITABLE: Final = (Access.ALLOWED,)
# A required notice is tried where nobody was asked yet: a chat with the bot may be open.
_REQUIRED: Final = (Access.ALLOWED, Access.UNKNOWN)


def wanting(*, kind: Kind, user_ids: Sequence[UUID]) -> list[UUID]:
    """Who of these is told a kind: they asked for it, and the bot may write to them."""
    people = User.objects.filter(pk__in=user_ids, is_active=True, telegram_id__isnull=False)
    if kind.required:
        people = people.filter(bot_access__in=_REQUIRED)
    else:
        people = people.filter(
            bot_access__in=_WRITABLE, notice_choices__kind=kind.name, notice_choices__on=True
        )
    return list(people.order_by("pk").values_list("pk", flat=True))


def choices_of(user: User) -> dict[str, bool]:
    """Every kind, and whether it is told to somebody."""
    said = dict(Choice.objects.filter(user=user).values_list("kind", "on"))
    return {kind.name: kind.required or said.get(kind.name, False) for kind in kinds()}


def quiet_of(user: User) -> QuietHours | None:
    return QuietHours.objects.filter(user=user).first()


def quiet_until(hours: QuietHours, now: datetime) -> datetime | None:
    """The end of the rest that is going on at `now`, None outside of it.

    By the clock on the wall: on a night when clocks change, the rest is as much longer or shorter.
    """
    here = now.astimezone(ZoneInfo(hours.time_zone))
    minute = here.hour * 60 + here.minute
    over_midnight = hours.starts > hours.ends
    inside = (
        minute >= hours.starts or minute < hours.ends
        if over_midnight
        else hours.starts <= minute < hours.ends
    )
    if not inside:
        return None
    tomorrow = over_midnight and minute >= hours.starts
    day = here.date() + timedelta(days=1 if tomorrow else 0)
    return datetime.combine(day, time(hours.ends // 60, hours.ends % 60), here.tzinfo)
