"""Whom the bot may write to, how often, and what it says of itself.

core.telegram.org/bots/faq: nobody who has not written first or allowed it; about 30 messages a
second overall and one a second in one chat, else 429 with how long to wait. The limits are counted
from `act_limits(on=True)` on, since tests of other things send in bursts.
"""

from __future__ import annotations

import re
import time
from abc import ABC
from typing import Any, Final

from deploy.local.sandbox.frame import Refuse
from deploy.local.sandbox.telegram_forms import bad, forbidden, only, refusal, web_app

OVERALL: Final = 30
_LANGUAGES: Final = re.compile(r"[a-z]{2}")
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")


class Limits(ABC):
    """A part of the Telegram sandbox. `commands` by language ("" for all others)."""

    blocked: set[int]
    strangers: set[int]
    commands: dict[str, list[dict[str, str]]]
    menu_button: dict[str, Any]

    def open_limits(self) -> None:
        self.blocked, self.strangers, self.commands, self.menu_button = set(), set(), {}, {}
        self.limited = False
        self.flood_until = 0.0
        self.floods = 0  # messages that were one too many
        self._times: list[tuple[float, int]] = []

    def may_write(self, chat: int) -> None:
        """Raises Refuse: 403, 429."""
        if chat in self.blocked:
            raise forbidden("bot was blocked by the user")
        if chat in self.strangers:
            raise forbidden("bot can't initiate conversation with a user")
        if not self.limited:
            return
        now = time.monotonic()
        if now < self.flood_until:
            self.floods += 1
            raise _too_many(self.flood_until - now)
        self._times = [one for one in self._times if now - one[0] < 1.0]
        if len(self._times) >= OVERALL or any(one[1] == chat for one in self._times):
            self.floods += 1
            raise _too_many(1.0)
        self._times.append((now, chat))

    # --- methods ------------------------------------------------------------------------------
    def set_commands(self, given: dict[str, Any]) -> bool:
        only(given, {"commands", "language_code"})
        language = given.get("language_code", "")
        if language and not _LANGUAGES.fullmatch(str(language)):
            raise bad("invalid language code specified")
        for one in given["commands"]:
            only(one, {"command", "description"})
            if not _COMMAND.fullmatch(one["command"]) or not 1 <= len(one["description"]) <= 256:
                raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(given["commands"]) <= 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        self.commands[language] = given["commands"]
        return True

    def set_menu_button(self, given: dict[str, Any]) -> bool:
        only(given, {"chat_id", "menu_button"})
        button = given.get("menu_button") or {"type": "default"}
        if button.get("type") == "web_app":
            only(button, {"type", "text", "web_app"})
            web_app(button.get("web_app"))
            if not button.get("text"):
                raise bad("BUTTON_TEXT_INVALID")
        elif button not in ({"type": "default"}, {"type": "commands"}):
            raise bad("BUTTON_TYPE_INVALID")
        self.menu_button = button
        return True

    # --- people -------------------------------------------------------------------------------
    def act_limits(self, *, on: bool = True, flood: float = 0.0) -> dict[str, Any]:
        """flood: for so many seconds every message is one too many."""
        self.limited, self.flood_until = on, time.monotonic() + flood
        return {}

    def act_stranger(self, *, user: int) -> dict[str, Any]:
        """Has never written to the bot, nor allowed it to write."""
        self.strangers.add(user)
        return {}


def _too_many(wait: float) -> Refuse:
    seconds = max(1, -(-int(wait * 1000) // 1000))
    body = refusal(429, f"Too Many Requests: retry after {seconds}")
    return Refuse(429, {**body, "parameters": {"retry_after": seconds}})
