"""What accounts hold of a person: who he is, where he is signed in, his wallets, his choices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import BotSignIn, Preferences, Session, User, Wallet
from core import privacy

privacy.holds(Preferences, Session, Wallet, BotSignIn)
_BLANK = ("first_name", "last_name", "username", "language", "photo_url")


@privacy.on_export("accounts")
def export(user_id: UUID) -> dict[str, Any]:
    who = User.objects.filter(pk=user_id)
    return {
        "profile": who.values("id", "telegram_id", "bot_access", *_BLANK, "created_at").first(),
        "preferences": Preferences.objects.filter(user_id=user_id)
        .values("language", "currency", "theme", "shown", "changed_at")
        .first(),
        "sessions": list(
            Session.objects.filter(user_id=user_id).values(
                "id", "kind", "context", "start_param", "created_at", "refreshed_at",
                "expires_at", "revoked_at", "revoked_reason",
            )
        ),
        "wallets": list(
            Wallet.objects.filter(user_id=user_id).values(
                "address", "public_key", "proved_at", "revoked_at", "revoked_reason"
            )
        ),
    }  # fmt: skip


@privacy.on_erase("accounts")
def erase(user_id: UUID) -> None:
    """The row of the user stays, empty: sales point at it. Telegram's id is free for a new one."""
    for table in (Session, Wallet, BotSignIn, Preferences):
        table.objects.filter(user_id=user_id).delete()
    User.objects.filter(pk=user_id).update(
        login=f"gone-{user_id.hex}",
        password="!",
        telegram_id=None,
        is_active=False,
        last_login=None,
        bot_access=User.BotAccess.UNKNOWN,
        **dict.fromkeys(_BLANK, ""),
    )
