"""Binance Pay's merchant API: orders v3, query v2, close, refund (developers.binance.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.local.sandbox import binance_forms as forms
from deploy.local.sandbox.frame import Call, Delivery, Refuse, Reply, Route, Sandbox
from deploy.local.sandbox.page import payment_page, see_other

_SKEW: Final = 1_000
_MAX_TRIES: Final = 10


class BinanceSandbox(Sandbox):
    """`key` and `secret` sign requests; webhooks are signed with a key pair made here."""

    name = "binance"
    tries = 7  # once, and six times again
    effects = (
        ("POST", "/binancepay/openapi/v3/order"),
        ("POST", "/binancepay/openapi/order/refund"),
    )

    def __init__(self, *, key: str, secret: str, **options: Any) -> None:
        super().__init__(**options)
        self.key, self.secret = key, secret
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.skew = 0.0
        self.act_rotate_key()

    def state(self) -> Any:
        return {"orders": self.orders, "refunds": self.refunds}

    def clock(self) -> float:
        """Its own clock; `skew` seconds from ours."""
        return time.time() + self.skew

    def act_skew(self, *, seconds: float) -> dict[str, Any]:
        self.skew = float(seconds)
        return {}

    def act_rotate_key(self) -> dict[str, Any]:
        """Webhooks are signed with a new key pair from now on; only that one is published."""
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self._private.public_key()
        self.pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.serial = hashlib.md5(self.pem.encode()).hexdigest()  # noqa: S324  as the real one
        return {"serial": self.serial}

    def malformed(self, why: str) -> Reply:
        return Reply(400, forms.fail("400001", why))

    def not_found(self, call: Call) -> Reply:
        del call
        return Reply(404, forms.fail("400001", "no such endpoint"))

    def broken(self, status: int) -> Reply:
        return Reply(status, forms.fail("50001", "sandbox fault"))

    def _enter(self, call: Call, method: str = "") -> dict[str, Any]:
        """The signature holds, the time is ours to a second: the body, with the method's names."""
        at = call.headers.get("BinancePay-Timestamp", "")
        nonce = call.headers.get("BinancePay-Nonce", "")
        if call.headers.get("BinancePay-Certificate-SN") != self.key:
            raise Refuse(400, forms.fail("400004", "API key is invalid"))
        if call.headers.get("Content-Type") != "application/json":
            raise Refuse(400, forms.fail("400001", "content type"))
        if not at.isdigit() or abs(int(at) - self.clock() * 1000) > _SKEW:
            raise Refuse(400, forms.fail("400003", "Timestamp is outside of the recvWindow"))
        if not re.fullmatch("[A-Za-z]{32}", nonce):
            raise Refuse(400, forms.fail("400001", "nonce"))
        text = f"{at}\n{nonce}\n".encode() + call.raw + b"\n"
        ours = hmac.new(self.secret.encode(), text, hashlib.sha512).hexdigest().upper()
        if not hmac.compare_digest(ours, call.headers.get("BinancePay-Signature", "")):
            raise Refuse(400, forms.fail("400002", "Signature for this request is not valid"))
        given = call.json()
        if not isinstance(given, dict):
            raise Refuse(400, forms.fail("400001", "not an object"))
        if method:
            forms.known(given, method)
        return given

    # --- API ----------------------------------------------------------------------------------
    def order_create(self, call: Call) -> Reply:
        given = self._enter(call)
        forms.order(given, self.now())
        number = str(given["merchantTradeNo"])
        if number in self.orders:
            raise forms.refuse("400201", "merchantTradeNo is duplicated")
        amount = forms.amount_of(given["orderAmount"])
        until = int(given.get("orderExpireTime") or self.now() * 1000 + forms.HOUR)
        prepay = str(secrets.randbelow(10**18) + 10**18)
        self.orders[number] = {
            **given, "prepayId": prepay, "status": "INITIAL", "amount": str(amount),
            "until": until, "createTime": int(self.now() * 1000), "refunded": "0",
        }  # fmt: skip
        url = f"{self.url}/pay/{number}"
        return forms.ok(
            {
                "prepayId": prepay, "terminalType": "WEB", "expireTime": until,
                "qrcodeLink": url, "qrContent": url, "checkoutUrl": url,
                "deeplink": f"bnc://{number}", "universalUrl": url,
                "totalFee": str(amount), "currency": given["currency"],
            }
        )  # fmt: skip

    def order_query(self, call: Call) -> Reply:
        order = self._order(self._enter(call, "query"))
        told = {
            "merchantId": 1, "prepayId": order["prepayId"], "status": order["status"],
            "merchantTradeNo": order["merchantTradeNo"], "currency": order["currency"],
            "orderAmount": order["amount"], "createTime": order["createTime"],
            "passThroughInfo": order.get("passThroughInfo"),
        }  # fmt: skip
        for name in ("transactionId", "transactTime", "commission", "openUserId"):
            if name in order:
                told[name] = order[name]
        return forms.ok(told)

    def order_close(self, call: Call) -> Reply:
        order = self._order(self._enter(call, "close"))
        if order["status"] != "INITIAL":
            raise Refuse(400, forms.fail("400204", f"order is {order['status']}"))
        order["status"] = "CANCELED"
        self._notify(order, "PAY", "PAY_CLOSED")
        return forms.ok({"result": True})

    def refund_create(self, call: Call) -> Reply:
        given = self._enter(call, "refund")
        request = str(given.get("refundRequestId", ""))
        if not 1 <= len(request) <= 64:
            raise Refuse(400, forms.fail("400102", "refundRequestId"))
        if known := self.refunds.get(request):
            return forms.ok({**known["answer"], "duplicateRequest": "Y"})
        order = next(
            (one for one in self.orders.values() if one["prepayId"] == given.get("prepayId")), None
        )
        if order is None or order["status"] not in ("PAID", "REFUNDED"):
            raise Refuse(400, forms.fail("400202", "order cannot be refunded"))
        tries = sum(one["order"] == order["merchantTradeNo"] for one in self.refunds.values())
        left = Decimal(order["amount"]) - Decimal(order["refunded"])
        amount = left if tries == _MAX_TRIES - 1 else forms.amount_of(given["refundAmount"])
        if tries >= _MAX_TRIES or amount > left:
            raise Refuse(400, forms.fail("400301", "refund amount or tries exceeded"))
        return forms.ok(self._give_back(order, request, amount))

    def _give_back(self, order: dict[str, Any], request: str, amount: Decimal) -> dict[str, Any]:
        tries = sum(one["order"] == order["merchantTradeNo"] for one in self.refunds.values())
        failed = self.faults.take("fail_refund")
        if not failed:
            order["refunded"] = str(Decimal(order["refunded"]) + amount)
            whole = Decimal(order["refunded"]) == Decimal(order["amount"])
            order["status"] = "FULL_REFUNDED" if whole else "REFUNDED"
        answer = {
            "refundId": str(secrets.randbelow(10**18)), "prepayId": order["prepayId"],
            "orderAmount": order["amount"], "refundAmount": str(amount),
            "refundedAmount": order["refunded"], "refundRequestId": request,
            "remainingAttempts": _MAX_TRIES - tries - 1, "duplicateRequest": "N",
        }  # fmt: skip
        self.refunds[request] = {
            "answer": answer, "order": order["merchantTradeNo"],
            "status": "REFUND_FAIL" if failed else "REFUND_SUCCESS",
        }  # fmt: skip
        status = "REFUND_REJECTED" if failed else "REFUND_SUCCESS"
        self._notify(order, "PAY_REFUND", status, refundInfo=answer)
        return answer

    def refund_query(self, call: Call) -> Reply:
        found = self.refunds.get(str(self._enter(call, "refund_query")["refundRequestId"]))
        if found is None:
            raise Refuse(400, forms.fail("400202", "no such refund"))
        return forms.ok({**found["answer"], "refundStatus": found["status"]})

    def certificates(self, call: Call) -> Reply:
        self._enter(call, "certificates")
        return forms.ok([{"certPublic": self.pem, "certSerial": self.serial}])

    # --- the page and the acts ----------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        order = self._order({"merchantTradeNo": call.match["id"]})
        open_ = order["status"] == "INITIAL"
        return payment_page(
            provider="Binance Pay",
            title=order["description"],
            amount=f"{order['amount']} {order['currency']}",
            note="The Binance app would open here." if open_ else f"It is {order['status']}.",
            buttons=self._buttons(order["status"]),
            action=call.path,
        )

    def page_act(self, call: Call) -> Reply:
        order = self._order({"merchantTradeNo": call.match["id"]})
        act, status = call.form().get("act"), order["status"]
        if act == "pay" and status in ("INITIAL", "PENDING"):
            self.act_pay(id=order["merchantTradeNo"])
            return see_other(order["returnUrl"])
        if act == "start" and status == "INITIAL":
            self.act_start(id=order["merchantTradeNo"])
            return see_other(order["returnUrl"])
        if act == "decline" and status == "INITIAL":
            return see_other(call.path)  # the payer's balance is too low: he may try again
        return see_other(order["cancelUrl"])

    def _buttons(self, status: str) -> list[tuple[str, str]]:
        if status == "INITIAL":
            return [
                ("pay", "Pay"), ("decline", "Decline"), ("leave", "Leave without paying"),
                ("start", "Pay later"),
            ]  # fmt: skip
        more = [("pay", "Finish the payment")] if status == "PENDING" else []
        return [*more, ("leave", "Back to the shop")]

    def act_start(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        """The payer has begun: it can neither be closed nor end by its time any more."""
        order = self._order({"merchantTradeNo": id})
        if order["status"] != "INITIAL":
            raise Refuse(409, forms.fail("409", f"it is {order['status']}"))
        order["status"] = "PENDING"
        return {}

    def act_pay(self, *, id: str, silent: bool = False) -> dict[str, Any]:  # noqa: A002
        order = self._order({"merchantTradeNo": id})
        if order["status"] not in ("INITIAL", "PENDING"):
            raise Refuse(409, forms.fail("409", f"it is {order['status']}"))
        order.update(
            status="PAID", transactionId=f"M_P_{secrets.randbelow(10**18)}",
            transactTime=int(self.now() * 1000), openUserId=secrets.token_hex(16),
            commission=str((Decimal(order["amount"]) / 100).quantize(Decimal("0.000001"))),
        )  # fmt: skip
        if not silent:
            self._notify(order, "PAY", "PAY_SUCCESS")
        return {}

    def act_refund_external(self, *, id: str, amount: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Somebody refunds in Binance's own desk."""
        order = self._order({"merchantTradeNo": id})
        left = Decimal(order["amount"]) - Decimal(order["refunded"])
        return self._give_back(order, secrets.token_hex(16), Decimal(amount) if amount else left)

    # --- inside -------------------------------------------------------------------------------
    def _order(self, given: Mapping[str, Any]) -> dict[str, Any]:
        order = self.orders.get(str(given.get("merchantTradeNo"))) or next(
            (one for one in self.orders.values() if one["prepayId"] == given.get("prepayId")), None
        )
        if order is None:
            raise Refuse(400, forms.fail("400202", "order not found"))
        if order["status"] == "INITIAL" and order["until"] <= self.now() * 1000:
            order["status"] = "EXPIRED"
            self._notify(order, "PAY", "PAY_CLOSED")
        return order

    def _notify(self, order: Mapping[str, Any], kind: str, status: str, **more: Any) -> None:
        number = secrets.randbelow(10**19) + 10**19
        data = {
            "merchantTradeNo": order["merchantTradeNo"], "productType": "02",
            "prepayId": order["prepayId"], "tradeType": "WEB", "totalFee": order["amount"],
            "currency": order["currency"], "passThroughInfo": order.get("passThroughInfo"),
            **more,
        }  # fmt: skip
        told = {
            "bizType": kind, "bizId": number, "bizIdStr": str(number), "bizStatus": status,
            "data": json.dumps(data),
        }  # fmt: skip
        self.send(
            Delivery(
                str(order.get("webhookUrl", "")),
                json.dumps(told).encode(),
                self._signed,
                accepted=lambda code, body: code == 200 and b'"SUCCESS"' in body,
            )
        )

    def _signed(self, body: bytes) -> dict[str, str]:
        at, nonce = str(int(self.clock() * 1000)), secrets.token_hex(16)
        text = f"{at}\n{nonce}\n".encode() + body + b"\n"
        signature = self._private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Content-Type": "application/json",
            "BinancePay-Certificate-SN": self.serial,
            "BinancePay-Nonce": nonce,
            "BinancePay-Timestamp": at,
            "BinancePay-Signature": base64.b64encode(signature).decode(),
        }

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/binancepay/openapi/v3/order"): order_create,
        ("POST", "/binancepay/openapi/v2/order/query"): order_query,
        ("POST", "/binancepay/openapi/order/close"): order_close,
        ("POST", "/binancepay/openapi/order/refund"): refund_create,
        ("POST", "/binancepay/openapi/order/refund/query"): refund_query,
        ("POST", "/binancepay/openapi/certificates"): certificates,
        ("GET", "/pay/(?P<id>[^/]+)"): page,
        ("POST", "/pay/(?P<id>[^/]+)"): page_act,
    }
