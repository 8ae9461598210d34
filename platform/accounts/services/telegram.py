"""Signing in on the web as somebody whom Telegram knows: by an ID token, or by a yes to our bot."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import errors, tokens
from accounts.models import BotSignIn, Session
from accounts.services.sessions import Tokens, session_open, user_remember
from core import audit
from core.ids import uuid7

log = structlog.get_logger(__name__)
State: Final = BotSignIn.State


def session_open_by_openid(*, claims: Mapping[str, Any]) -> Tokens:
    """Sign in by the claims of a verified ID token: the same user as in the Mini App.

    Which claim says what is settings.TELEGRAM_OIDC_CLAIMS. Raises ApplicationError:
    identity_missing (400), account_disabled (403).
    """
    named: Mapping[str, str] = settings.TELEGRAM_OIDC_CLAIMS
    telegram_id = _number(claims.get(named.get("id", "id")))
    if telegram_id is None:
        log.warning("openid_without_identity", claims=sorted(claims))
        raise errors.identity_missing()
    facts = {
        "username": _text(claims, named.get("username", ""), 64),
        "photo_url": _text(claims, named.get("photo", ""), 500),
    }
    if not facts["photo_url"].startswith("https://"):
        facts["photo_url"] = ""
    # One name, where initData has two: it must not replace them.
    name = {"first_name": _text(claims, named.get("name", ""), 128)}
    with transaction.atomic():
        user = user_remember(
            telegram_id=telegram_id,
            facts={field: value for field, value in facts.items() if value},
            at_first=name,
        )
        return session_open(user=user, kind=Session.Kind.WEB, context=Session.Context.WEB)


def _number(value: object) -> int | None:
    """A Telegram id, as a number or in digits."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    good = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) or None if good else None


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    return value.replace("\0", "").strip()[:longest] if isinstance(value, str) else ""


# --- by a yes to the bot ----------------------------------------------------------------------


def bot_sign_in_start(*, browser: str, secret: str) -> BotSignIn:
    """A question that only the browser which holds `secret` can use the answer to."""
    request_id = uuid7()
    return BotSignIn.objects.create(
        id=request_id,
        token_hash=tokens.digest(tokens.sign_in_make(request_id)),
        browser_hash=tokens.digest(secret),
        number=f"{secrets.randbelow(90) + 10}",
        browser=browser[:80],
        expires_at=timezone.now() + settings.BOT_SIGN_IN_LIFETIME,
    )


def bot_sign_in_ask(*, token: str, telegram_id: int) -> BotSignIn:
    """Somebody opened the link: from here on only they can answer.

    Raises ApplicationError sign_in_gone (410): used, over, or opened by somebody else.
    """
    with transaction.atomic():
        row = _open_row(token_hash=tokens.digest(token))
        if row is None or row.state not in (State.WAITING, State.ASKED):
            raise errors.sign_in_gone()
        if row.telegram_id not in (None, telegram_id):
            raise errors.sign_in_gone()
        row.telegram_id, row.state = telegram_id, State.ASKED
        row.save(update_fields=["telegram_id", "state"])
        return row


def bot_sign_in_answer(
    *, request_id: UUID, telegram_id: int, facts: Mapping[str, str], yes: bool
) -> BotSignIn:
    """Yes or no of who opened the link, once; the same yes again changes nothing.

    Raises ApplicationError sign_in_gone (410).
    """
    with transaction.atomic():
        row = _open_row(pk=request_id)
        if row is None or row.telegram_id != telegram_id:
            raise errors.sign_in_gone()
        if row.state == State.ALLOWED and yes:
            return row
        if row.state != State.ASKED:
            raise errors.sign_in_gone()
        if yes:
            row.user = user_remember(telegram_id=telegram_id, facts=facts)
        row.state = State.ALLOWED if yes else State.DENIED
        row.save(update_fields=["state", "user"])
        audit.record(
            actor=row.user or "telegram",
            action=f"accounts.bot_sign_in_{row.state}",
            target=row,
            after={"telegram_id": telegram_id, "browser": row.browser},
        )
        return row


def bot_sign_in_take(*, request_id: UUID, secret: str) -> Tokens:
    """The session for the browser that asked, once somebody has said yes; only once.

    Raises ApplicationError: sign_in_gone (410), account_disabled (403).
    """
    with transaction.atomic():
        row = _open_row(pk=request_id, browser_hash=tokens.digest(secret))
        if row is None or row.state != State.ALLOWED or row.user is None:
            raise errors.sign_in_gone()
        row.state = State.USED
        row.save(update_fields=["state"])
        return session_open(user=row.user, kind=Session.Kind.WEB, context=Session.Context.WEB)


def _open_row(**wanted: Any) -> BotSignIn | None:
    """Under its lock, within its time."""
    rows = BotSignIn.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(**wanted, expires_at__gt=timezone.now()).first()
