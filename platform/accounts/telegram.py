"""What the bot says about signing in on the web (core.telegram.org/bots/features#deep-linking)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import services
from accounts.models import BotSignIn, User
from accounts.selectors import speaks_who
from core.errors import ApplicationError
from core.inbox import services as inbox
from core.outbox.services import put
from core.telegram.router import on_button, on_command, on_update

log = structlog.get_logger(__name__)
BUTTON: Final = "signin"
_GONE: Final = {
    "en": "This link has been used or its time is over. Start again on the page you came from.",
    "ru": "Эта ссылка уже использована или устарела. Начните заново на той же странице.",
}
_DONE: Final = {
    "en": "Done. Go back to the page in your browser.",
    "ru": "Готово. Вернитесь на страницу в браузере.",
}
_DENIED: Final = {
    "en": "Nobody was signed in. If that was not you, nothing more is needed.",
    "ru": "Вход отклонён. Если это были не вы, больше ничего делать не нужно.",
}
_HELLO: Final = {
    "en": "Music that you can keep.\n\nHear new drops, collect numbered editions, share what you "
    "love. To send a track to a friend, write {name} and its title in any chat.",
    "ru": "Музыка, которая останется у вас.\n\nСлушайте новые дропы, собирайте нумерованные "
    "экземпляры, делитесь любимым. Чтобы отправить трек другу, напишите в любом чате {name} "
    "и название.",
}
_OPEN: Final = {"en": "Open Tonality", "ru": "Открыть Tonality"}
_ASK: Final = {
    "en": "Sign in on {host}?\n\n{browser}, {minute} UTC\n"
    "The page has to show the number {number}.\n\n"
    "Did somebody send you this link, or does your page show another number? "
    "Then it is not you.",
    "ru": "Войти на {host}?\n\n{browser}, {minute} UTC\n"
    "На странице должно стоять число {number}.\n\n"
    "Ссылку прислал кто-то другой или на странице другое число? Тогда это не вы.",
}
_YES: Final = {"en": "Yes, {}", "ru": "Да, {}"}
_NO: Final = {"en": "Not me", "ru": "Это не я"}


@on_command("start", {"en": "Open the shop", "ru": "Открыть магазин"})
def start(message: Mapping[str, Any]) -> str | Mapping[str, Any]:
    """Alone a greeting; with a token of a sign-in page the question whether that is you."""
    _, _, token = str(message.get("text", "")).partition(" ")
    person, language = message.get("from", {}).get("id"), speaks_who(message)
    if not isinstance(person, int):
        return greeting(language)
    services.bot_access_set(telegram_id=person, access=User.BotAccess.ALLOWED)
    if not token.strip():
        return greeting(language)
    try:
        row = services.bot_sign_in_ask(token=token.strip()[:64], telegram_id=person)
    except ApplicationError:
        log.info("bot_sign_in_gone")
        return _GONE[language]
    return _question(row, language)


def greeting(language: str) -> dict[str, Any]:
    """What the bot is for, and the button that opens the Mini App."""
    name = f"@{settings.TELEGRAM_BOT_USERNAME}"
    app = {"text": _OPEN[language], "web_app": {"url": f"{settings.PUBLIC_URL}/app/"}}
    return {
        "text": _HELLO[language].format(name=name),
        "reply_markup": {"inline_keyboard": [[app]]},
    }


@on_update("my_chat_member")
def blocked_or_not(told: Mapping[str, Any]) -> inbox.Outcome:
    """A person blocked the bot in their private chat, or let it in again."""
    status = told.get("new_chat_member", {}).get("status")
    access = {"kicked": User.BotAccess.BLOCKED, "member": User.BotAccess.ALLOWED}.get(status)
    if access is None or told.get("chat", {}).get("type") != "private":
        return inbox.ignored("no private chat of a person")
    services.bot_access_set(telegram_id=int(told["chat"]["id"]), access=access)
    return inbox.applied


def _question(row: BotSignIn, language: str) -> dict[str, Any]:
    text = _ASK[language].format(
        host=settings.PUBLIC_URL.partition("://")[2],
        browser=row.browser,
        minute=timezone.localtime(row.created_at).strftime("%H:%M"),
        number=row.number,
    )
    yes = {
        "text": _YES[language].format(row.number),
        "callback_data": f"{BUTTON}:{row.pk.hex}:yes",
    }
    no = {"text": _NO[language], "callback_data": f"{BUTTON}:{row.pk.hex}:no"}
    return {"text": text, "reply_markup": {"inline_keyboard": [[yes, no]]}}


@on_button(BUTTON)
def answered(query: Mapping[str, Any]) -> str:
    """Yes or no; whatever it was, the question loses its buttons."""
    _, _, rest = str(query["data"]).partition(":")
    name, _, word = rest.partition(":")
    person: Mapping[str, Any] = query.get("from", {})
    language = speaks_who(query)
    try:
        row = services.bot_sign_in_answer(
            request_id=UUID(hex=name),
            telegram_id=int(person["id"]),
            facts=_facts(person),
            yes=word == "yes",
        )
    except (ApplicationError, KeyError, ValueError):
        log.info("bot_sign_in_not_taken")
        return _GONE[language]
    text = (_DONE if row.state == BotSignIn.State.ALLOWED else _DENIED)[language]
    _close(query.get("message"), row, text)
    return text


def _facts(person: Mapping[str, Any]) -> dict[str, str]:
    """Of a User of the Bot API. A field that is absent is empty there."""
    return {
        "first_name": str(person.get("first_name", ""))[:128],
        "last_name": str(person.get("last_name", ""))[:128],
        "username": str(person.get("username", ""))[:64],
        "language": str(person.get("language_code", ""))[:16],
    }


def _close(message: Any, row: BotSignIn, text: str) -> None:
    if not isinstance(message, dict):
        return
    place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"], "text": text}
    with transaction.atomic():
        put("accounts.bot_question_close", place, key=str(row.pk))
