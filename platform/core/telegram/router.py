"""Telegram's updates: kept raw, then given to the room that handles their kind.

Rooms register in their `telegram.py`. A kind is a field of the update ("callback_query") or one of
its message ("message.successful_payment"); a command is a text that starts with "/<name>",
a button is a callback_query whose data start with "<name>:".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import orjson
import structlog
from django.conf import settings

from core.inbox import services as inbox
from core.inbox.models import InboxEvent

SOURCE: Final = "telegram"
Answer: TypeAlias = dict[str, Any] | None
# Asked while Telegram waits: may only look at the database, and answers with a Bot API method.
Asked: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
Told: TypeAlias = Callable[[Mapping[str, Any]], inbox.Outcome]
# Text, or the fields of a sendMessage (text, reply_markup).
Command: TypeAlias = Callable[[Mapping[str, Any]], str | Mapping[str, Any]]
# A pressed button of an inline keyboard: the text that its presser is shown for a moment.
Button: TypeAlias = Callable[[Mapping[str, Any]], str]

log = structlog.get_logger(__name__)
_asked: dict[str, Asked] = {}
_told: dict[str, Told] = {}
_commands: dict[str, tuple[str, Command]] = {}
_buttons: dict[str, Button] = {}


def on_question(kind: str) -> Callable[[Asked], Asked]:
    """Register who answers a kind in the webhook's own reply (pre_checkout_query)."""

    def register(handler: Asked) -> Asked:
        _asked[kind] = handler
        return handler

    return register


def on_update(kind: str) -> Callable[[Told], Told]:
    """Register who applies a kind, in the inbox's transaction, once."""

    def register(handler: Told) -> Told:
        _told[kind] = handler
        return handler

    return register


def on_command(name: str, description: str) -> Callable[[Command], Command]:
    """Register what answers "/<name>" in a private chat."""

    def register(handler: Command) -> Command:
        _commands[name] = (description, handler)
        return handler

    return register


def on_button(name: str) -> Callable[[Button], Button]:
    """Register who answers a button whose callback_data is "<name>:...". It may come twice."""

    def register(handler: Button) -> Button:
        _buttons[name] = handler
        return handler

    return register


def commands() -> list[tuple[str, str]]:
    """Names and descriptions for setMyCommands."""
    return [(name, text) for name, (text, _) in sorted(_commands.items())]


def receive(body: bytes) -> Answer:
    """Keep an update and do what it asks; the webhook's answer, if there is one.

    Raises ValueError for what is no update. A failure of the database is the caller's: Telegram
    then sends the update again, but a question is answered all the same (see refuse).
    """
    update = _update(body)
    event = inbox.receive(source=SOURCE, key=_key(update), body=body)
    for kind, handler in _asked.items():
        if kind in update:
            answer = handler(update[kind])
            inbox.process(event_id=event.pk)
            return answer
    pressed = _pressed(update)
    inbox.process(event_id=event.pk)
    return pressed or (_command(update) if event.deliveries == 1 else None)


def question_of(body: bytes) -> str:
    """The id of the pre-checkout query in a body, "" when there is none."""
    try:
        return str(_update(body).get("pre_checkout_query", {}).get("id", ""))
    except ValueError:
        return ""


def _update(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError("not JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("update_id"), int):
        raise ValueError("not an update")
    return found


def _key(update: Mapping[str, Any]) -> str:
    bot = settings.TELEGRAM_BOT_TOKEN.partition(":")[0]
    return f"{bot}:{update['update_id']}"


def _command(update: Mapping[str, Any]) -> Answer:
    said = update.get("message")
    if not isinstance(said, dict) or said.get("chat", {}).get("type") != "private":
        return None
    text = str(said.get("text", ""))
    if not text.startswith("/"):
        return None
    name = text[1:].split(maxsplit=1)[0].partition("@")[0] if text[1:].strip() else ""
    found = _commands.get(name)
    if found is None:
        return None
    said_back = found[1](said)
    fields = {"text": said_back} if isinstance(said_back, str) else said_back
    return {"method": "sendMessage", "chat_id": said["chat"]["id"], **fields}


def _button(update: Mapping[str, Any]) -> Button | None:
    query = update.get("callback_query")
    data = query.get("data") if isinstance(query, dict) else None
    return _buttons.get(data.partition(":")[0]) if isinstance(data, str) else None


def _pressed(update: Mapping[str, Any]) -> Answer:
    """Every press is answered: the client shows a progress bar until then."""
    handler = _button(update)
    if handler is None:
        return None
    query = update["callback_query"]
    return {
        "method": "answerCallbackQuery",
        "callback_query_id": query["id"],
        "text": handler(query),
    }


def apply(event: InboxEvent) -> inbox.Outcome:
    """Give the update to whoever handles its kind. Questions were answered when they came."""
    update = _update(bytes(event.body))
    for kind, handler in _told.items():
        field, _, inner = kind.partition(".")
        found = update.get(field)
        if isinstance(found, dict) and (not inner or inner in found):
            return handler(found)
    if any(kind in update for kind in _asked) or _button(update) is not None:
        return inbox.applied
    return inbox.ignored("nobody handles this kind")


def verified(event: InboxEvent) -> bool:
    """The secret is checked before anything is kept."""
    del event
    return True
