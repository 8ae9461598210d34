"""Chats with the bot: what is said there, its buttons, and a page that shows them in a browser.

As the Bot API has it: a text of 1-4096 characters, an inline keyboard of rows of buttons with
callback_data of 1-64 bytes; a press is a callback_query that the bot has to answer, once and by its
id. What the bot answers a webhook with is carried out like any other call of it.
"""

from __future__ import annotations

import json
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from accounts.people import PEOPLE
from deploy.local.sandbox.frame import Call, Refuse, Reply
from deploy.local.sandbox.page import payment_page, see_other
from deploy.local.sandbox.telegram_forms import MESSAGE, bad, message_fields, rows_of

_EDIT: Final = MESSAGE | {"message_id"}
_ANSWER: Final = frozenset({"callback_query_id", "text", "show_alert", "cache_time"})
_START: Final = 64  # characters of a deep link's parameter
_PATIENCE: Final = 5.0  # seconds that the page waits for the bot


class Chats(ABC):
    """A part of the Telegram sandbox. `messages`: all that the bot has said, with what is left of
    its buttons; `toasts`: what pressers were shown."""

    messages: list[dict[str, Any]]
    toasts: list[dict[str, Any]]
    open_queries: dict[str, dict[str, Any]]
    blocked: set[int]

    def open_chats(self) -> None:
        self.messages, self.toasts, self.open_queries = [], [], {}

    # --- methods ------------------------------------------------------------------------------
    def said(self, given: dict[str, Any]) -> dict[str, Any]:
        self.messages.append({**given, "message_id": len(self.messages) + 1})
        return {"message_id": len(self.messages), "chat": {"id": given["chat_id"]}}

    def edit_message_text(self, given: dict[str, Any]) -> Any:
        message_fields(given, allowed=_EDIT)
        found = self._found(int(given["chat_id"]), int(given.get("message_id", 0)))
        after = {name: given[name] for name in given if name in MESSAGE}
        before = {name: found[name] for name in found if name in MESSAGE}
        if after == before:
            raise bad("message is not modified: specified new message content is exactly the same")
        found.pop("reply_markup", None)
        found.update(after)
        return {"message_id": found["message_id"], "chat": {"id": found["chat_id"]}}

    def answer_callback_query(self, given: dict[str, Any]) -> bool:
        if set(given) - _ANSWER:
            raise bad(f"unknown fields {sorted(set(given) - _ANSWER)}")
        if len(str(given.get("text", ""))) > 200:
            raise bad("MESSAGE_TOO_LONG")
        query = self.open_queries.pop(str(given.get("callback_query_id", "")), None)
        if query is None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.toasts.append({"user": query["from"]["id"], "text": given.get("text", "")})
        return True

    def _found(self, chat: int, number: int) -> dict[str, Any]:
        for one in self.messages:
            if (one["chat_id"], one["message_id"]) == (chat, number):
                return one
        raise bad("message to edit not found")

    def took(self, status: int, body: bytes) -> bool:
        """A webhook's answer: with a method in it, that is called."""
        if 200 <= status < 300 and body:
            try:
                call = json.loads(body)
                self.run(call.pop("method", ""), call)
            except ValueError:
                pass  # an answer that is no call is an answer all the same
            except Refuse as refused:  # Telegram tells nobody either
                self.toasts.append({"refused": refused.reply.body})
        return 200 <= status < 300

    @abstractmethod
    def run(self, name: str, given: dict[str, Any]) -> Any:
        """A method that the bot has put into its answer to a webhook."""

    # --- people -------------------------------------------------------------------------------
    def act_message(self, *, user: int, text: str) -> dict[str, Any]:
        self._tell({"message": self._message(user, {"text": text})})
        return {}

    def act_block(self, *, user: int) -> dict[str, Any]:
        """The user blocks the bot."""
        self.blocked.add(user)
        self._member(user, "member", "kicked")
        return {}

    def act_unblock(self, *, user: int) -> dict[str, Any]:
        self.blocked.discard(user)
        self._member(user, "kicked", "member")
        return {}

    def _member(self, user: int, before: str, after: str) -> None:
        bot = {"id": 1, "is_bot": True, "first_name": "Sandbox"}
        told = {
            "chat": {"id": user, "type": "private"}, "from": person_of(user),
            "date": int(time.time()),
            "old_chat_member": {"status": before, "user": bot},
            "new_chat_member": {"status": after, "user": bot},
        }  # fmt: skip
        self._tell({"my_chat_member": told})

    def act_start(self, *, user: int, parameter: str = "") -> dict[str, Any]:
        """A deep link t.me/<bot>?start=<parameter> was opened, and Start pressed."""
        good = parameter.replace("_", "").replace("-", "")
        if len(parameter) > _START or (good and not (good.isascii() and good.isalnum())):
            raise bad("START_PARAM_INVALID")
        return self.act_message(user=user, text=f"/start {parameter}".strip())

    def act_press(self, *, user: int, data: str, message: int = 0) -> dict[str, Any]:
        """A button is pressed: one that the user's chat has (`message`: the newest by default)."""
        held = [one for one in self.messages if one["chat_id"] == user and data in _data_of(one)]
        if message:
            held = [one for one in held if one["message_id"] == message]
        if not held:
            raise bad("DATA_INVALID")
        self.press_anyway(user=user, data=data, message=held[-1]["message_id"])
        return {}

    def press_anyway(self, *, user: int, data: str, message: int = 0) -> str:
        """A callback_query as a changed client may send it: any data, from anybody; its id."""
        query: dict[str, Any] = {
            "id": str(secrets.randbelow(10**18)), "from": person_of(user), "data": data,
            "chat_instance": str(user), "message": self._message(user, {"text": "..."}),
        }  # fmt: skip
        query["message"]["message_id"] = message
        self.open_queries[query["id"]] = query
        self._tell({"callback_query": query})
        return str(query["id"])

    # --- a page that shows a chat ---------------------------------------------------------------
    def chat_page(self, call: Call) -> Reply:
        """First who one is, then the chat; opened as t.me/<bot>?start=... would be."""
        start = call.query.get("start", [""])[0]
        user = call.query.get("user", [""])[0]
        action = f"/chat?{urlencode({'start': start})}"
        if not user.isdigit():
            return payment_page(
                provider="Telegram",
                title="Open the bot as",
                note="In Telegram this opens a chat. Here you choose who you are.",
                buttons=[(f"as:{one.telegram_id}", one.first_name) for one in PEOPLE.values()],
                action=action,
            )
        last = next((m for m in reversed(self.messages) if m["chat_id"] == int(user)), None)
        return payment_page(
            provider="Telegram, chat with the bot",
            title=last["text"] if last else "The bot has said nothing yet.",
            note="",
            buttons=[(f"press:{data}", text) for text, data in _buttons_of(last)],
            action=f"{action}&{urlencode({'user': user})}",
        )

    def chat_act(self, call: Call) -> Reply:
        start = call.query.get("start", [""])[0]
        kind, _, what = call.form().get("act", "").partition(":")
        user = what if kind == "as" else call.query.get("user", [""])[0]
        before = len(self.messages), len(self.toasts)
        try:
            if kind == "as":
                self.act_start(user=int(user), parameter=start)
            else:
                self.act_press(user=int(user), data=what)
        except (Refuse, ValueError) as error:
            return Reply(400, escape(str(error)), kind="text/plain; charset=utf-8")
        end = time.monotonic() + _PATIENCE
        while (len(self.messages), len(self.toasts)) == before and time.monotonic() < end:
            time.sleep(0.05)
        return see_other(f"/chat?{urlencode({'start': start, 'user': user})}")

    # --- of the sandbox ---------------------------------------------------------------------------
    @abstractmethod
    def _tell(self, update: dict[str, Any]) -> None:
        """Send an update to the bot's webhook."""

    @abstractmethod
    def _message(self, user: int, more: dict[str, Any]) -> dict[str, Any]:
        """A message of `user` in his chat with the bot, with `more` in it."""


def _buttons_of(message: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return [
        (one["text"], one["callback_data"]) for one in rows_of(message) if "callback_data" in one
    ]


def _data_of(message: Mapping[str, Any]) -> list[str]:
    return [data for _, data in _buttons_of(message)]


def person_of(number: int) -> dict[str, Any]:
    """A User of the Bot API: one of development's people, or somebody made up."""
    known = next((one for one in PEOPLE.values() if one.telegram_id == number), None)
    if known is None:
        return {"id": number, "is_bot": False, "first_name": f"User {number}"}
    more = {"first_name": known.first_name, "username": known.username, "language_code": "en"}
    return {"id": number, "is_bot": False, **more}
