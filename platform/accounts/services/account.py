"""What a person decides about the account as a whole: its choices, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from accounts import errors
from accounts.models import Preferences, User
from core import audit, privacy
from core.money import CURRENCIES

log = structlog.get_logger(__name__)
_CHOICES: Final = ("language", "currency", "theme", "shown")


def preferences_set(*, user: User, choices: Mapping[str, str | bool]) -> Preferences:
    """Keep what was chosen; what is not named stays. Raises ApplicationError choice_unknown (400).

    language: one that we speak, or "" for Telegram's. currency: one of core.money.CURRENCIES.
    """
    _refuse_unknown(choices)
    if not choices:
        return Preferences.objects.filter(user=user).first() or Preferences(user=user)
    row, _ = Preferences.objects.update_or_create(user=user, defaults=dict(choices))
    return row


def _refuse_unknown(choices: Mapping[str, str | bool]) -> None:
    known: dict[str, tuple[str | bool, ...]] = {
        "language": ("", *(code for code, _ in settings.LANGUAGES)),
        "currency": CURRENCIES,
        "theme": tuple(Preferences.Theme.values),
        "shown": (True, False),
    }
    for name, value in choices.items():
        if name not in _CHOICES or value not in known[name]:
            raise errors.choice_unknown(name)


def account_erase(*, user_id: UUID) -> None:
    """Erase a person in every room, for good. Sales stay in the books and name nobody.

    Who comes back by the same Telegram account is somebody new. Raises ApplicationError
    account_open (409) while something has to be settled first, see privacy.obstacles.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        if not user.is_active:
            return
        if open_ := privacy.obstacles(user_id):
            raise errors.account_open(open_)
        privacy.erase(user_id)
        audit.record(
            actor="accounts",
            action="accounts.account_erased",
            target=("accounts.user", str(user_id)),
        )
    log.info("account_erased", user_id=str(user_id))
