"""Telegram's Bot API and payment sheet, as far as Stars need (core.telegram.org/bots/api)."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from deploy.local.sandbox.frame import Call, Delivery, Reply, Route, Sandbox
from deploy.local.sandbox.page import payment_page, see_other
from deploy.local.sandbox.telegram_chat import Chats, person_of
from deploy.local.sandbox.telegram_forms import bad, decoded, message_fields, refusal, text_field
from deploy.local.sandbox.telegram_inline import Inline
from deploy.local.sandbox.telegram_limits import Limits

_WAIT: Final = 10.0
_INVOICE: Final = frozenset(
    {"title", "description", "payload", "provider_token", "currency", "prices"}
)


class TelegramSandbox(Inline, Chats, Limits, Sandbox):
    """`webhook_url` and `secret` as setWebhook would set them; `token` is the only bot."""

    name = "telegram"
    effects = (
        ("POST", "/bot[^/]+/createInvoiceLink"),
        ("POST", "/bot[^/]+/refundStarPayment"),
        ("POST", "/bot[^/]+/sendMessage"),
        ("POST", "/bot[^/]+/savePreparedInlineMessage"),
    )

    def __init__(
        self, *, token: str, secret: str = "", webhook_url: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self.token, self.secret, self.webhook_url = token, secret, webhook_url
        self.invoices: dict[str, dict[str, Any]] = {}
        self.transactions: list[dict[str, Any]] = []
        self.balance = 0
        self._update = 1000
        self.open_chats()
        self.open_inline()
        self.open_limits()
        self._questions: set[str] = set()  # that wait for their answer
        self._answers: dict[str, dict[str, Any]] = {}
        self._answered = threading.Condition()

    def state(self) -> Any:
        return {
            "invoices": self.invoices,
            "transactions": self.transactions,
            "balance": self.balance,
            "messages": self.messages,
            "shared": self.shared,
            "prepared": self.prepared,
        }

    def not_found(self, call: Call) -> Reply:
        del call
        return Reply(404, refusal(404, "Not Found"))

    def malformed(self, why: str) -> Reply:
        return Reply(400, refusal(400, f"Bad Request: {why}"))

    def broken(self, status: int) -> Reply:
        body = refusal(status, "sandbox fault")
        if status == 429:
            body["parameters"] = {"retry_after": 1}
        return Reply(status, body)

    def method(self, call: Call) -> Reply:
        if call.match["token"] != self.token:
            return Reply(401, refusal(401, "Unauthorized"))
        made = METHODS.get(call.match["method"])
        if made is None:
            return Reply(404, refusal(404, "Not Found: method not found"))
        form = call.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        given = decoded(call.form()) if form else call.json()
        if not isinstance(given, dict):
            raise bad("can't parse parameters JSON object")
        return Reply(200, {"ok": True, "result": made(self, given)})

    # --- methods ------------------------------------------------------------------------------
    def create_invoice_link(self, given: dict[str, Any]) -> str:
        if set(given) - _INVOICE:
            raise bad(f"unknown fields {sorted(set(given) - _INVOICE)}")
        text_field(given, "title", 32)
        text_field(given, "description", 255)
        if not 1 <= len(str(given.get("payload", "")).encode()) <= 128:
            raise bad("INVOICE_PAYLOAD_INVALID")
        if given.get("currency") != "XTR" or given.get("provider_token"):
            raise bad("CURRENCY_INVALID")
        prices = given.get("prices") or []
        if len(prices) != 1 or set(prices[0]) != {"label", "amount"} or not prices[0]["label"]:
            raise bad("STARS_INVOICE_INVALID")
        if type(prices[0]["amount"]) is not int:
            raise bad("CURRENCY_TOTAL_AMOUNT_INVALID")
        if not 1 <= prices[0]["amount"] <= 100_000:
            raise bad("CURRENCY_TOTAL_AMOUNT_INVALID")
        slug = secrets.token_urlsafe(12)
        self.invoices[slug] = {
            "title": given["title"],
            "payload": given["payload"],
            "amount": prices[0]["amount"],
        }
        return f"{self.url}/invoice/{slug}"

    def refund_star_payment(self, given: dict[str, Any]) -> bool:
        charge = given.get("telegram_payment_charge_id")
        rows = [row for row in self.transactions if row["id"] == charge]
        if not rows or rows[0]["source"]["user"]["id"] != given.get("user_id"):
            raise bad("CHARGE_NOT_FOUND")
        if len(rows) > 1:
            raise bad("CHARGE_ALREADY_REFUNDED")
        if self.balance < rows[0]["amount"]:
            raise bad("BALANCE_TOO_LOW")
        self._give_back(rows[0])
        return True

    def star_transactions(self, given: dict[str, Any]) -> dict[str, Any]:
        offset, limit = int(given.get("offset", 0)), int(given.get("limit", 100))
        if not 1 <= limit <= 100 or offset < 0:
            raise bad("LIMIT_INVALID")
        return {"transactions": self.transactions[offset : offset + limit]}

    def star_balance(self, given: dict[str, Any]) -> dict[str, Any]:
        del given
        return {"amount": self.balance, "nanostar_amount": 0}

    def answer_pre_checkout(self, given: dict[str, Any]) -> bool:
        if not given.get("ok") and not given.get("error_message"):
            raise bad("ERROR_TEXT_EMPTY")
        if str(given["pre_checkout_query_id"]) not in self._questions:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        with self._answered:
            self._answers[str(given["pre_checkout_query_id"])] = given
            self._answered.notify_all()
        return True

    def send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        message_fields(given)
        self.may_write(given["chat_id"])
        return self.said(given)

    def set_webhook(self, given: dict[str, Any]) -> bool:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(given.get("secret_token", ""))):
            raise bad("secret token contains unallowed characters")
        if "pre_checkout_query" not in given.get("allowed_updates", []):
            raise bad("the sandbox wants allowed_updates to be said")
        self.webhook_url, self.secret = given["url"], given["secret_token"]
        return True

    def get_me(self, given: dict[str, Any]) -> dict[str, Any]:
        del given
        return {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Sandbox"}

    # --- the payment sheet --------------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        invoice = self.invoices.get(call.match["slug"])
        if invoice is None:
            return self.not_found(call)
        return payment_page(
            provider="Telegram Stars",
            title=invoice["title"],
            amount=f"{invoice['amount']} Stars",
            note=self._note(invoice),
            buttons=[("pay", "Pay"), ("leave", "Close")],
            action=f"{call.path}?user={call.query.get('user', [''])[0]}",
        )

    def _note(self, invoice: dict[str, Any]) -> str:
        """A link can be paid again; who tries it out should know what he has done."""
        payloads = [row.get("source", {}).get("invoice_payload") for row in self.transactions]
        times = payloads.count(invoice["payload"])
        if not times:
            return "The payment sheet of Telegram."
        return f"Paid {times} times." if times > 1 else "Paid. Go back to the Mini App's tab."

    def page_act(self, call: Call) -> Reply:
        form = call.form()
        if form.get("act") == "pay":
            user = form.get("user") or call.query.get("user", ["0"])[0]
            paid = self.act_pay(slug=call.match["slug"], user=int(user))
            if not paid["ok"]:
                return Reply(409, paid)
        return see_other(call.path)

    def act_pay(self, *, slug: str, user: int, silent: bool = False) -> dict[str, Any]:
        """A user presses Pay: the bot is asked, and told. {"ok": False, "why"} when it said no."""
        invoice = self.invoices[slug]
        question = str(secrets.randbelow(10**18))
        query = {
            "id": question, "from": person_of(user), "currency": "XTR",
            "total_amount": invoice["amount"], "invoice_payload": invoice["payload"],
        }  # fmt: skip
        answer = {"ok": True} if silent else self._ask(question, {"pre_checkout_query": query})
        if not answer.get("ok"):
            return {"ok": False, "why": answer.get("error_message", "no answer in time")}
        charge = f"stx{secrets.token_hex(16)}"
        self.balance += invoice["amount"]
        self.transactions.append(
            {
                "id": charge, "amount": invoice["amount"], "date": int(self.now()),
                "source": {"type": "user", "transaction_type": "invoice_payment",
                           "user": person_of(user), "invoice_payload": invoice["payload"]},
            }
        )  # fmt: skip
        paid = {
            "currency": "XTR", "total_amount": invoice["amount"],
            "invoice_payload": invoice["payload"], "telegram_payment_charge_id": charge,
            "provider_payment_charge_id": "",
        }  # fmt: skip
        if not silent:
            self._tell({"message": self._message(user, {"successful_payment": paid})})
        return {"ok": True, "charge": charge}

    def act_plant(self, *, amount: int, user: int = 7) -> dict[str, Any]:
        """A payment of an invoice that none of ours has made."""
        slug = secrets.token_urlsafe(8)
        self.invoices[slug] = {"title": "Planted", "payload": "planted", "amount": amount}
        return self.act_pay(slug=slug, user=user, silent=True)

    def act_balance(self, *, by: int) -> dict[str, Any]:
        """The balance moves without a transaction that would explain it."""
        self.balance += by
        return {"balance": self.balance}

    def act_chargeback(self, *, charge: str, silent: bool = True) -> dict[str, Any]:
        """Telegram takes Stars back; usually nobody is told of it."""
        row = next(row for row in self.transactions if row["id"] == charge)
        self._give_back(row, silent=silent)
        return {}

    # --- inside -------------------------------------------------------------------------------
    def _give_back(self, row: dict[str, Any], *, silent: bool = False) -> None:
        self.balance -= row["amount"]
        back = {name: row[name] for name in ("id", "amount")}
        self.transactions.append({**back, "date": int(self.now()), "receiver": {**row["source"]}})
        if silent:
            return
        told = {
            "currency": "XTR", "total_amount": row["amount"],
            "invoice_payload": row["source"]["invoice_payload"],
            "telegram_payment_charge_id": row["id"],
        }  # fmt: skip
        user = row["source"]["user"]["id"]
        self._tell({"message": self._message(user, {"refunded_payment": told})})

    def _message(self, user: int, more: dict[str, Any]) -> dict[str, Any]:
        chat = {"id": user, "type": "private"}
        return {"message_id": self._update, "date": int(self.now()), "chat": chat,
                "from": person_of(user), **more}  # fmt: skip

    def _body(self, update: dict[str, Any]) -> bytes:
        with self.lock:
            self._update += 1
            return json.dumps({"update_id": self._update, **update}).encode()

    def delivery(self, update: dict[str, Any], timeout: float) -> Delivery:
        return Delivery(self.webhook_url, self._body(update), self._headers, timeout=timeout)

    def post(self, delivery: Delivery) -> tuple[int, bytes]:
        return delivery.post() if delivery.url else (0, b"")

    def _tell(self, update: dict[str, Any]) -> None:
        self.send(Delivery(self.webhook_url, self._body(update), self._headers, self.took))

    def _headers(self, body: bytes) -> dict[str, str]:
        del body
        return {
            "Content-Type": "application/json",
            "X-Telegram-Bot-Api-Secret-Token": self.secret,
        }

    def _ask(self, question: str, update: dict[str, Any]) -> dict[str, Any]:
        """The webhook's own answer, or a call of answerPreCheckoutQuery, within ten seconds."""
        delivery = self.delivery(update, _WAIT)
        self.events.append(delivery)
        if self.faults.take("drop"):
            return {}
        self._questions.add(question)
        try:
            status, body = self.post(delivery)
            if status == 200 and body:
                answer = json.loads(body)
                if answer.pop("method", "") == "answerPreCheckoutQuery":
                    return dict(answer)
            with self._answered:
                self._answered.wait_for(lambda: question in self._answers, timeout=1)
                return self._answers.get(question, {})
        finally:
            self._questions.discard(question)

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/bot(?P<token>[^/]+)/(?P<method>[A-Za-z]+)"): method,
        ("GET", "/invoice/(?P<slug>[^/]+)"): page,
        ("GET", "/chat"): Chats.chat_page,
    }

    def answer(self, call: Call) -> Reply:
        # Paying asks the bot, which may call us: not under the lock of the other routes.
        found = re.fullmatch("/invoice/(?P<slug>[^/]+)", call.path)
        if call.method == "POST" and found:
            call.match = found.groupdict()
            return self.page_act(call)
        if call.path == "/inline":
            return self.inline_act(call) if call.method == "POST" else self.inline_page(call)
        if call.method == "POST" and call.path == "/chat":
            return self.chat_act(call)
        return super().answer(call)

    def run(self, name: str, given: dict[str, Any]) -> Any:
        """A method that the bot has put into its answer to a webhook."""
        made = METHODS.get(name)
        if made is None:
            raise bad(f"no method {name}")
        return made(self, given)


METHODS: Final[Mapping[str, Callable[[TelegramSandbox, dict[str, Any]], Any]]] = {
    "createInvoiceLink": TelegramSandbox.create_invoice_link,
    "refundStarPayment": TelegramSandbox.refund_star_payment,
    "getStarTransactions": TelegramSandbox.star_transactions,
    "getMyStarBalance": TelegramSandbox.star_balance,
    "answerPreCheckoutQuery": TelegramSandbox.answer_pre_checkout,
    "sendMessage": TelegramSandbox.send_message,
    "editMessageText": TelegramSandbox.edit_message_text,
    "answerCallbackQuery": TelegramSandbox.answer_callback_query,
    "setWebhook": TelegramSandbox.set_webhook,
    "getMe": TelegramSandbox.get_me,
    "setMyCommands": TelegramSandbox.set_commands,
    "setChatMenuButton": TelegramSandbox.set_menu_button,
    "answerInlineQuery": TelegramSandbox.answer_inline_query,
    "savePreparedInlineMessage": TelegramSandbox.save_prepared,
}
