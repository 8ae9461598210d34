"""Which ways to sign in are configured here."""

from __future__ import annotations

from django.conf import settings


def openid_offered() -> bool:
    """Telegram's OpenID Connect: only with a client of ours there."""
    return bool(settings.TELEGRAM_OIDC_CLIENT_ID and settings.TELEGRAM_OIDC_CLIENT_SECRET)


def bot_offered() -> bool:
    """The bot: only when it has a name to link to, and Telegram can tell us what it hears."""
    return bool(
        settings.TELEGRAM_BOT_TOKEN
        and settings.TELEGRAM_BOT_USERNAME
        and settings.TELEGRAM_WEBHOOK_SECRET
    )
