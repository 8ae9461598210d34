"""The languages in which the bot speaks, and which of them somebody reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

LANGUAGES: Final = ("en", "ru")
# One text in every language of ours: {"en": ..., "ru": ...}.
Words: TypeAlias = Mapping[str, str]


def language_of(code: str) -> str:
    """Ours for an IETF tag ("ru-RU", as Telegram's language_code has them); English for others."""
    return "ru" if code.lower().partition("-")[0] == "ru" else "en"


def said_in(update: Mapping[str, Any]) -> str:
    """What Telegram says of the language of whoever sent a message or pressed a button."""
    sender = update.get("from")
    code = sender.get("language_code") if isinstance(sender, dict) else None
    return code if isinstance(code, str) else ""
