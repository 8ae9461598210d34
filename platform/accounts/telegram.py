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
from accounts.models import BotSignIn
from core.errors import ApplicationError
from core.outbox.services import put
from core.telegram.router import on_button, on_command

log = structlog.get_logger(__name__)
BUTTON: Final = "signin"
_GONE: Final = "This link has been used or its time is over. Start again on the page you came from."
_DONE: Final = "Done. Go back to the page in your browser."
_DENIED: Final = "Nobody was signed in. If that was not you, nothing more is needed."
_HELLO: Final = "Music that you can keep. Open the shop: {}"


@on_command("start", "Open the shop")
def start(message: Mapping[str, Any]) -> str | Mapping[str, Any]:
    """Alone a greeting; with a token of a sign-in page the question whether that is you."""
    _, _, token = str(message.get("text", "")).partition(" ")
    person = message.get("from", {}).get("id")
    if not token.strip() or not isinstance(person, int):
        return _HELLO.format(f"{settings.PUBLIC_URL}/app/")
    try:
        row = services.bot_sign_in_ask(token=token.strip()[:64], telegram_id=person)
    except ApplicationError:
        log.info("bot_sign_in_gone")
        return _GONE
    return {"text": _question(row), "reply_markup": {"inline_keyboard": [_buttons(row)]}}


def _question(row: BotSignIn) -> str:
    minute = timezone.localtime(row.created_at).strftime("%H:%M")
    return (
        f"Sign in on {settings.PUBLIC_URL.partition('://')[2]}?\n\n"
        f"{row.browser}, {minute} UTC\n"
        f"The page has to show the number {row.number}.\n\n"
        "Did somebody send you this link, or does your page show another number? "
        "Then it is not you."
    )


def _buttons(row: BotSignIn) -> list[dict[str, str]]:
    return [
        {"text": f"Yes, {row.number}", "callback_data": f"{BUTTON}:{row.pk.hex}:yes"},
        {"text": "Not me", "callback_data": f"{BUTTON}:{row.pk.hex}:no"},
    ]


@on_button(BUTTON)
def answered(query: Mapping[str, Any]) -> str:
    """Yes or no; whatever it was, the question loses its buttons."""
    _, _, rest = str(query["data"]).partition(":")
    name, _, word = rest.partition(":")
    person: Mapping[str, Any] = query.get("from", {})
    try:
        row = services.bot_sign_in_answer(
            request_id=UUID(hex=name),
            telegram_id=int(person["id"]),
            facts=_facts(person),
            yes=word == "yes",
        )
    except (ApplicationError, KeyError, ValueError):
        log.info("bot_sign_in_not_taken")
        return _GONE
    text = _DONE if row.state == BotSignIn.State.ALLOWED else _DENIED
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
