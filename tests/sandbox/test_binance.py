"""The local Binance Pay refuses what the real one refuses."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.local.sandbox.binance import BinanceSandbox
from payments.providers.binance import signature
from tests.sandbox.test_yookassa import changed
from tests.sandbox.wire import ORDER, act, binance, buttons, press

REFUND = "/order/refund"


@pytest.fixture
def box() -> Iterator[BinanceSandbox]:
    with BinanceSandbox(key="k" * 32, secret="s" * 64) as box:
        yield box


def made(box: BinanceSandbox, number: str = "ORD1") -> dict[str, Any]:
    answer = binance(box, "/v3/order", {**ORDER, "merchantTradeNo": number})
    assert answer.body["code"] == "000000", answer.raw
    return dict(answer.body["data"])


def told(box: BinanceSandbox) -> list[str]:
    return [str(orjson.loads(one.body)["bizStatus"]) for one in box.events]


def refund(box: BinanceSandbox, prepay: str, request: str, amount: str) -> dict[str, Any]:
    body = {"refundRequestId": request, "prepayId": prepay, "refundAmount": amount}
    return dict(binance(box, REFUND, body).body)


def test_our_signature_is_that_of_the_vector() -> None:
    body = b'{"merchantTradeNo":"ORD1","currency":"USDT"}'
    assert signature.sign("vector-secret", "1790000000000", "a" * 32, body) == (
        "531FE951AFDA2F0A4D8C6D51075A96EBDED632D695C5500AF38B3AE5F496D962556D78F37B597C2946482A01"
        "0083F8C469A46C7647658D1DE7C221E718FD85C1"
    )


def test_a_webhooks_rsa_signature_covers_time_nonce_and_body() -> None:
    """PKCS#1 v1.5 with SHA-256 over "<time>\\n<nonce>\\n<body>\\n", by the rules and not by us."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = b'1790000000000\nnnnn\n{"bizType":"PAY"}\n'
    raw = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    right = (base64.b64encode(raw).decode(), "1790000000000", "nnnn", b'{"bizType":"PAY"}')
    assert signature.fits(public.decode(), *right)
    for place in range(4):
        wrong: list[Any] = list(right)
        if place == 0:
            wrong[place] = base64.b64encode(bytes([raw[0] ^ 1]) + raw[1:]).decode()
            assert not signature.fits(public.decode(), *wrong)
            continue
        wrong[place] = b" " + wrong[place] if place == 3 else f"7{wrong[place]}"
        assert not signature.fits(public.decode(), *wrong)
    assert not signature.fits("no key", *right)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("surprise", 1, "400100"),
        ("goods", {}, "400100"),
        ("description", None, "400101"),
        ("goodsDetails", None, "400101"),
        ("merchantTradeNo", "a-b", "400102"),
        ("merchantTradeNo", "a" * 33, "400102"),
        ("currency", "EUR", "400102"),
        ("orderAmount", "0.001", "400102"),
        ("orderAmount", "20001", "400102"),
        ("orderAmount", "1.000000001", "400102"),
        ("orderAmount", "NaN", "400102"),
        ("orderExpireTime", 1, "400102"),
        ("orderExpireTime", 9_999_999_999_999, "400102"),
        ("returnUrl", "http://" + "x" * 250, "400103"),
        ("returnUrl", "shop", "400102"),
        ("passThroughInfo", "x" * 513, "400103"),
        ("env.terminalType", "TV", "400102"),
        ("env.surprise", 1, "400102"),
        ("goodsDetails.0.goodsType", "03", "400102"),
        ("goodsDetails.0.goodsCategory", "z", "400102"),
        ("goodsDetails.0.goodsName", "x" * 257, "400102"),
        ("goodsDetails.0.referenceGoodsId", "a b", "400102"),
        ("goodsDetails.0.surprise", 1, "400102"),
    ],
)
def test_an_order_is_refused(box: BinanceSandbox, path: str, value: Any, code: str) -> None:
    answer = binance(box, "/v3/order", changed(path, value, ORDER))
    assert (answer.body["status"], answer.body["code"]) == ("FAIL", code)
    assert not box.orders


def test_an_amount_is_a_number_or_text(box: BinanceSandbox) -> None:
    for number, amount in enumerate((7.575, "7.575")):
        order = {**ORDER, "merchantTradeNo": f"O{number}", "orderAmount": amount}
        assert binance(box, "/v3/order", order).body["data"]["totalFee"] == "7.575"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"BinancePay-Signature": "0" * 128}, "400002"),
        ({"BinancePay-Certificate-SN": "other"}, "400004"),
        ({"BinancePay-Nonce": "short"}, "400001"),
        ({"BinancePay-Timestamp": "now"}, "400003"),
        ({"Content-Type": "text/plain"}, "400001"),
    ],
)
def test_a_request_that_is_not_signed_right_is_refused(
    box: BinanceSandbox, headers: dict[str, str], code: str
) -> None:
    assert binance(box, "/v3/order", ORDER, at=None, **headers).body["code"] == code
    assert not box.orders


