"""What a referrer gets, by the clock: the standing rate, and campaigns that pay more for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import ApplicationError
from core.money import BPS
from referrals.models import Attribution, Campaign, FraudFlag
from referrals.services.attribution import attribution_ensure

PLAN: Final = "referrals.add_campaign"
END: Final = "referrals.change_campaign"


@dataclass(frozen=True, slots=True)
class Terms:
    """Who is rewarded for an order, and how much: basis points of the platform's part."""

    referrer_id: UUID
    rate_bps: int


def terms_at(*, user_id: UUID, now: datetime | None = None) -> Terms | None:
    """What an order of this person's earns somebody at this moment; the order keeps it.

    None: nobody brought him, or the window is over, the referrer is gone, or a person has found
    that it was fraud. One query for who was brought by nobody.
    """
    now = now or timezone.now()
    referrer_id = attribution_ensure(user_id=user_id, now=now)
    if referrer_id is None:
        return None
    spoilt = Attribution.objects.filter(user_id=user_id).exclude(
        referrer__is_active=True
    ) | Attribution.objects.filter(user_id=user_id, flags__state=FraudFlag.State.CONFIRMED)
    if spoilt.exists():
        return None
    return Terms(referrer_id, rate_at(now))


def rate_at(now: datetime) -> int:
    """Basis points of the platform's part. Of campaigns at the same time the best one counts."""
    rates = Campaign.objects.running(now).values_list("rate_bps", flat=True)
    return max([settings.REFERRAL_BPS, *rates])


@transaction.atomic
def campaign_plan(
    *, name: str, starts_at: datetime, ends_at: datetime, rate_bps: int, reason: str, actor: User
) -> Campaign:
    """Pay referrers more for a time. Orders made before and after keep the rate of their moment.

    Raises ApplicationError not_allowed (403), campaign_refused (400).
    """
    _let_in(actor, PLAN, reason)
    campaign_check(name=name, starts_at=starts_at, ends_at=ends_at, rate_bps=rate_bps)
    row = Campaign.objects.create(
        name=name.strip()[:80], starts_at=starts_at, ends_at=ends_at, rate_bps=rate_bps
    )
    after = {"starts_at": starts_at, "ends_at": ends_at, "rate_bps": rate_bps}
    audit.record(
        actor=actor, action="referrals.campaign_planned", target=row, after=after, reason=reason
    )
    return row


def campaign_check(*, name: str, starts_at: datetime, ends_at: datetime, rate_bps: int) -> None:
    """Raises ApplicationError campaign_refused (400)."""
    if not name.strip():
        raise _refused("name", "Referrers read this name: give one.")
    if starts_at >= ends_at or ends_at <= timezone.now():
        raise _refused("ends_at", "It ends after it has started, and not in the past.")
    if not settings.REFERRAL_BPS < rate_bps <= BPS:
        raise _refused(
            "rate_bps", f"More than the standing {settings.REFERRAL_BPS}, and no more than {BPS}."
        )


@transaction.atomic
def campaign_end(*, campaign_id: UUID, reason: str, actor: User) -> Campaign:
    """End it now, or withdraw it before it began. What was promised to orders made is kept.

    Raises ApplicationError not_allowed (403), campaign_refused (400).
    """
    _let_in(actor, END, reason)
    row = Campaign.objects.select_for_update().get(pk=campaign_id)
    now = timezone.now()
    if row.ends_at <= now:
        raise _refused("ends_at", "It is over already.")
    before = {"starts_at": row.starts_at, "ends_at": row.ends_at}
    row.ends_at = now
    row.starts_at = min(row.starts_at, now)
    row.save(update_fields=["starts_at", "ends_at"])
    audit.record(
        actor=actor, action="referrals.campaign_ended", target=row, before=before, reason=reason
    )
    return row


def _let_in(actor: User, permission: str, reason: str) -> None:
    if not actor.has_perm(permission):
        raise ApplicationError("not_allowed", detail="Your role does not allow this.", status=403)
    if not reason.strip():
        raise _refused("reason", "Say why: it is kept in the audit.")


def _refused(field: str, text: str) -> ApplicationError:
    return ApplicationError("campaign_refused", "Not possible", text, fields={field: [text]})
