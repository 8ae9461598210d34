"""The local T-Bank refuses what the real one refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.tbank_forms import token
from tests.sandbox.test_yookassa import changed
from tests.sandbox.wire import BANK_RECEIPT, INIT, act, buttons, press, send, tbank


@pytest.fixture
def box() -> Iterator[TBankSandbox]:
    with TBankSandbox(password="p") as box:
        yield box


def made(box: TBankSandbox, **more: Any) -> dict[str, Any]:
    answer = tbank(box, "Init", **{**INIT, **more})
    assert answer.body["Success"] is True, answer.raw
    return dict(answer.body)


def paid(box: TBankSandbox) -> str:
    number = str(made(box)["PaymentId"])
    act(box, "pay", id=number)
    return number


def receipt(amount: int) -> dict[str, Any]:
    line = {**BANK_RECEIPT["Items"][0], "Price": amount, "Amount": amount}  # type: ignore[dict-item]
    return {**BANK_RECEIPT, "Items": [line]}


def told(box: TBankSandbox) -> list[dict[str, Any]]:
    return [orjson.loads(one.body) for one in box.events]


def test_the_token_is_that_of_the_vector() -> None:
    values = {
        "TerminalKey": "DEMO", "Amount": 19_200, "OrderId": "A1", "Description": "x",
        "DATA": {"a": 1},
    }  # fmt: skip
    assert token(values, "pw") == "d32b2bdc3369931ac41405aca658a42defd6c8a4201db674e64230352378afb6"
    assert token({"b": True, "a": None}, "pw") == token({"b": "true"}, "pw")


def test_a_wrong_token_or_terminal_is_refused(box: TBankSandbox) -> None:
    assert tbank(box, "Init", **INIT, Token="0" * 64).body["ErrorCode"] == "204"
    assert tbank(box, "Init", **{**INIT, "TerminalKey": "Other"}).body["ErrorCode"] == "501"
    without = send(box, "POST", "/v2/Init", orjson.dumps({**INIT, "TerminalKey": box.terminal}))
    assert (without.status, without.body["ErrorCode"]) == (200, "204")
    assert not box.payments


def iso(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+00:00")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Surprise", 1),
        ("Amount", 999),
        ("Amount", "2000"),
        ("Amount", 20.5),
        ("Amount", None),
        ("OrderId", "x" * 37),
        ("OrderId", ""),
        ("Description", "x" * 141),
        ("PayType", "T"),
        ("NotificationURL", "shop"),
        ("RedirectDueDate", "tomorrow"),
        ("RedirectDueDate", "2020-01-01T00:00:00+00:00"),
        ("RedirectDueDate", "2099-01-01T00:00:00+00:00"),
        ("DATA", {f"k{number}": "v" for number in range(21)}),
        ("DATA", {"k" * 21: "v"}),
        ("DATA", {"k": "v" * 101}),
        ("Receipt.Email", None),
        ("Receipt.Taxation", "none"),
        ("Receipt.Items", []),
        ("Receipt.Items.0.Tax", "vat21"),
        ("Receipt.Items.0.Name", "x" * 129),
        ("Receipt.Items.0.PaymentMethod", "later"),
        ("Receipt.Items.0.PaymentObject", "song"),
        ("Receipt.Items.0.Quantity", 2),
        ("Receipt.Items.0.Price", 1_999),
    ],
)
def test_a_payment_is_refused(box: TBankSandbox, path: str, value: Any) -> None:
    answer = tbank(box, "Init", **changed(path, value, INIT))
    assert (answer.status, answer.body["Success"]) == (200, False)
    assert answer.body["ErrorCode"] == "9999"
    assert not box.payments


def test_no_method_is_invented(box: TBankSandbox) -> None:
    assert tbank(box, "Invent").status == 404
    assert tbank(box, "GetState").body["ErrorCode"] == "9999"
    assert tbank(box, "GetState", PaymentId="1").body["ErrorCode"] == "255"
    assert tbank(box, "CheckOrder", OrderId="none").body["ErrorCode"] == "335"


def test_a_link_for_the_banks_app(box: TBankSandbox) -> None:
    number = made(box)["PaymentId"]
    link = tbank(box, "GetQr", PaymentId=number, DataType="PAYLOAD").body["Data"]
    assert link.startswith("https://qr.nspk.ru/AD")
    assert len(link.partition("?")[0].rpartition("/")[2]) == 32
    assert tbank(box, "GetQr", PaymentId=number, DataType="IMAGE").body["Data"].startswith("<svg")
    assert tbank(box, "GetQr", PaymentId=number, DataType="TEXT").body["ErrorCode"] == "9999"
    assert tbank(box, "GetState", PaymentId=number).body["Status"] == "FORM_SHOWED"


def test_both_notices_are_signed_and_come_in_either_order(box: TBankSandbox) -> None:
    orders = set()
    for _ in range(12):
        box.events.clear()
        paid(box)
        orders.add(tuple(one["Status"] for one in told(box)))
        assert all(one["Token"] == token(one, box.password) for one in told(box))
    assert orders == {("AUTHORIZED", "CONFIRMED"), ("CONFIRMED", "AUTHORIZED")}


def test_a_payment_that_nobody_began_is_cancelled(box: TBankSandbox) -> None:
    number = made(box)["PaymentId"]
    assert tbank(box, "Cancel", PaymentId=number).body["Status"] == "CANCELED"
    assert tbank(box, "Cancel", PaymentId=number).body["Success"] is False
    assert act(box, "pay", id=number).status == 409


def test_a_refund_needs_its_receipt_and_what_is_left(box: TBankSandbox) -> None:
    number = paid(box)
    for given in (
        {"Amount": 500},
        {"Amount": 500, "Receipt": receipt(400)},
        {"Amount": 2_001, "Receipt": receipt(2_001)},
        {"Amount": 500, "Receipt": receipt(500), "ExternalRequestId": "x" * 257},
    ):
        assert tbank(box, "Cancel", PaymentId=number, **given).body["Success"] is False
    assert not box.cancels
    part = tbank(box, "Cancel", PaymentId=number, Amount=500, Receipt=receipt(500)).body
    assert (part["Status"], part["OriginalAmount"], part["NewAmount"]) == (
        "PARTIAL_REFUNDED", 2_000, 1_500,
    )  # fmt: skip
    rest = tbank(box, "Cancel", PaymentId=number, Receipt=receipt(1_500)).body
    assert (rest["Status"], rest["NewAmount"]) == ("REFUNDED", 0)


def test_a_refunds_own_key_counts_once(box: TBankSandbox) -> None:
    number = paid(box)
    given = {"PaymentId": number, "Amount": 500, "Receipt": receipt(500)}
    for _ in range(3):
        answer = tbank(box, "Cancel", **given, ExternalRequestId="r1").body
        assert (answer["Success"], answer["NewAmount"]) == (True, 1_500)
    assert tbank(box, "Cancel", **given, ExternalRequestId="r2").body["NewAmount"] == 1_000


def test_a_refund_that_the_payers_bank_refuses(box: TBankSandbox) -> None:
    number = paid(box)
    box.faults.fail_refund = 1
    answer = tbank(box, "Cancel", PaymentId=number, Amount=500, Receipt=receipt(500)).body
    assert (answer["Status"], answer["NewAmount"]) == ("ASYNC_REFUNDING", 2_000)
    how = tbank(box, "GetQrState", PaymentId=number).body
    assert (how["Status"], how["QrCancelCode"]) == ("CONFIRMED", "1203")


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({}, "CONFIRMED"),
        ({"IsDeadlineExpired": True}, "DEADLINE_EXPIRED"),
        ({"IsRejected": True}, "REJECTED"),
    ],
)
def test_a_demo_terminal_plays_outcomes(
    box: TBankSandbox, flags: dict[str, bool], status: str
) -> None:
    number = made(box)["PaymentId"]
    assert tbank(box, "SbpPayTest", PaymentId=number, **flags).body["Success"] is True
    assert tbank(box, "GetState", PaymentId=number).body["Status"] == status
    box.terminal = "1234"
    assert tbank(box, "SbpPayTest", PaymentId=number).body["Success"] is False


def test_the_page_pays_declines_leaves_and_ends(box: TBankSandbox) -> None:
    soon = iso(60)
    pages = [made(box, OrderId=f"A{n}", RedirectDueDate=soon)["PaymentURL"] for n in range(4)]
    assert buttons(box, pages[0]) == {"pay", "decline", "leave", "start"}
    press(box, pages[0], "pay")
    assert buttons(box, pages[0]) == {"leave"}
    press(box, pages[1], "decline")
    press(box, pages[2], "start")
    box.offset = 120
    statuses = [one["Status"] for one in box.payments.values()]
    assert statuses == ["CONFIRMED", "REJECTED", "AUTHORIZING", "NEW"]
    assert buttons(box, pages[3]) == {"leave"}
    press(box, pages[2], "pay")
    statuses = [one["Status"] for one in box.payments.values()]
    assert statuses == ["CONFIRMED", "REJECTED", "CONFIRMED", "DEADLINE_EXPIRED"]
