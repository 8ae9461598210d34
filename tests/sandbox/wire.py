"""Plain HTTP to a sandbox, past every client of ours; and a shop that only listens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlencode

from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.frame import Sandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.tbank_forms import token
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox


@dataclass
class Answer:
    status: int
    raw: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


def send(
    box: Sandbox,
    method: str,
    path: str,
    raw: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = 5.0,
) -> Answer:
    """Raises TimeoutError when nothing comes."""
    line = http.client.HTTPConnection("127.0.0.1", box.port, timeout=timeout)
    try:
        line.request(method, path, raw, dict(headers or {}))
        found = line.getresponse()
        return Answer(found.status, found.read(), dict(found.headers.items()))
    finally:
        line.close()


def act(box: Sandbox, what: str, **given: Any) -> Answer:
    return send(box, "POST", f"/_sandbox/{what}", json.dumps(given).encode())


def press(box: Sandbox, page: str, button: str, **more: str) -> Answer:
    """A button of a hosted page, whose whole address is given."""
    path = page.removeprefix(box.url)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return send(box, "POST", path, urlencode({"act": button, **more}).encode(), kind)


def buttons(box: Sandbox, page: str) -> set[str]:
    """The acts that a hosted page offers."""
    shown = send(box, "GET", page.removeprefix(box.url))
    assert shown.status == 200
    assert b"SANDBOX" in shown.raw
    return {part.partition(b'"')[0].decode() for part in shown.raw.split(b'name="act" value="')[1:]}


# --- how each provider is asked -----------------------------------------------------------------


def stripe(box: StripeSandbox, path: str, form: Mapping[str, str], **headers: str) -> Answer:
    given = {"Authorization": f"Bearer {box.key}", **headers}
    return send(box, "POST", path, urlencode(form).encode(), given)


def yookassa(box: YooKassaSandbox, path: str, body: Any, **headers: str) -> Answer:
    basic = base64.b64encode(f"{box.shop_id}:{box.key}".encode()).decode()
    given = {"Authorization": f"Basic {basic}", "Content-Type": "application/json", **headers}
    if body is None:
        return send(box, "GET", path, b"", given)
    return send(box, "POST", path, json.dumps(body).encode(), given)


def tbank(box: TBankSandbox, method: str, **given: Any) -> Answer:
    body = {"TerminalKey": box.terminal, **given}
    body.setdefault("Token", token(body, box.password))
    return send(box, "POST", f"/v2/{method}", json.dumps(body).encode())


def binance(
    box: BinanceSandbox, path: str, body: Any, *, at: float | None = None, **headers: str
) -> Answer:
    raw, nonce = json.dumps(body).encode(), "n" * 32
    stamp = str(int((time.time() if at is None else at) * 1000))
    text = f"{stamp}\n{nonce}\n".encode() + raw + b"\n"
    signed = hmac.new(box.secret.encode(), text, hashlib.sha512).hexdigest().upper()
    given = {
        "Content-Type": "application/json", "BinancePay-Timestamp": stamp,
        "BinancePay-Nonce": nonce, "BinancePay-Certificate-SN": box.key,
        "BinancePay-Signature": signed, **headers,
    }  # fmt: skip
    return send(box, "POST", f"/binancepay/openapi{path}", raw, given)


def telegram(box: TelegramSandbox, method: str, **given: Any) -> Answer:
    kind = {"Content-Type": "application/json"}
    return send(box, "POST", f"/bot{box.token}/{method}", json.dumps(given).encode(), kind)


# --- what each takes ----------------------------------------------------------------------------

SESSION = {
    "mode": "payment",
    "success_url": "http://127.0.0.1/back",
    "cancel_url": "http://127.0.0.1/back",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "758",
    "line_items[0][price_data][product_data][name]": "Night",
}
RECEIPT = {
    "customer": {"email": "fan@example.org"},
    "items": [
        {"description": "Night", "quantity": 1, "amount": {"value": "10.00", "currency": "RUB"},
         "vat_code": 11, "payment_mode": "full_payment", "payment_subject": "service"}
    ],
}  # fmt: skip
PAYMENT = {
    "amount": {"value": "10.00", "currency": "RUB"},
    "payment_method_data": {"type": "sbp"},
    "confirmation": {"type": "redirect", "return_url": "http://127.0.0.1/back"},
    "capture": True,
    "receipt": RECEIPT,
}
BANK_RECEIPT = {
    "Email": "fan@example.org",
    "Taxation": "usn_income",
    "Items": [{"Name": "Night", "Price": 2_000, "Quantity": 1, "Amount": 2_000, "Tax": "vat22"}],
}
INIT = {
    "Amount": 2_000, "OrderId": "A1", "Description": "Night",
    "SuccessURL": "http://127.0.0.1/back", "FailURL": "http://127.0.0.1/back",
    "Receipt": BANK_RECEIPT,
}  # fmt: skip
ORDER = {
    "env": {"terminalType": "WEB"},
    "merchantTradeNo": "ORD1",
    "orderAmount": "7.575",
    "currency": "USDT",
    "description": "Night",
    "goodsDetails": [
        {"goodsType": "02", "goodsCategory": "Z000", "referenceGoodsId": "trk_42",
         "goodsName": "Night"}
    ],
    "returnUrl": "http://127.0.0.1/back",
    "cancelUrl": "http://127.0.0.1/back",
}  # fmt: skip
INVOICE = {
    "title": "Night", "description": "1 edition", "payload": "p", "provider_token": "",
    "currency": "XTR", "prices": [{"label": "1 edition", "amount": 581}],
}  # fmt: skip


class Listener:
    """Keeps what is posted to it; answers what `answer` says."""

    def __init__(self, answer: Callable[[int], tuple[int, bytes]] = lambda _: (200, b"OK")) -> None:
        self.got: list[bytes] = []
        self.answer = answer
        self._news = threading.Condition()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with listener._news:
                    listener.got.append(raw)
                    status, body = listener.answer(len(listener.got))
                    listener._news.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def wait(self, number: int, seconds: float = 5.0) -> list[bytes]:
        """Until so many have come, or the time is over: what has come."""
        with self._news:
            self._news.wait_for(lambda: len(self.got) >= number, timeout=seconds)
            return list(self.got)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._server.shutdown()
        self._server.server_close()
