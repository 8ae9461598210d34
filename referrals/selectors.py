"""Reads: codes and links."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from referrals.models import Attribution, Code
from referrals.start_param import start_param_format


def code_of(user_id: UUID) -> str | None:
    """The user's code if he ever asked for one."""
    return Code.objects.filter(user_id=user_id).values_list("code", flat=True).first()


def link(code: str | None, **named: Any) -> str:
    """A Mini App link that carries the code (https://core.telegram.org/api/links, startapp).

    named: what it opens, as start_param_format takes it.
    """
    bot, app = settings.TELEGRAM_BOT_USERNAME, settings.TELEGRAM_APP_NAME
    packed = start_param_format(code=code, **named)
    return f"https://t.me/{bot}/{app}?startapp={packed}"


def referred_count(user_id: UUID) -> int:
    """How many people this user brought."""
    return Attribution.objects.filter(referrer_id=user_id).count()
