"""What accounts hold of a person: who he is, where he is signed in, his wallets, his choices."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db.models import Q
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from guardian.models import UserObjectPermission

from accounts.models import BotSignIn, Preferences, Session, User, Wallet
from core import privacy
from core.privacy import Obstacle

_GONE: Final = (Session, Wallet, BotSignIn, Preferences)
privacy.holds(*_GONE)
privacy.holds(TOTPDevice, StaticDevice, UserObjectPermission, User.groups.through)
privacy.holds(
    LogEntry, User.user_permissions.through, kept="staff alone; who did what stays to be read"
)
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
    for table in (*_GONE, TOTPDevice, StaticDevice, UserObjectPermission):
        table._default_manager.filter(user_id=user_id).delete()  # noqa: SLF001  public in Django
    nobody = {"login": f"gone-{user_id.hex}", "password": "!", "telegram_id": None}
    nobody["bot_access"] = User.BotAccess.UNKNOWN
    blank = dict.fromkeys(_BLANK, "")
    User.objects.filter(pk=user_id).update(is_active=False, last_login=None, **nobody, **blank)


@privacy.on_erase_refused("accounts")
def staff(user_id: UUID) -> list[Obstacle]:
    """Who works here goes when a colleague has taken the role away."""
    if not User.objects.filter(Q(is_staff=True) | Q(is_superuser=True), pk=user_id).exists():
        return []
    return [Obstacle("staff", "You are staff here: have your role taken away first.")]
