"""Inline mode: somebody writes "@bot words" in any chat, and picks one of the bot's answers.

As the Bot API has it: the question has up to 256 characters, the answer up to 50 results within ten
seconds, by the webhook's reply or a call; a prepared message is made for one user, to be shared
from the Mini App (shareMessage) within minutes. The page /inline tries it in a browser.
"""

from __future__ import annotations

import json
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from deploy.local.sandbox.frame import Call, Delivery, Refuse, Reply
from deploy.local.sandbox.page import page_of, see_other
from deploy.local.sandbox.telegram_chat import person_of
from deploy.local.sandbox.telegram_forms import bad, inline_result, only, web_app

WAIT: Final = 10.0
_ANSWER: Final = frozenset(
    {"inline_query_id", "results", "cache_time", "is_personal", "next_offset", "button"}
)
_PREPARED: Final = frozenset(
    {
        "user_id", "result", "allow_user_chats", "allow_bot_chats", "allow_group_chats",
        "allow_channel_chats",
    }
)  # fmt: skip
_LIFE: Final = 600  # seconds of a prepared message


class Inline(ABC):
    """A part of the Telegram sandbox. `shared`: what was sent to other chats."""

    inline_answers: dict[str, dict[str, Any]]
    prepared: dict[str, dict[str, Any]]
    shared: list[dict[str, Any]]
    now: Callable[[], float]  # of the sandbox

    def open_inline(self) -> None:
        self.inline_answers, self.prepared, self.shared = {}, {}, []
        self._asking: set[str] = set()

    # --- methods ------------------------------------------------------------------------------
    def answer_inline_query(self, given: dict[str, Any]) -> bool:
        only(given, _ANSWER)
        question, results = str(given.get("inline_query_id", "")), given.get("results")
        if question not in self._asking:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if not isinstance(results, list) or len(results) > 50:
            raise bad("RESULTS_TOO_MUCH")
        for one in results:
            inline_result(one)
        if len({one["id"] for one in results}) != len(results):
            raise bad("RESULT_ID_DUPLICATE")
        if len(str(given.get("next_offset", "")).encode()) > 64:
            raise bad("NEXT_OFFSET_INVALID")
        if type(given.get("cache_time", 300)) is not int or given.get("cache_time", 300) < 0:
            raise bad("cache_time is wrong")
        if button := given.get("button"):
            _button(button)
        self._asking.discard(question)
        self.inline_answers[question] = given
        return True

    def save_prepared(self, given: dict[str, Any]) -> dict[str, Any]:
        only(given, _PREPARED)
        if not isinstance(given.get("user_id"), int):
            raise bad("user not found")
        inline_result(given.get("result"))
        if not any(given.get(name) is True for name in _PREPARED if name.startswith("allow_")):
            raise bad("at least one chat type must be allowed")
        made = {
            "id": secrets.token_urlsafe(12),
            "expiration_date": int(self.now()) + _LIFE,
        }
        self.prepared[str(made["id"])] = {**given, **made}
        return made

    # --- people -------------------------------------------------------------------------------
    def act_inline(self, *, user: int, query: str = "", offset: str = "") -> dict[str, Any]:
        """Somebody has written that after the bot's name; what the bot answered."""
        if len(query) > 256:
            raise bad("the field takes 256 characters")
        question = str(secrets.randbelow(10**18))
        asked = {
            "id": question, "from": person_of(user), "query": query, "offset": offset,
            "chat_type": "private",
        }  # fmt: skip
        self._asking.add(question)
        try:
            status, body = self.post(self.delivery({"inline_query": asked}, WAIT))
            if status == 200 and body:
                call = json.loads(body)
                self.run(call.pop("method", ""), call)
        finally:
            self._asking.discard(question)
        return self.inline_answers.get(question, {})

    def act_choose(self, *, user: int, result: str, query: str = "") -> dict[str, Any]:
        """One of the answers was picked and sent; with feedback on, the bot hears of it."""
        offered = [one for given in self.inline_answers.values() for one in given["results"]]
        found = next((one for one in reversed(offered) if one["id"] == result), None)
        if found is None:
            raise bad("RESULT_ID_INVALID")
        self.shared.append({"user": user, "result": found})
        told = {"result_id": result, "from": person_of(user), "query": query}
        self._tell({"chosen_inline_result": told})
        return {}

    def act_share(self, *, user: int, message: str) -> dict[str, Any]:
        """shareMessage of the Mini App, and the friend was picked."""
        found = self.prepared.get(message)
        if found is None or found["user_id"] != user or found["expiration_date"] < self.now():
            raise bad("MESSAGE_EXPIRED")
        self.shared.append({"user": user, "result": found["result"]})
        return {}

    # --- a page that tries it ---------------------------------------------------------------------
    def inline_page(self, call: Call) -> Reply:
        user = int((call.query.get("user") or ["0"])[0] or 0)
        words = (call.query.get("q") or [""])[0][:256]
        try:
            answer = self.act_inline(user=user or 1, query=words)
        except (Refuse, ValueError) as error:
            return Reply(400, escape(str(error)), kind="text/plain; charset=utf-8")
        results = "".join(_shown(one) for one in answer.get("results", []))
        empty = "<p>The bot has no answer to this.</p>"
        return page_of(
            "Telegram, inline mode",
            '<form method=get action="/inline">'
            f'<label>@bot <input name=q value="{escape(words)}" autofocus></label>'
            f'<input type=hidden name=user value="{user}"><button>Ask</button></form>'
            f'<form method=post action="/inline?{escape(urlencode({"user": user, "q": words}))}">'
            f"{results or empty}</form>",
        )

    def inline_act(self, call: Call) -> Reply:
        user = int((call.query.get("user") or ["0"])[0] or 0)
        words = (call.query.get("q") or [""])[0]
        try:
            self.act_choose(user=user or 1, result=call.form().get("act", ""), query=words)
        except Refuse as refused:
            return refused.reply
        return see_other(f"/inline?{urlencode({'user': user, 'q': words})}")

    # --- of the sandbox ---------------------------------------------------------------------------
    @abstractmethod
    def run(self, name: str, given: dict[str, Any]) -> Any:
        """A method that the bot has put into its answer to a webhook."""

    @abstractmethod
    def post(self, delivery: Delivery) -> tuple[int, bytes]:
        """Bring an update to the bot and wait for its reply."""

    @abstractmethod
    def delivery(self, update: dict[str, Any], timeout: float) -> Delivery:
        """An update with its number, ready to go."""

    @abstractmethod
    def _tell(self, update: dict[str, Any]) -> None:
        """Send an update to the bot's webhook."""


def _button(given: Any) -> None:
    if not isinstance(given, dict) or not given.get("text"):
        raise bad("BUTTON_INVALID")
    if set(given) == {"text", "web_app"}:
        return web_app(given["web_app"])
    if set(given) != {"text", "start_parameter"} or not re.fullmatch(
        r"[A-Za-z0-9_-]{1,64}", str(given["start_parameter"])
    ):
        raise bad("START_PARAM_INVALID")
    return None


def _shown(one: dict[str, Any]) -> str:
    line = one.get("performer") or one.get("description") or ""
    sound = one.get("audio_url")
    player = f'<audio controls preload=none src="{escape(sound)}"></audio>' if sound else ""
    return (
        f"<p><strong>{escape(one.get('title', ''))}</strong><br>{escape(line)}</p>{player}"
        f'<button name="act" value="{escape(one["id"])}">Send</button>'
    )
