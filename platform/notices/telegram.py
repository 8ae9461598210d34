"""Stopping and choosing notices from the chat with the bot."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from django.conf import settings

from accounts.models import User
from accounts.selectors import speaks_who
from core.errors import ApplicationError
from core.telegram.router import on_button, on_command
from notices import services
from notices.services.delivery import STOP

_STOPPED: Final = {
    "en": "You will not get these messages any more.",
    "ru": "Таких сообщений больше не будет.",
}
_ALL_STOPPED: Final = {
    "en": "Done: no more messages, except those that a payment of yours needs. "
    "You can choose again at any time.",
    "ru": "Готово: сообщений больше не будет, кроме тех, которых требует ваша оплата. "
    "Выбрать заново можно в любой момент.",
}
_SETTINGS: Final = {
    "en": "Choose what you are told about, and when it should be quiet.",
    "ru": "Выберите, о чём вам писать и когда не беспокоить.",
}
_CHOOSE: Final = {"en": "Choose notifications", "ru": "Настроить уведомления"}


@on_button(STOP)
def stop_one(query: Mapping[str, Any]) -> str:
    """The button under every notice: this kind, off at once."""
    _, _, kind = str(query["data"]).partition(":")
    user = _user(query)
    if user is not None:
        with suppress(ApplicationError):  # a kind of an earlier time: nothing is sent of it
            services.choices_set(user=user, on={kind: False})
    return _STOPPED[speaks_who(query)]


@on_command("stop", {"en": "Stop all messages", "ru": "Больше ничего не присылать"})
def stop_all(message: Mapping[str, Any]) -> str | Mapping[str, Any]:
    user = _user(message)
    if user is not None:
        services.stop_all(user=user)
    return _with_settings(_ALL_STOPPED, speaks_who(message))


@on_command("settings", {"en": "Notifications", "ru": "Уведомления"})
def settings_open(message: Mapping[str, Any]) -> Mapping[str, Any]:
    return _with_settings(_SETTINGS, speaks_who(message))


def _with_settings(words: Mapping[str, str], language: str) -> dict[str, Any]:
    app = {"url": f"{settings.PUBLIC_URL}/app/notifications"}
    button = {"text": _CHOOSE[language], "web_app": app}
    return {"text": words[language], "reply_markup": {"inline_keyboard": [[button]]}}


def _user(update: Mapping[str, Any]) -> User | None:
    sender = update.get("from")
    number = sender.get("id") if isinstance(sender, dict) else None
    return User.objects.filter(telegram_id=number).first() if isinstance(number, int) else None
