"""YooKassa, API v3, SBP payments only (yookassa.ru/developers/api)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final

from deploy.local.sandbox.frame import Call, Delivery, Refuse, Reply, Route, Sandbox
from deploy.local.sandbox.page import payment_page, see_other

_CREATE: Final = frozenset(
    {"amount", "payment_method_data", "confirmation", "capture", "description", "metadata",
     "receipt"}
)  # fmt: skip
_REFUND: Final = frozenset({"payment_id", "amount", "description", "receipt"})
_VAT: Final = frozenset(range(1, 13))
_WINDOW: Final = 3600
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
        self.keys: dict[str, tuple[str, dict[str, Any]]] = {}

    def state(self) -> Any:
        return {"payments": self.payments, "refunds": self.refunds}

    def not_found(self, call: Call) -> Reply:
        del call
        return Reply(404, _error("not_found", "No such resource."))

    def broken(self, status: int) -> Reply:
        code = "too_many_requests" if status == 429 else "internal_server_error"
        return Reply(status, _error(code, "Sandbox fault."))

    def _enter(self, call: Call) -> None:
        ours = base64.b64encode(f"{self.shop_id}:{self.key}".encode()).decode()
        if not hmac.compare_digest(call.headers.get("Authorization", ""), f"Basic {ours}"):
            raise Refuse(401, _error("invalid_credentials", "Wrong shop or key."))

    def _once(self, call: Call, make: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
        self._enter(call)
        key = call.headers.get("Idempotence-Key", "")
        if not 1 <= len(key) <= 64:
            raise _bad("Idempotence-Key is missing or too long.", "Idempotence-Key")
        print_ = hashlib.sha256(call.path.encode() + call.raw).hexdigest()
        if known := self.keys.get(key):
            if known[0] != print_:
                raise _bad("The key was used with another request.", "Idempotence-Key")
            return Reply(200, known[1])
        made = make(call.json())
        self.keys[key] = (print_, made)
        return Reply(200, made)

    # --- payments -----------------------------------------------------------------------------
    def payment_create(self, call: Call) -> Reply:
        return self._once(call, self._payment)

    def _payment(self, given: dict[str, Any]) -> dict[str, Any]:
        _known(given, _CREATE)
        amount = _amount(given.get("amount"), 100, 70_000_000)
        if given.get("payment_method_data") != {"type": "sbp"}:
            raise _bad("Only sbp here.", "payment_method_data")
        if given.get("capture") is not True:
            raise _bad("SBP is one-stage: capture must be true.", "capture")
        way = given.get("confirmation") or {}
        if way.get("type") != "redirect" or not str(way.get("return_url", "")).startswith("http"):
            raise _bad("confirmation.return_url is needed.", "confirmation.return_url")
        if len(str(given.get("description", ""))) > 128:
            raise _bad("description is longer than 128.", "description")
        _metadata(given.get("metadata", {}))
        _receipt(given.get("receipt"), amount)
        number = str(uuid.uuid4())
        payment = {
            "id": number, "status": "pending", "paid": False, "amount": given["amount"],
            "confirmation": {"type": "redirect", "return_url": way["return_url"],
                             "confirmation_url": f"{self.url}/checkout/{number}"},
            "created_at": self._time(), "description": given.get("description", ""),
            "metadata": given.get("metadata", {}),
            "payment_method": {"type": "sbp", "id": number, "saved": False},
            "recipient": {"account_id": self.shop_id, "gateway_id": "100700"},
            "refundable": False, "test": False, "_until": self.now() + _WINDOW,
        }  # fmt: skip
        self.payments[number] = payment
        return _public(payment)

    def payment_get(self, call: Call) -> Reply:
        self._enter(call)
        return Reply(200, _public(self._of(call)))

    def payment_list(self, call: Call) -> Reply:
        self._enter(call)
        self._expire()
        since = call.query.get("created_at.gte", [""])[0]
        rows = [row for row in self.payments.values() if row["created_at"] >= since]
        return Reply(200, _page(call, rows))

    # --- refunds ------------------------------------------------------------------------------
    def refund_create(self, call: Call) -> Reply:
        return self._once(call, self._refund)

    def _refund(self, given: dict[str, Any]) -> dict[str, Any]:
        _known(given, _REFUND)
        payment = self.payments.get(str(given.get("payment_id")))
        if payment is None or payment["status"] != "succeeded":
            raise _bad("The payment cannot be refunded.", "payment_id")
        amount = _amount(given.get("amount"), 1, _kopecks(payment["amount"]))
        if amount > _kopecks(payment["amount"]) - _kopecks(payment["refunded_amount"]):
            raise _bad("More than is left of the payment.", "amount")
        _receipt(given.get("receipt"), amount)
        return self._give_back(payment, amount, given.get("description", ""))

    def _give_back(self, payment: dict[str, Any], amount: int, text: str) -> dict[str, Any]:
        failed = self.faults.take("fail_refund")
        refund = {
            "id": str(uuid.uuid4()), "payment_id": payment["id"],
            "status": "canceled" if failed else "succeeded", "created_at": self._time(),
            "amount": _money(amount), "description": text,
        }  # fmt: skip
        if failed:
            refund["cancellation_details"] = {"party": "refund_network", "reason": "rejected"}
        else:
            payment["refunded_amount"] = _money(_kopecks(payment["refunded_amount"]) + amount)
            self._notify("refund.succeeded", refund)
        self.refunds[str(refund["id"])] = refund
        return refund

    def refund_get(self, call: Call) -> Reply:
        self._enter(call)
        refund = self.refunds.get(call.match["id"])
        return Reply(200, refund) if refund else self.not_found(call)

    def refund_list(self, call: Call) -> Reply:
        self._enter(call)
        payment = call.query.get("payment_id", [""])[0]
        rows = [row for row in self.refunds.values() if row["payment_id"] == payment or not payment]
        return Reply(200, _page(call, rows))

    # --- the page and the acts ----------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        payment = self._of(call)
        open_ = payment["status"] == "pending"
        return payment_page(
            provider="YooKassa, SBP",
            title=payment["description"],
            amount=f"{payment['amount']['value']} RUB",
            note="Your bank's app would open here." if open_ else f"It is {payment['status']}.",
            buttons=[("pay", "Pay"), ("decline", "Decline"), ("leave", "Back to the shop")]
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
        return see_other(payment["confirmation"]["return_url"])

    def act_pay(self, *, id: str, silent: bool = False) -> dict[str, Any]:  # noqa: A002
        payment = self.payments[id]
        self._expire()
        if payment["status"] != "pending":
            raise Refuse(409, {"error": f"it is {payment['status']}"})
        amount = _kopecks(payment["amount"])
        payment.update(
            status="succeeded", paid=True, captured_at=self._time(), refundable=True,
            refunded_amount=_money(0), income_amount=_money(amount - amount * _FEE_BPS // 10_000),
        )  # fmt: skip
        payment["payment_method"]["sbp_operation_id"] = uuid.uuid4().hex
        if not silent:
            self._notify("payment.succeeded", payment)
        return _public(payment)

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
                "amount": _money(amount),
                "payment_method_data": {"type": "sbp"},
                "confirmation": {"type": "redirect", "return_url": "http://127.0.0.1/"},
                "capture": True,
                "receipt": {
                    "customer": {"email": "a@b.c"},
                    "items": [{"description": "x", "quantity": 1, "amount": _money(amount),
                               "vat_code": 1, "payment_mode": "full_payment",
                               "payment_subject": "service"}],
                },
            }
        )  # fmt: skip
        return self.act_pay(id=made["id"], silent=True)

    def act_refund_external(self, *, id: str, amount: int | None = None) -> dict[str, Any]:  # noqa: A002
        payment = self.payments[id]
        left = _kopecks(payment["amount"]) - _kopecks(payment["refunded_amount"])
        return self._give_back(payment, amount or left, "")

    # --- inside -------------------------------------------------------------------------------
    def _of(self, call: Call) -> dict[str, Any]:
        self._expire()
        payment = self.payments.get(call.match["id"])
        if payment is None:
            raise Refuse(404, _error("not_found", "No such payment."))
        return payment

    def _expire(self) -> None:
        for payment in list(self.payments.values()):
            if payment["status"] == "pending" and payment["_until"] <= self.now():
                self.act_decline(id=payment["id"], reason="expired_on_confirmation")

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _notify(self, event: str, thing: Mapping[str, Any]) -> None:
        told = {"type": "notification", "event": event, "object": _public(thing)}
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


def _error(code: str, text: str, parameter: str = "") -> dict[str, Any]:
    body = {"type": "error", "id": str(uuid.uuid4()), "code": code, "description": text}
    return {**body, "parameter": parameter} if parameter else body


def _bad(text: str, parameter: str) -> Refuse:
    return Refuse(400, _error("invalid_request", text, parameter))


def _known(given: Mapping[str, Any], names: frozenset[str]) -> None:
    for name in given:
        if name not in names:
            raise _bad(f"Unknown parameter {name}.", name)


def _money(kopecks: int) -> dict[str, str]:
    return {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"}


def _kopecks(amount: Mapping[str, str]) -> int:
    return int(Decimal(amount["value"]) * 100)


def _amount(amount: Any, smallest: int, largest: int) -> int:
    try:
        value = Decimal(amount["value"])
        if amount["currency"] != "RUB" or value * 100 != int(value * 100):
            raise ValueError
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise _bad("Not an amount in roubles.", "amount") from error
    if not smallest <= int(value * 100) <= largest:
        raise _bad("The amount is out of range.", "amount.value")
    return int(value * 100)


def _metadata(given: Mapping[str, Any]) -> None:
    if len(given) > 16 or any(
        len(name) > 32 or len(str(value)) > 512 for name, value in given.items()
    ):
        raise _bad("metadata is too large.", "metadata")


def _receipt(receipt: Any, amount: int) -> None:
    """54-FZ: who gets it, at which VAT, and the lines make the sum."""
    if not isinstance(receipt, dict):
        raise _bad("Receipt is missing or illegal.", "receipt")
    customer = receipt.get("customer") or {}
    if not (customer.get("email") or customer.get("phone")):
        raise _bad("The customer's email or phone is needed.", "receipt.customer")
    total = 0
    for item in receipt.get("items") or []:
        if item.get("vat_code") not in _VAT or not 1 <= len(item.get("description", "")) <= 128:
            raise _bad("An item's description or vat_code is wrong.", "receipt.items")
        total += _kopecks(item["amount"]) * int(item["quantity"])
    if total != amount:
        raise _bad("The items do not make the amount.", "receipt.items")


def _page(call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
    limit = int(call.query.get("limit", ["10"])[0])
    if not 1 <= limit <= 100:
        raise _bad("limit is 1 to 100.", "limit")
    newest = sorted(rows, key=lambda row: str(row["created_at"]), reverse=True)
    start = int(call.query.get("cursor", ["0"])[0])
    page = {"type": "list", "items": [_public(row) for row in newest[start : start + limit]]}
    return {**page, "next_cursor": str(start + limit)} if len(newest) > start + limit else page


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
