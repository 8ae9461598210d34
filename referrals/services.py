"""Writes: a fan's code, and who brought whom."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Session
from referrals.models import Attribution, Code
from referrals.start_param import start_param_parse

WINDOW = timedelta(days=30)  # a referrer earns on what is ordered this long after the first touch
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread aloud
_LENGTH = 8
_TOUCHES = 50  # sessions looked at; a fan who opened more links than that was brought long ago


def code_ensure(*, user_id: UUID) -> Code:
    """The user's own code, made when first asked for. Safe to race."""
    if found := Code.objects.filter(user_id=user_id).first():
        return found
    for _ in range(5):
        drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        Code.objects.bulk_create([Code(user_id=user_id, code=drawn)], ignore_conflicts=True)
        if found := Code.objects.filter(user_id=user_id).first():
            return found
    raise RuntimeError("no free referral code in five draws")


def attribution_ensure(*, user_id: UUID, now: datetime | None = None) -> Attribution | None:
    """The user's referrer by first touch, pulled from the signed start_param of his sessions.

    Called at the user's order and when he opens his referral page, so that nothing waits on
    opening a session. The earliest session that carried somebody else's code decides, for good;
    its window runs from that touch. None when nobody brought him or the window is over.
    """
    now = now or timezone.now()
    found = Attribution.objects.filter(user_id=user_id).first()
    if found is None:
        found = _first_touch(user_id)
    return found if found is not None and found.expires_at > now else None


def _first_touch(user_id: UUID) -> Attribution | None:
    touches = _touches(user_id)
    if not touches:
        return None
    owners = dict(
        Code.objects.filter(code__in={code for code, _, _ in touches}).values_list(
            "code", "user_id"
        )
    )
    for code, start_param, at in touches:
        referrer_id = owners.get(code)
        if referrer_id is not None and referrer_id != user_id:
            return _attribute(user_id, referrer_id, start_param, at)
    return None


def _touches(user_id: UUID) -> list[tuple[str, str, datetime]]:
    sessions = (
        Session.objects.filter(user_id=user_id, start_param__contains="r")
        .order_by("id")
        .values_list("start_param", "created_at")[:_TOUCHES]
    )
    return [(code, text, at) for text, at in sessions if (code := start_param_parse(text).code)]


def _attribute(
    user_id: UUID, referrer_id: UUID, start_param: str, at: datetime
) -> Attribution | None:
    with transaction.atomic():
        Attribution.objects.bulk_create(
            [
                Attribution(
                    user_id=user_id,
                    referrer_id=referrer_id,
                    start_param=start_param,
                    expires_at=at + WINDOW,
                )
            ],
            ignore_conflicts=True,
        )
        return Attribution.objects.filter(user_id=user_id).first()
