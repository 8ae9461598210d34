"""T-Bank's e-acquiring v2 as far as SBP needs it (developer.tbank.ru/eacq), and its page.

Refusals have HTTP 200. AUTHORIZED and CONFIRMED are told at the same time: which one arrives first
is a matter of luck, as with the real one.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from deploy.local.sandbox import tbank_forms as forms
from deploy.local.sandbox.frame import Call, Delivery, Refuse, Reply, Route, Sandbox
from deploy.local.sandbox.page import payment_page, see_other

OPEN: Final = ("NEW", "FORM_SHOWED")
_PAID: Final = ("CONFIRMED", "PARTIAL_REFUNDED")


class TBankSandbox(Sandbox):
    """`terminal` and `password` sign both ways; notifications go to Init's NotificationURL."""

    name = "tbank"
    effects = (("POST", "/v2/Init"), ("POST", "/v2/Cancel"))

    def __init__(
        self, *, terminal: str = "SandboxDEMO", password: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self.terminal, self.password = terminal, password
        self.payments: dict[str, dict[str, Any]] = {}
        self.cancels: dict[str, dict[str, Any]] = {}  # by ExternalRequestId, or a number

    def state(self) -> Any:
        return {"payments": self.payments, "cancels": self.cancels}

    def not_found(self, call: Call) -> Reply:
        del call
        return Reply(404, {"Success": False, "ErrorCode": "404", "Message": "No such method."})

    def broken(self, status: int) -> Reply:
        return Reply(status, {"Success": False, "ErrorCode": "9999", "Message": "Sandbox fault."})

    def method(self, call: Call) -> Reply:
        """Every method: the terminal is ours, the Token fits, no field is unknown."""
        name = call.match["method"]
        made = METHODS.get(name)
        if made is None:
            return self.not_found(call)
        try:
            given = call.json()
        except ValueError as error:
            raise forms.wrong("The body is no JSON.") from error
        if not isinstance(given, dict):
            raise forms.wrong("The body is no object.")
        if given.get("TerminalKey") != self.terminal:
            raise forms.refusal("501", "Terminal not found.")
        ours = forms.token(given, self.password)
        if not hmac.compare_digest(ours.encode(), str(given.get("Token", "")).encode()):
            raise forms.refusal("204", "Wrong token.")
        forms.known(name, given)
        return Reply(200, made(self, given))

    # --- methods ------------------------------------------------------------------------------
    def init(self, given: dict[str, Any]) -> dict[str, Any]:
        now = datetime.fromtimestamp(self.now(), UTC)
        forms.payment(given, now)
        number = str(secrets.randbelow(9 * 10**9) + 10**9)
        url = f"{self.url}/form/{number}"
        self.payments[number] = {
            "PaymentId": number, "OrderId": given["OrderId"], "Amount": given["Amount"],
            "Original": given["Amount"], "Status": "NEW", "PaymentURL": url,
            "Description": given.get("Description", ""), "Receipt": given.get("Receipt"),
            "NotificationURL": given.get("NotificationURL", ""),
            "SuccessURL": given.get("SuccessURL", ""), "FailURL": given.get("FailURL", ""),
            "until": forms.due(given.get("RedirectDueDate"), now).timestamp(),
            "QrCancel": {},
        }  # fmt: skip
        return {**self._told(self.payments[number]), "PaymentURL": url}

    def get_qr(self, given: dict[str, Any]) -> dict[str, Any]:
        """The link that a bank's app opens, or a picture of it."""
        payment = self._payment(given)
        if payment["Status"] not in OPEN:
            raise forms.refusal("8", f"The payment is {payment['Status']}.")
        kind = given.get("DataType", "PAYLOAD")
        if kind not in ("PAYLOAD", "IMAGE"):
            raise forms.wrong("DataType is PAYLOAD or IMAGE.")
        name = f"AD{int(payment['PaymentId']):030d}"
        link = f"https://qr.nspk.ru/{name}?type=02&sum={payment['Original']}&cur=RUB&crc=0000"
        picture = '<svg xmlns="http://www.w3.org/2000/svg"/>'
        payment["Status"] = "FORM_SHOWED"
        return {**self._told(payment), "Data": link if kind == "PAYLOAD" else picture}

    def get_state(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._told(self._payment(given))

    def get_qr_state(self, given: dict[str, Any]) -> dict[str, Any]:
        """How the last refund by SBP went; QrCancelCode 0 is well."""
        payment = self._payment(given)
        return {**self._told(payment), **payment["QrCancel"]}

    def check_order(self, given: dict[str, Any]) -> dict[str, Any]:
        self._expire()
        rows = [one for one in self.payments.values() if one["OrderId"] == given["OrderId"]]
        if not rows:
            raise forms.refusal("335", "No such order.")
        told = [
            {name: row[name] for name in ("PaymentId", "Amount", "Status")} | {"Success": True}
            for row in rows
        ]
        return {
            "Success": True, "ErrorCode": "0", "TerminalKey": self.terminal,
            "OrderId": given["OrderId"], "Payments": told,
        }  # fmt: skip

    def cancel(self, given: dict[str, Any]) -> dict[str, Any]:
        """NEW -> CANCELED; CONFIRMED -> PARTIAL_REFUNDED or REFUNDED; an ExternalRequestId once."""
        payment = self._payment(given)
        request = str(given.get("ExternalRequestId") or "")
        if len(request) > 256:
            raise forms.wrong("ExternalRequestId is longer than 256.")
        if request in self.cancels:
            return self._cancelled(payment, self.cancels[request])
        if payment["Status"] in OPEN:
            self._move(payment, "CANCELED")
            return self._cancelled(payment, {"before": payment["Amount"]})
        if payment["Status"] not in _PAID:
            raise forms.refusal("8", f"The payment is {payment['Status']}.")
        amount = int(given.get("Amount") or payment["Amount"])
        if not 0 < amount <= payment["Amount"]:
            raise forms.refusal("53", "More than is left of the payment.")
        if payment["Receipt"] is not None:
            forms.receipt(given.get("Receipt"), amount)
        row = self._give_back(payment, amount, given.get("Receipt"))
        self.cancels[request or secrets.token_hex(8)] = row
        told = self._cancelled(payment, row)
        # A refund by SBP that the payer's bank will refuse is under way at first.
        return {**told, "Status": "ASYNC_REFUNDING"} if row["failed"] else told

    def sbp_pay_test(self, given: dict[str, Any]) -> dict[str, Any]:
        """Of DEMO terminals: the payment is played without a payer."""
        if not self.terminal.endswith("DEMO"):
            raise forms.refusal("3", "Only for DEMO terminals.")
        payment = self._payment(given)
        if given.get("IsDeadlineExpired"):
            self._move(payment, "DEADLINE_EXPIRED")
        elif given.get("IsRejected"):
            self._move(payment, "REJECTED")
        else:
            self._pay(payment)
        return {"Success": True, "ErrorCode": "0"}

    # --- the page and the acts ----------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        payment = self._payment({"PaymentId": call.match["id"]})
        if payment["Status"] == "NEW":
            payment["Status"] = "FORM_SHOWED"
        status = payment["Status"]
        buttons = [("leave", "Back to the shop")]
        if status in OPEN:
            buttons = [("pay", "Pay"), ("decline", "Decline"), *buttons, ("start", "Pay later")]
        elif status == "AUTHORIZING":
            buttons = [("pay", "Finish the payment"), ("decline", "Decline"), *buttons]
        return payment_page(
            provider="T-Bank, SBP",
            title=payment["Description"],
            amount=f"{payment['Original'] // 100}.{payment['Original'] % 100:02} RUB",
            note="Your bank's app would open here." if status in OPEN else f"It is {status}.",
            buttons=buttons,
            action=call.path,
        )

    def page_act(self, call: Call) -> Reply:
        payment = self._payment({"PaymentId": call.match["id"]})
        act = call.form().get("act")
        if payment["Status"] in (*OPEN, "AUTHORIZING"):
            if act == "pay":
                self._pay(payment)
            elif act == "decline":
                self._move(payment, "REJECTED")
                return see_other(payment["FailURL"])
            elif act == "start":
                self._start(payment)
                return see_other(call.path)
        return see_other(payment["SuccessURL"])

    def act_pay(self, *, id: str, silent: bool = False) -> dict[str, Any]:  # noqa: A002
        payment = self._payment({"PaymentId": id})
        self._pay(payment, silent=silent)
        return self._told(payment)

    def act_start(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The payer's bank has it: from now on the page's end does not stop it."""
        self._start(self._payment({"PaymentId": id}))
        return {}

    def act_decline(self, *, id: str, status: str = "REJECTED") -> dict[str, Any]:  # noqa: A002
        self._move(self._payment({"PaymentId": id}), status)
        return {}

    def act_refund_external(self, *, id: str, amount: int | None = None) -> dict[str, Any]:  # noqa: A002
        """Somebody refunds in the bank's own desk."""
        payment = self._payment({"PaymentId": id})
        row = self._give_back(payment, amount or payment["Amount"], payment["Receipt"])
        self.cancels[secrets.token_hex(8)] = row
        return row

    # --- inside -------------------------------------------------------------------------------
    def _payment(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._expire()
        payment = self.payments.get(str(given["PaymentId"]))
        if payment is None:
            raise forms.refusal("255", "No such payment.")
        return payment

    def _expire(self) -> None:
        for payment in list(self.payments.values()):
            if payment["Status"] in OPEN and payment["until"] <= self.now():
                self._move(payment, "DEADLINE_EXPIRED")

    def _start(self, payment: dict[str, Any]) -> None:
        if payment["Status"] not in OPEN:
            raise Refuse(409, {"error": f"it is {payment['Status']}"})
        payment["Status"] = "AUTHORIZING"

    def _pay(self, payment: dict[str, Any], *, silent: bool = False) -> None:
        if payment["Status"] not in (*OPEN, "AUTHORIZING"):
            raise Refuse(409, {"error": f"it is {payment['Status']}"})
        payment["Status"] = "CONFIRMED"
        if not silent:
            both = [self._notice(payment, "AUTHORIZED"), self._notice(payment)]
            if secrets.randbelow(2):
                both.reverse()
            for notice in both:
                self.send(notice)

    def _give_back(self, payment: dict[str, Any], amount: int, receipt: Any) -> dict[str, Any]:
        row = {
            "PaymentId": payment["PaymentId"], "amount": amount, "receipt": receipt,
            "before": payment["Amount"], "failed": False,
        }  # fmt: skip
        if self.faults.take("fail_refund"):
            row["failed"] = True
            payment["QrCancel"] = {
                "QrCancelCode": "1203", "QrCancelMessage": "refused by the payer's bank",
            }  # fmt: skip
            return row
        payment["Amount"] -= amount
        payment["QrCancel"] = {"QrCancelCode": "0", "QrCancelMessage": ""}
        self._move(payment, "PARTIAL_REFUNDED" if payment["Amount"] else "REFUNDED")
        return row

    def _cancelled(self, payment: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **self._told(payment), "OriginalAmount": row["before"], "NewAmount": payment["Amount"],
        }  # fmt: skip

    def _told(self, payment: Mapping[str, Any]) -> dict[str, Any]:
        """Amount: what is left after refunds."""
        return {
            "Success": True, "ErrorCode": "0", "TerminalKey": self.terminal,
            "Status": payment["Status"], "PaymentId": payment["PaymentId"],
            "OrderId": payment["OrderId"], "Amount": payment["Amount"],
        }  # fmt: skip

    def _move(self, payment: dict[str, Any], status: str) -> None:
        payment["Status"] = status
        self.send(self._notice(payment))

    def _notice(self, payment: Mapping[str, Any], status: str = "") -> Delivery:
        """Sent again until the body of the answer is OK."""
        told = {**self._told(payment), "Status": status or payment["Status"]}
        told["Success"] = told["Status"] not in ("REJECTED", "DEADLINE_EXPIRED")
        told["PaymentId"] = int(payment["PaymentId"])  # a number here, text in answers
        told["Token"] = forms.token(told, self.password)
        return Delivery(
            payment["NotificationURL"],
            json.dumps(told).encode(),
            lambda _body: {"Content-Type": "application/json"},
            accepted=lambda code, body: code == 200 and body.strip() == b"OK",
        )

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/v2/(?P<method>[A-Za-z]+)"): method,
        ("GET", "/form/(?P<id>[0-9]+)"): page,
        ("POST", "/form/(?P<id>[0-9]+)"): page_act,
    }


METHODS: Final[Mapping[str, Callable[[TBankSandbox, dict[str, Any]], dict[str, Any]]]] = {
    "Init": TBankSandbox.init,
    "GetQr": TBankSandbox.get_qr,
    "GetState": TBankSandbox.get_state,
    "GetQrState": TBankSandbox.get_qr_state,
    "CheckOrder": TBankSandbox.check_order,
    "Cancel": TBankSandbox.cancel,
    "SbpPayTest": TBankSandbox.sbp_pay_test,
}
