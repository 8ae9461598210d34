"""Telegram's updates: kept raw, then given to the room that handles their kind.

Rooms register in their `telegram.py`. A kind is a field of the update ("callback_query") or one of
its message ("message.successful_payment"); a command is a text that starts with "/<name>",
a button is a callback_query whose data start with "<name>:".

What is done in one chat is done one update at a time and in their order (see core.inbox), each
once, however often it comes. Payments alone are not held to the order: money is a fact whenever
the news of it comes. Its own answer goes out with the webhook's reply; an update that was applied
later, because another one of its chat was due first, is answered through the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson
import structlog
from django.conf import settings
from django.db import transaction

from core.inbox import services as inbox
from core.inbox.models import InboxEvent
from core.outbox.services import put
from core.telegram import sequence
from core.telegram.languages import Words

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
SAY: Final = "telegram.say"
_asked: dict[str, tuple[Asked, bool]] = {}
_told: dict[str, tuple[Told, bool]] = {}
_commands: dict[str, tuple[Words, Command]] = {}
_buttons: dict[str, Button] = {}


@dataclass
class _Heard:
    """The reply to the update that a request has brought, if it could be given there and then."""

    event_id: UUID
    reply: Answer = None


_listening: ContextVar[_Heard | None] = ContextVar("telegram_listening", default=None)


def on_question(kind: str, *, kept: bool = True) -> Callable[[Asked], Asked]:
    """Register who answers a kind in the webhook's own reply (pre_checkout_query).

    kept: False for what only looks (inline_query): it is neither stored nor waits for its chat.
    """

    def register(handler: Asked) -> Asked:
        _asked[kind] = (handler, kept)
        return handler

    return register


def on_update(kind: str, *, ordered: bool = True) -> Callable[[Told], Told]:
    """Register who applies a kind, in the inbox's transaction, once.

    ordered: False for a fact that counts whenever it comes (a payment).
    """

    def register(handler: Told) -> Told:
        _told[kind] = (handler, ordered)
        return handler

    return register


def on_command(name: str, description: Words) -> Callable[[Command], Command]:
    """Register what answers "/<name>" in a private chat, in the transaction of its update."""

    def register(handler: Command) -> Command:
        _commands[name] = (description, handler)
        return handler

    return register


def on_button(name: str) -> Callable[[Button], Button]:
    """Register who answers a button whose callback_data is "<name>:...", in the transaction of
    its update."""

    def register(handler: Button) -> Button:
        _buttons[name] = handler
        return handler

    return register


def commands(language: str) -> list[tuple[str, str]]:
    """Names and descriptions for setMyCommands."""
    return [(name, words[language]) for name, (words, _) in sorted(_commands.items())]


def receive(body: bytes) -> Answer:
    """Keep an update and do what it asks; the webhook's answer, if there is one.

    Raises ValueError for what is no update. A failure of the database is the caller's: Telegram
    then sends the update again, but a question is answered all the same (see refuse).
    """
    update = _update(body)
    asked = next(((kind, *_asked[kind]) for kind in _asked if kind in update), None)
    if asked and not asked[2]:
        sequence.seen(_bot(), update["update_id"])
        return asked[1](update[asked[0]])
    lane, number = _place(update)
    key = f"{_bot()}:{update['update_id']}"
    event = inbox.receive(source=SOURCE, key=key, body=body, lane=lane, number=number)
    sequence.seen(_bot(), update["update_id"])  # stored: who waits for it finds it
    if asked:
        answer = _asked_alone(lane, asked[1], update[asked[0]])
        inbox.process(event_id=event.pk)
        return answer
    if number is not None and event.state == InboxEvent.State.RECEIVED:
        sequence.wait_for_earlier(_bot(), number)
    return _process(event) or _again(update, event)


def _process(event: InboxEvent) -> Answer:
    heard = _Heard(event.pk)
    before = _listening.set(heard)
    try:
        state = inbox.process(event_id=event.pk)
    finally:
        _listening.reset(before)
    return heard.reply if state == InboxEvent.State.APPLIED else None


def _asked_alone(lane: str, handler: Asked, asked: Mapping[str, Any]) -> dict[str, Any]:
    with transaction.atomic():
        inbox.lane_hold(source=SOURCE, lane=lane)
        return handler(asked)


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


def _bot() -> str:
    token: str = settings.TELEGRAM_BOT_TOKEN
    return token.partition(":")[0]


def _place(update: Mapping[str, Any]) -> tuple[str, int | None]:
    """The chat that an update belongs to, and its number there unless the order is nothing to it.

    A person's private chat with the bot has the person's own id.
    """
    inner: dict[str, Any] = next((one for one in update.values() if isinstance(one, dict)), {})
    message = inner.get("message")
    said = message if isinstance(message, dict) else inner
    chat = said.get("chat") or inner.get("from") or {}
    lane = str(chat.get("id", "")) if isinstance(chat, dict) else ""
    found = _handler(update)
    loose = any(kind in update for kind in _asked) or (found is not None and not found[1])
    return lane, None if loose or not lane else update["update_id"]


def _handler(update: Mapping[str, Any]) -> tuple[Told, bool, dict[str, Any]] | None:
    for kind, (handler, ordered) in _told.items():
        field, _, inner = kind.partition(".")
        found = update.get(field)
        if isinstance(found, dict) and (not inner or inner in found):
            return handler, ordered, found
    return None


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


def _again(update: Mapping[str, Any], event: InboxEvent) -> Answer:
    """A press that comes again ends its progress bar again, and does nothing else."""
    if event.state not in inbox.FINISHED or _button(update) is None:
        return None
    return {"method": "answerCallbackQuery", "callback_query_id": update["callback_query"]["id"]}


def apply(event: InboxEvent) -> inbox.Outcome:
    """Give the update to whoever handles its kind. Questions were answered when they came."""
    update = _update(bytes(event.body))
    found = _handler(update)
    if found is not None:
        return found[0](found[2])
    if any(kind in update for kind in _asked):
        return inbox.applied
    reply = _command(update) or _pressed(update)
    if reply is None:
        return inbox.ignored("nobody handles this kind")
    _answer(event, reply)
    return inbox.applied


def _answer(event: InboxEvent, reply: dict[str, Any]) -> None:
    """With the reply to the request that brought the update, else by a call of ours."""
    heard = _listening.get()
    if heard is not None and heard.event_id == event.pk:
        heard.reply = reply
    else:
        put(SAY, {"call": reply}, key=event.key)


def verified(event: InboxEvent) -> bool:
    """The secret is checked before anything is kept."""
    del event
    return True
