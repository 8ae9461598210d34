"""Telegram's Bot API (core.telegram.org/bots/api), as much of it as we use.

The token stands in the address of every call: no text of an error and no log line holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from django.conf import settings

from core import http

# What the webhook is to get. Left out, Telegram keeps an older list (bots/api#setwebhook).
ALLOWED_UPDATES: Final = (
    "message", "pre_checkout_query", "callback_query", "inline_query", "chosen_inline_result",
    "subscription", "my_chat_member",
)  # fmt: skip
PAGE: Final = 100
_MAY_COME_AGAIN: Final = frozenset({429, 500, 502, 503, 504})


class BotError(Exception):
    """Telegram refused a call, or gave no answer (code 0). retry_after: seconds, if it says so.

    unsure: it may have done what we asked all the same (silence, or trouble of its own).
    """

    def __init__(
        self,
        method: str,
        code: int,
        description: str,
        retry_after: int = 0,
        *,
        unsent: bool = False,
    ) -> None:
        self.code, self.description, self.retry_after = code, description, retry_after
        self.unsure = (code == 0 or code >= 500) and not unsent
        self.retry = code == 0 or code in _MAY_COME_AGAIN
        super().__init__(f"{method}: {code} {description}")


def call(method: str, params: Mapping[str, Any], *, again: bool = False) -> Any:
    """The `result` of a method. again: the call has no effect, or the same one, when repeated.

    Raises BotError.
    """
    path = f"/bot{settings.TELEGRAM_BOT_TOKEN}/{method}"
    try:
        with http.Client(base_url=settings.TELEGRAM_API_URL, timeout=8) as client:
            answer = client.request("POST", path, json=dict(params), again=again)
            document = answer.json()
    except http.Unavailable as error:
        raise _away(method, error) from None
    except (http.TooLarge, ValueError) as error:
        raise BotError(method, 0, type(error).__name__) from None
    if not isinstance(document, dict) or document.get("ok") is not True:
        raise _error(method, answer.status_code, document)
    return document.get("result")


def _away(method: str, error: http.Unavailable) -> BotError:
    """Too many calls (429) are told with how long to wait; the rest is silence or trouble there."""
    if not error.status:
        return BotError(method, 0, type(error).__name__, unsent=error.unsent)
    try:
        document = orjson.loads(error.body)
    except orjson.JSONDecodeError:
        document = None
    told = _error(method, error.status, document)
    told.retry_after = told.retry_after or error.after
    return told


def _error(method: str, status: int, document: Any) -> BotError:
    found = document if isinstance(document, dict) else {}
    wait = (found.get("parameters") or {}).get("retry_after", 0)
    code = int(found.get("error_code") or status)
    return BotError(method, code, str(found.get("description", ""))[:200], int(wait))


def invoice_link(*, title: str, description: str, payload: str, label: str, stars: int) -> str:
    """createInvoiceLink in Stars: title <= 32, description <= 255 characters, payload 128 bytes."""
    return str(
        call(
            "createInvoiceLink",
            {
                "title": title,
                "description": description,
                "payload": payload,
                "provider_token": "",
                "currency": "XTR",
                "prices": [{"label": label, "amount": stars}],
            },
        )
    )


def star_refund(*, user_id: int, charge_id: str) -> None:
    """refundStarPayment: all of it. Refunded before is refunded."""
    try:
        call(
            "refundStarPayment",
            {"user_id": user_id, "telegram_payment_charge_id": charge_id},
            again=True,
        )
    except BotError as error:
        if "CHARGE_ALREADY_REFUNDED" not in error.description:
            raise


def star_transactions(offset: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Pages of getStarTransactions from an offset on, oldest first: (offset of the page, rows)."""
    while True:
        rows = call("getStarTransactions", {"offset": offset, "limit": PAGE}, again=True)
        found = list(rows["transactions"])
        if found:
            yield offset, found
        if len(found) < PAGE:
            return
        offset += PAGE


def star_balance() -> int:
    """getMyStarBalance, in whole Stars."""
    return int(call("getMyStarBalance", {}, again=True)["amount"])


def webhook_set(*, url: str, secret: str) -> None:
    call(
        "setWebhook",
        {"url": url, "secret_token": secret, "allowed_updates": list(ALLOWED_UPDATES)},
        again=True,
    )


def commands_set(commands: Sequence[tuple[str, str]], *, language: str = "") -> None:
    """For people of that language; without one for everybody else."""
    given = [{"command": name, "description": text} for name, text in commands]
    said = {"language_code": language} if language else {}
    call("setMyCommands", {"commands": given, **said}, again=True)


def menu_button_set(*, text: str, url: str) -> None:
    """setChatMenuButton: what stands beside the field of every private chat with the bot."""
    button = {"type": "web_app", "text": text, "web_app": {"url": url}}
    call("setChatMenuButton", {"menu_button": button}, again=True)


def message_prepare(*, user_id: int, result: Mapping[str, Any]) -> dict[str, Any]:
    """savePreparedInlineMessage: for shareMessage of the Mini App, by this user, to any chat.

    {id, expiration_date}. It is good for minutes: make it when the button is pressed.
    """
    chats = ("user", "bot", "group", "channel")
    allowed = {f"allow_{kind}_chats": True for kind in chats}
    made = call(
        "savePreparedInlineMessage", {"user_id": user_id, "result": dict(result), **allowed}
    )
    return dict(made)


def message_edit(*, chat_id: int, message_id: int, text: str) -> None:
    """editMessageText, without its buttons. The same text again is no error."""
    params = {"chat_id": chat_id, "message_id": message_id, "text": text}
    try:
        call("editMessageText", params, again=True)
    except BotError as error:
        if "message is not modified" not in error.description:
            raise


def message(chat_id: int, text: str) -> dict[str, Any]:
    """A sendMessage as the webhook's own answer: no call of ours."""
    return {"method": "sendMessage", "chat_id": chat_id, "text": text}
