"""Signing in and sessions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import errors, tokens
from accounts.metrics import INIT_DATA_REFUSED, REFRESH_REUSED
from accounts.models import Session, User
from core import audit
from core.telegram.init_data import InitDataInvalid, TelegramUser, verify

log = structlog.get_logger(__name__)
# Secrets of links to a gift or a playlist (see referrals.start_param): not for whoever reads the
# database.
_SECRETS: Final = re.compile(r"(?:^|-)[gj][0-9a-f]{40}(?=-|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets: both tokens, the access token's life in seconds, and the session."""

    access: str
    refresh: str
    expires_in: int
    session: Session


def session_open_by_telegram(*, init_data: str, device: str = "") -> Tokens:
    """Sign in with a Mini App's initData; a first visit makes the user.

    Raises ApplicationError: init_data_invalid, init_data_stale (401), account_disabled (403).
    """
    try:
        launch = verify(
            init_data,
            token=settings.TELEGRAM_BOT_TOKEN,
            public_keys=settings.TELEGRAM_PUBLIC_KEYS,
            now=timezone.now(),
            max_age=settings.INIT_DATA_MAX_AGE,
            max_skew=settings.INIT_DATA_MAX_SKEW,
        )
    except InitDataInvalid as error:
        INIT_DATA_REFUSED.labels(error.code).inc()
        log.info("init_data_refused", code=error.code)
        raise errors.init_data_invalid(error.code) from error
    with transaction.atomic():
        opened = session_open(
            user=user_remember(telegram_id=launch.user.id, facts=_facts(launch.user)),
            kind=Session.Kind.MINIAPP,
            context=Session.Context.TELEGRAM,
            start_param=_SECRETS.sub("", launch.start_param),
            auth_date=launch.auth_date,
            device=device,
        )
    opened.session.start_param = launch.start_param  # told to its client, not kept
    return opened


def _facts(person: TelegramUser) -> dict[str, str]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language": person.language,
        "photo_url": person.photo_url,
        **({"bot_access": User.BotAccess.ALLOWED} if person.may_write else {}),
    }


def user_remember(
    *, telegram_id: int, facts: Mapping[str, str], at_first: Mapping[str, str] | None = None
) -> User:
    """The user of a Telegram id, made or brought up to date with what Telegram says now.

    `facts`: fields of User, the others stay as they are. `at_first`: for somebody new alone.
    """
    fresh = {**facts, **(at_first or {}), "login": f"tg:{telegram_id}", "password": "!"}
    user, made = User.objects.get_or_create(telegram_id=telegram_id, defaults=fresh)
    changed = [name for name, value in facts.items() if getattr(user, name) != value]
    if changed and not made:
        for name in changed:
            setattr(user, name, facts[name])
        user.save(update_fields=changed)
    return user


def bot_access_set(*, access: User.BotAccess, **who: Any) -> bool:
    """Note whether the bot may write to somebody (by pk or telegram_id); True if that is news."""
    news = User.objects.filter(**who).exclude(bot_access=access)
    return news.update(bot_access=access) == 1


def session_open(
    *,
    user: User,
    kind: Session.Kind,
    context: Session.Context,
    start_param: str = "",
    auth_date: datetime | None = None,
    device: str = "",
) -> Tokens:
    """Open a session for a user who has proved who they are. Raises account_disabled (403).

    device: what the browser called itself, in words; only its owner sees it, in his list.
    """
    if not user.is_active:
        raise errors.account_disabled()
    now = timezone.now()
    session = Session(
        user=user,
        kind=kind,
        context=context,
        start_param=start_param,
        auth_date=auth_date,
        device=device[:80],
        created_at=now,
        refreshed_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    refresh = tokens.refresh_make(session.id, session.generation)
    session.refresh_hash = tokens.digest(refresh)
    session.save(force_insert=True)
    return _tokens(session, refresh, now)


def session_name(*, session: Session, device: str) -> None:
    """Say on what a session was opened, for its owner's list."""
    session.device = device[:80]
    session.save(update_fields=["device"])


def session_refresh(*, refresh: str) -> Tokens:
    """Turn a refresh token into a new pair. Used twice, it ends the session (a copy is about).

    Raises ApplicationError refresh_invalid (401).
    """
    try:
        claim = tokens.refresh_read(refresh)
    except tokens.TokenInvalid as error:
        raise errors.refresh_invalid() from error
    with transaction.atomic():
        result = _session_turn(claim, tokens.digest(refresh))
    if result is None:
        raise errors.refresh_invalid()
    return result


def _session_turn(claim: tokens.Refresh, hashed: str) -> Tokens | None:
    """Under the row's lock; None (not an exception) so that a revocation is committed."""
    now = timezone.now()
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(id=claim.session_id)
        .first()
    )
    if session is None or session.revoked_at is not None or session.expires_at <= now:
        return None
    if not secrets.compare_digest(session.refresh_hash, hashed):
        REFRESH_REUSED.inc()
        log.warning("refresh_reused", session_id=str(session.id), user_id=str(session.user_id))
        _session_end(session, "refresh_reused", actor="accounts")
        return None
    if not session.user.is_active:
        _session_end(session, "account_disabled", actor="accounts")
        return None
    session.generation += 1
    fresh = tokens.refresh_make(session.id, session.generation)
    session.refresh_hash = tokens.digest(fresh)
    session.refreshed_at = now
    session.expires_at = now + settings.REFRESH_TOKEN_LIFETIME
    session.save(update_fields=["generation", "refresh_hash", "refreshed_at", "expires_at"])
    return _tokens(session, fresh, now)


def session_revoke(
    *, session: Session, actor: audit.Actor | None = None, reason: str = "logout"
) -> None:
    """End a session: its tokens stop working at once. Ending an ended one changes nothing."""
    with transaction.atomic():
        locked = Session.objects.select_for_update().get(pk=session.pk)
        if locked.revoked_at is None:
            _session_end(locked, reason, actor=actor)
    session.revoked_at = locked.revoked_at


def sessions_revoke_others(*, session: Session) -> int:
    """End every other session of its user; how many were open."""
    with transaction.atomic():
        others = Session.objects.select_for_update().filter(
            user_id=session.user_id, revoked_at__isnull=True, expires_at__gt=timezone.now()
        )
        found = list(others.exclude(pk=session.pk))
        for one in found:
            _session_end(one, "ended_by_owner", actor=session.user)
    return len(found)


def _session_end(session: Session, reason: str, *, actor: audit.Actor | None) -> None:
    session.revoked_at = timezone.now()
    session.revoked_reason = reason[:40]
    session.save(update_fields=["revoked_at", "revoked_reason"])
    audit.record(actor=actor, action="accounts.session_revoked", target=session, reason=reason)


def _tokens(session: Session, refresh: str, now: datetime) -> Tokens:
    life = settings.ACCESS_TOKEN_LIFETIME
    return Tokens(
        access=tokens.access_make(session.id, now + life),
        refresh=refresh,
        expires_in=int(life.total_seconds()),
        session=session,
    )
