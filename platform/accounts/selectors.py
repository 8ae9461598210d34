"""Reads of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts import tokens
from accounts.models import BotSignIn, Preferences, Session, User, Wallet
from core.telegram.languages import language_of as bot_language
from core.telegram.languages import said_in


def session_alive(session_id: UUID) -> Session | None:
    """The session with its user, in one query; None if revoked, over, or its user disabled."""
    return (
        Session.objects.select_related("user")
        .filter(
            id=session_id,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .first()
    )


def preferences_of(user: User) -> Preferences:
    """What a person chose, or the defaults. One query, none after select_related("preferences")."""
    try:
        return user.preferences
    except Preferences.DoesNotExist:
        return Preferences(user=user)


def language_of(user: User) -> str:
    """The language to speak to a person in: the chosen one, else Telegram's; "" when unknown."""
    return preferences_of(user).language or user.language


def speaks(user: User) -> str:
    """Which of the bot's languages a person is spoken to in."""
    return bot_language(language_of(user))


def speaks_who(update: Mapping[str, Any]) -> str:
    """The same of whoever sent a message to the bot, or pressed a button of its."""
    sender = update.get("from")
    known = sender if isinstance(sender, dict) else {}
    chosen = Preferences.objects.filter(user__telegram_id=known.get("id", 0))
    return bot_language(chosen.values_list("language", flat=True).first() or said_in(update))


def public_name(user: User) -> str:
    """The name that strangers may see, "" for who does not want to be shown, or is gone.

    The first name alone: people give Telegram their family name for their friends. Lists of
    people read with select_related("preferences"), or this asks once for each.
    """
    if not user.is_active or not preferences_of(user).shown:
        return ""
    return user.first_name or (f"@{user.username}" if user.username else "")


def sessions_of(user: User) -> QuerySet[Session]:
    """Where the user is signed in now."""
    return Session.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=timezone.now())


def wallets_of(user: User) -> QuerySet[Wallet]:
    """The user's linked wallets, newest proof first."""
    return Wallet.objects.filter(user=user, revoked_at__isnull=True).order_by("-proved_at", "-id")


def wallet_addresses(user: User) -> list[str]:
    """Raw addresses of the user's linked wallets."""
    return list(wallets_of(user).values_list("address", flat=True))


def wallet_by_address(address: str) -> Wallet | None:
    """The active link of a raw address, with its user."""
    return (
        Wallet.objects.select_related("user")
        .filter(address=address, revoked_at__isnull=True)
        .first()
    )


def bot_sign_in_of(request_id: UUID, secret: str) -> BotSignIn | None:
    """A browser's own question to the bot; None for another browser's, or when its time is over."""
    return BotSignIn.objects.filter(
        pk=request_id, browser_hash=tokens.digest(secret), expires_at__gt=timezone.now()
    ).first()
