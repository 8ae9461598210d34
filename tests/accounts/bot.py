"""A chat with our bot, as it is in Telegram: what people write arrives at once, in this process."""

from __future__ import annotations

from typing import Any

from django.test import Client

from deploy.local.sandbox.frame import Delivery
from deploy.local.sandbox.telegram import TelegramSandbox

SECRET = "the-webhooks-secret"


class Bot(TelegramSandbox):
    """Delivers its updates into this process, so that the test's transaction sees them. What the
    shop calls goes over real HTTP."""

    def post(self, delivery: Delivery) -> tuple[int, bytes]:
        answer = Client().post(
            "/webhooks/telegram",
            data=delivery.body,
            content_type="application/json",
            headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
        )
        return answer.status_code, answer.content

    def send(self, delivery: Delivery) -> None:
        self.events.append(delivery)
        assert self.took(*self.post(delivery))

    def again(self, place: int = -1) -> None:
        """An update that was delivered before comes once more."""
        self.took(*self.post(self.events[place]))

    def texts(self, user: int) -> list[str]:
        return [one["text"] for one in self.messages if one["chat_id"] == user]

    def last(self, user: int) -> dict[str, Any]:
        return next(one for one in reversed(self.messages) if one["chat_id"] == user)

    def buttons(self, user: int) -> list[dict[str, Any]]:
        """Of the newest message."""
        rows = self.last(user).get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def button(self, user: int, word: str) -> str:
        """The data of the button whose text starts so, in the newest message that has one."""
        for message in reversed(self.messages):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            for one in [button for row in rows for button in row]:
                if message["chat_id"] == user and one["text"].startswith(word):
                    return str(one["callback_data"])
        raise AssertionError(f"no button {word}")

    def answers(self, user: int, word: str) -> None:
        self.act_press(user=user, data=self.button(user, word))