@pytest.mark.parametrize("seconds", [-2.0, 2.0])
def test_a_time_out_of_a_second_is_refused(box: BinanceSandbox, seconds: float) -> None:
    answer = binance(box, "/v3/order", ORDER, at=time.time() + seconds)
    assert answer.body["code"] == "400003"
    act(box, "skew", seconds=seconds)
    assert binance(box, "/v3/order", ORDER, at=time.time() + seconds).body["code"] == "000000"


def test_a_trade_number_is_used_once(box: BinanceSandbox) -> None:
    prepay = made(box)["prepayId"]
    assert binance(box, "/v3/order", ORDER).body["code"] == "400201"
    for which in ({"merchantTradeNo": "ORD1"}, {"prepayId": prepay}):
        found = binance(box, "/v2/order/query", which).body["data"]
        assert (found["prepayId"], found["status"]) == (prepay, "INITIAL")
    assert binance(box, "/v2/order/query", {"merchantTradeNo": "none"}).body["code"] == "400202"
    assert binance(box, "/v2/order/query", {}).body["code"] == "400101"
    assert binance(box, "/v2/order/query", {"id": "ORD1"}).body["code"] == "400100"


def test_what_is_being_paid_is_not_closed(box: BinanceSandbox) -> None:
    page = made(box)["checkoutUrl"]
    press(box, page, "start")
    which = {"merchantTradeNo": "ORD1"}
    assert binance(box, "/order/close", which).body["code"] == "400204"
    made(box, "ORD2")
    assert binance(box, "/order/close", {"merchantTradeNo": "ORD2"}).body["code"] == "000000"
    assert told(box) == ["PAY_CLOSED"]


def test_the_tenth_refund_sends_back_all_the_rest(box: BinanceSandbox) -> None:
    prepay = made(box)["prepayId"]
    act(box, "pay", id="ORD1")
    for number in range(9):
        data = refund(box, prepay, f"r{number}", "0.1")["data"]
        assert (data["remainingAttempts"], data["refundAmount"]) == (9 - number, "0.1")
    last = refund(box, prepay, "r9", "0.1")["data"]
    assert (last["remainingAttempts"], last["refundAmount"]) == (0, "6.675")
    assert box.orders["ORD1"]["status"] == "FULL_REFUNDED"
    assert refund(box, prepay, "r10", "0.1")["code"] == "400202"


def test_a_refund_is_refused_or_known(box: BinanceSandbox) -> None:
    prepay = made(box)["prepayId"]
    assert refund(box, prepay, "r1", "1")["code"] == "400202"  # not paid
    act(box, "pay", id="ORD1")
    assert refund(box, prepay, "r1", "7.576")["code"] == "400301"
    assert refund(box, prepay, "r" * 65, "1")["code"] == "400102"
    assert not box.refunds
    assert refund(box, prepay, "r1", "1")["data"]["duplicateRequest"] == "N"
    assert refund(box, prepay, "r1", "1")["data"]["duplicateRequest"] == "Y"
    assert len(box.refunds) == 1
    assert binance(box, f"{REFUND}/query", {"refundRequestId": "r2"}).body["code"] == "400202"


def test_certificates_are_those_of_the_webhooks(box: BinanceSandbox) -> None:
    assert binance(box, "/certificates", {"a": 1}).body["code"] == "400100"
    for _ in range(2):
        (row,) = binance(box, "/certificates", {}).body["data"]
        made(box, f"O{len(box.orders)}")
        number = list(box.orders)[-1]
        act(box, "pay", id=number)
        event = box.events[-1]
        headers = event.headers(event.body)
        assert headers["BinancePay-Certificate-SN"] == row["certSerial"]
        assert signature.fits(
            row["certPublic"], headers["BinancePay-Signature"], headers["BinancePay-Timestamp"],
            headers["BinancePay-Nonce"], event.body,
        )  # fmt: skip
        act(box, "rotate_key")


def test_a_webhook_is_accepted_by_its_word(box: BinanceSandbox) -> None:
    made(box)
    act(box, "pay", id="ORD1")
    (event,) = box.events
    assert event.accepted(200, b'{"returnCode":"SUCCESS","returnMessage":null}')
    assert not event.accepted(200, b'{"returnCode":"FAIL"}')
    assert not event.accepted(500, b'{"returnCode":"SUCCESS"}')
    told = json.loads(event.body)  # bizId may be larger than 64 bits, which orjson rounds
    assert (str(told["bizId"]), isinstance(told["data"], str)) == (told["bizIdStr"], True)


def test_the_page_pays_declines_leaves_and_ends(box: BinanceSandbox) -> None:
    pages = [made(box, f"O{number}")["checkoutUrl"] for number in range(3)]
    assert buttons(box, pages[0]) == {"pay", "decline", "leave", "start"}
    press(box, pages[0], "decline")  # he may try again
    press(box, pages[0], "leave")
    press(box, pages[0], "pay")
    assert buttons(box, pages[0]) == {"leave"}
    assert act(box, "pay", id="O0").status == 409
    press(box, pages[1], "start")
    box.offset = 3_601
    assert buttons(box, pages[2]) == {"leave"}
    press(box, pages[1], "pay")
    assert told(box) == ["PAY_SUCCESS", "PAY_CLOSED", "PAY_SUCCESS"]
