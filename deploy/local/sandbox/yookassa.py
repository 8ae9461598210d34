"""YooKassa, API v3, SBP payments only (yookassa.ru/developers/api)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from deploy.local.sandbox import yookassa_forms as forms
from deploy.local.sandbox.frame import Call, Delivery, Refuse, Reply, Route, Sandbox
from deploy.local.sandbox.page import payment_page, see_other

_CREATE: Final = frozenset(
    {"amount", "payment_method_data", "confirmation", "capture", "description", "metadata",
     "receipt"}
)  # fmt: skip
_REFUND: Final = frozenset({"payment_id", "amount", "description", "receipt"})
_LIST: Final = frozenset({"created_at.gte", "created_at.lte", "status", "limit", "cursor"})
_REFUND_LIST: Final = _LIST | {"payment_id"}
_WINDOW: Final = 3600
_KEEP_KEYS: Final = 24 * 3600
_FEE_BPS: Final = 70


class YooKassaSandbox(Sandbox):
    """`webhook_url` gets unsigned notifications, as the real one's."""

    name = "yookassa"
    effects = (("POST", "/v3/payments"), ("POST", "/v3/refunds"))

    def __init__(
        self, *, shop_id: str = "100500", key: str = "", webhook_url: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self.shop_id, self.key, self.webhook_url = shop_id, key, webhook_url
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[float, str, dict[str, Any]]] = {}

    def state(self) -> Any:
        return {"payments": self.payments, "refunds": self.refunds}

    def not_found(self, call: Call) -> Reply:
        del call
        return Reply(404, forms.error("not_found", "No such resource."))

    def malformed(self, why: str) -> Reply:
        return Reply(400, forms.error("invalid_request", why))

    def broken(self, status: int) -> Reply:
        code = "too_many_requests" if status == 429 else "internal_server_error"
        return Reply(status, forms.error(code, "Sandbox fault."))

    def _enter(self, call: Call) -> None:
        ours = base64.b64encode(f"{self.shop_id}:{self.key}".encode()).decode()
        if not hmac.compare_digest(call.headers.get("Authorization", ""), f"Basic {ours}"):
            raise Refuse(401, forms.error("invalid_credentials", "Wrong shop or key."))

    def _once(self, call: Call, make: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
        self._enter(call)
        key = call.headers.get("Idempotence-Key", "")
        if not 1 <= len(key) <= 64:
            raise forms.bad("Idempotence-Key is missing or too long.", "Idempotence-Key")
        print_ = hashlib.sha256(call.path.encode() + call.raw).hexdigest()
        known = self.keys.get(key)
        if known and known[0] > self.now():
            if known[1] != print_:
                raise forms.bad("The key was used with another request.", "Idempotence-Key")
            return Reply(200, known[2])
        made = make(call.json())
        self.keys[key] = (self.now() + _KEEP_KEYS, print_, made)
        return Reply(200, made)

    # --- payments -----------------------------------------------------------------------------
    def payment_create(self, call: Call) -> Reply:
        return self._once(call, self._payment)

    def _payment(self, given: dict[str, Any]) -> dict[str, Any]:
        forms.known(given, _CREATE)
        amount = forms.amount_of(given.get("amount"), 100, 70_000_000)
        if given.get("payment_method_data") != {"type": "sbp"}:
            raise forms.bad("Only sbp here.", "payment_method_data")
        if given.get("capture") is not True:
            raise forms.bad("SBP is one-stage: capture must be true.", "capture")
        way = given.get("confirmation") or {}
        if way.get("type") != "redirect" or not str(way.get("return_url", "")).startswith("http"):
            raise forms.bad("confirmation.return_url is needed.", "confirmation.return_url")
        if len(str(given.get("description", ""))) > 128:
            raise forms.bad("description is longer than 128.", "description")
        forms.metadata(given.get("metadata", {}))
        forms.receipt(given.get("receipt"), amount)
        number = str(uuid.uuid4())
        payment = {
            "id": number, "status": "pending", "paid": False, "amount": given["amount"],
            "confirmation": {"type": "redirect", "return_url": way["return_url"],
                             "confirmation_url": f"{self.url}/checkout/{number}"},
            "created_at": self._time(), "description": given.get("description", ""),
            "metadata": given.get("metadata", {}),
            "payment_method": {"type": "sbp", "id": number, "saved": False},
            "recipient": {"account_id": self.shop_id, "gateway_id": "100700"},
            "refundable": False, "test": False, "_until": self.now() + _WINDOW, "_begun": False,
        }  # fmt: skip
        self.payments[number] = payment
        return forms.public(payment)

    def payment_get(self, call: Call) -> Reply:
        self._enter(call)
        return Reply(200, forms.public(self._of(call)))

    def payment_list(self, call: Call) -> Reply:
        self._enter(call)
        forms.asked(call, _LIST)
        self._expire()
        since = call.query.get("created_at.gte", [""])[0]
        rows = [row for row in self.payments.values() if row["created_at"] >= since]
        return Reply(200, forms.page(call, rows))

    # --- refunds ------------------------------------------------------------------------------
    def refund_create(self, call: Call) -> Reply:
        return self._once(call, self._refund)

    def _refund(self, given: dict[str, Any]) -> dict[str, Any]:
        forms.known(given, _REFUND)
        payment = self.payments.get(str(given.get("payment_id")))
        if payment is None or payment["status"] != "succeeded":
            raise forms.bad("The payment cannot be refunded.", "payment_id")
        amount = forms.amount_of(given.get("amount"), 1, forms.kopecks(payment["amount"]))
        if amount > forms.kopecks(payment["amount"]) - forms.kopecks(payment["refunded_amount"]):
            raise forms.bad("More than is left of the payment.", "amount")
        forms.receipt(given.get("receipt"), amount)
        return self._give_back(payment, amount, given.get("description", ""))

    def _give_back(self, payment: dict[str, Any], amount: int, text: str) -> dict[str, Any]:
        failed = self.faults.take("fail_refund")
        refund = {
            "id": str(uuid.uuid4()), "payment_id": payment["id"],
            "status": "canceled" if failed else "succeeded", "created_at": self._time(),
            "amount": forms.money(amount), "description": text,
        }  # fmt: skip
        if failed:
            refund["cancellation_details"] = {"party": "refund_network", "reason": "rejected"}
        else:
            payment["refunded_amount"] = forms.money(
                forms.kopecks(payment["refunded_amount"]) + amount
            )
            self._notify("refund.succeeded", refund)
        self.refunds[str(refund["id"])] = refund
        return refund

    def refund_get(self, call: Call) -> Reply:
        self._enter(call)
        refund = self.refunds.get(call.match["id"])
        return Reply(200, refund) if refund else self.not_found(call)

    def refund_list(self, call: Call) -> Reply:
        self._enter(call)
        forms.asked(call, _REFUND_LIST)
        payment = call.query.get("payment_id", [""])[0]
        rows = [row for row in self.refunds.values() if row["payment_id"] == payment or not payment]
        return Reply(200, forms.page(call, rows))

    # --- the page and the acts ----------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        payment = self._of(call)
        open_ = payment["status"] == "pending"
        return payment_page(
            provider="YooKassa, SBP",
            title=payment["description"],
            amount=f"{payment['amount']['value']} RUB",
            note="Your bank's app would open here." if open_ else f"It is {payment['status']}.",
            buttons=[
                ("pay", "Pay"),
                ("decline", "Decline"),
                ("leave", "Back to the shop"),
                ("start", "Pay later"),
            ]
            if open_
            else [("leave", "Back to the shop")],
            action=call.path,
        )

    def page_act(self, call: Call) -> Reply:
        payment = self._of(call)
        act = call.form().get("act")
        if payment["status"] == "pending" and act == "pay":
            self.act_pay(id=payment["id"])
        elif payment["status"] == "pending" and act == "decline":
            self.act_decline(id=payment["id"])
        elif payment["status"] == "pending" and act == "start":
            self.act_start(id=payment["id"])
        return see_other(payment["confirmation"]["return_url"])

    def act_pay(self, *, id: str, silent: bool = False) -> dict[str, Any]:  # noqa: A002
        payment = self.payments[id]
        self._expire()
        if payment["status"] != "pending":
            raise Refuse(409, {"error": f"it is {payment['status']}"})
        amount = forms.kopecks(payment["amount"])
        payment.update(
            status="succeeded", paid=True, captured_at=self._time(), refundable=True,
            refunded_amount=forms.money(0),
            income_amount=forms.money(amount - amount * _FEE_BPS // 10_000),
        )  # fmt: skip
        payment["payment_method"]["sbp_operation_id"] = uuid.uuid4().hex
        if not silent:
            self._notify("payment.succeeded", payment)
        return forms.public(payment)

    def act_start(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The payer's bank has it: from now on the page's end does not stop it."""
        self.payments[id]["_begun"] = True
        return {}

    def act_decline(self, *, id: str, reason: str = "general_decline") -> dict[str, Any]:  # noqa: A002
        payment = self.payments[id]
        party = "yoo_money" if reason == "expired_on_confirmation" else "payment_network"
        payment.update(status="canceled", cancellation_details={"party": party, "reason": reason})
        self._notify("payment.canceled", payment)
        return {}

    def act_plant(self, *, amount: int) -> dict[str, Any]:
        """A paid payment that none of ours has made."""
        made = self._payment(
            {
                "amount": forms.money(amount),
                "payment_method_data": {"type": "sbp"},
                "confirmation": {"type": "redirect", "return_url": "http://127.0.0.1/"},
                "capture": True,
                "receipt": {
                    "customer": {"email": "a@b.c"},
                    "items": [{"description": "x", "quantity": 1, "amount": forms.money(amount),
                               "vat_code": 1, "payment_mode": "full_payment",
                               "payment_subject": "service"}],
                },
            }
        )  # fmt: skip
        return self.act_pay(id=made["id"], silent=True)

    def act_refund_external(self, *, id: str, amount: int | None = None) -> dict[str, Any]:  # noqa: A002
        payment = self.payments[id]
        left = forms.kopecks(payment["amount"]) - forms.kopecks(payment["refunded_amount"])
        return self._give_back(payment, amount or left, "")

    # --- inside -------------------------------------------------------------------------------
    def _of(self, call: Call) -> dict[str, Any]:
        self._expire()
        payment = self.payments.get(call.match["id"])
        if payment is None:
            raise Refuse(404, forms.error("not_found", "No such payment."))
        return payment

    def _expire(self) -> None:
        for payment in list(self.payments.values()):
            over = payment["_until"] <= self.now() and not payment["_begun"]
            if payment["status"] == "pending" and over:
                self.act_decline(id=payment["id"], reason="expired_on_confirmation")

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _notify(self, event: str, thing: Mapping[str, Any]) -> None:
        told = {"type": "notification", "event": event, "object": forms.public(thing)}
        kind = {"Content-Type": "application/json"}
        self.send(Delivery(self.webhook_url, json.dumps(told).encode(), lambda _body: kind))

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/v3/payments"): payment_create,
        ("GET", "/v3/payments"): payment_list,
        ("GET", "/v3/payments/(?P<id>[^/]+)"): payment_get,
        ("POST", "/v3/refunds"): refund_create,
        ("GET", "/v3/refunds"): refund_list,
        ("GET", "/v3/refunds/(?P<id>[^/]+)"): refund_get,
        ("GET", "/checkout/(?P<id>[^/]+)"): page,
        ("POST", "/checkout/(?P<id>[^/]+)"): page_act,
    }
