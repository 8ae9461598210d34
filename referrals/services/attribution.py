"""Writes: a fan's code, and who brought whom."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import UUIDField, Value
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


def attribution_ensure(*, user_id: UUID, now: datetime | None = None) -> UUID | None:
    """The id of who brought the user, while the window of that first touch lasts; else None.

    Pulled from the signed start_param of the user's sessions, at his order and when he opens his
    referral page, so that opening a session waits for nothing. The earliest session that carried
    somebody else's code decides, for good. Costs one query when there is nothing to write.
    """
    now = now or timezone.now()
    found = _found(user_id)
    if isinstance(found, _Known):
        return found.referrer_id if found.until > now else None
    if not found:
        return None
    attribution = _first_touch(user_id, found)
    if attribution is None or attribution.expires_at <= now:
        return None
    return attribution.referrer_id


class _Known(NamedTuple):
    """The attribution that is there."""

    referrer_id: UUID
    until: datetime


class _Touch(NamedTuple):
    """A session that was opened by a link with somebody's code."""

    code: str
    start_param: str
    at: datetime


def _found(user_id: UUID) -> _Known | list[_Touch]:
    known = Attribution.objects.filter(user_id=user_id).values_list(
        "referrer_id", "start_param", "expires_at"
    )
    sessions = (
        Session.objects.filter(user_id=user_id, start_param__contains="r")
        .order_by("id")
        .annotate(nobody=Value(None, output_field=UUIDField()))
        .values_list("nobody", "start_param", "created_at")[:_TOUCHES]
    )
    touches: list[_Touch] = []
    for referrer_id, text, at in known.union(sessions, all=True):
        if referrer_id is not None:
            return _Known(referrer_id, at)
        if code := start_param_parse(text).code:
            touches.append(_Touch(code, text, at))
    return sorted(touches, key=lambda touch: touch.at)


def _first_touch(user_id: UUID, touches: list[_Touch]) -> Attribution | None:
    codes = Code.objects.filter(code__in={touch.code for touch in touches})
    owners = dict(codes.values_list("code", "user_id"))
    for touch in touches:
        referrer_id = owners.get(touch.code)
        if referrer_id is not None and referrer_id != user_id:
            return _attribute(user_id, referrer_id, touch)
    return None


def _attribute(user_id: UUID, referrer_id: UUID, touch: _Touch) -> Attribution | None:
    """Of two requests at the same time one writes; both read what was written."""
    row = Attribution(
        user_id=user_id,
        referrer_id=referrer_id,
        start_param=touch.start_param,
        expires_at=touch.at + WINDOW,
    )
    Attribution.objects.bulk_create([row], ignore_conflicts=True)
    return Attribution.objects.filter(user_id=user_id).first()
