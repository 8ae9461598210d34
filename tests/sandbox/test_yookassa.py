"""The local YooKassa refuses what the real one refuses."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from deploy.local.sandbox.yookassa import YooKassaSandbox
from tests.sandbox.wire import PAYMENT, RECEIPT, act, buttons, press, send, yookassa

KEY = "Idempotence-Key"


@pytest.fixture
def box() -> Iterator[YooKassaSandbox]:
    with YooKassaSandbox(key="k") as box:
        yield box


def changed(path: str, value: Any, base: Any = PAYMENT) -> Any:
    """A copy with one thing in it set; a number in the path is a place in a list."""
    body = copy.deepcopy(base)
    thing = body
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        thing = thing[step]
    if value is None:
        del thing[last]
    else:
        thing[last] = value
    return body


def made(box: YooKassaSandbox, key: str = "a") -> dict[str, Any]:
    answer = yookassa(box, "/v3/payments", PAYMENT, **{KEY: key})
    assert answer.status == 200, answer.raw
    return dict(answer.body)


def events(box: YooKassaSandbox) -> list[str]:
    return [str(orjson.loads(one.body)["event"]) for one in box.events]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("surprise", 1),
        ("capture", False),
        ("payment_method_data.type", "bank_card"),
        ("confirmation.return_url", "shop"),
        ("confirmation.type", "embedded"),
        ("description", "x" * 129),
        ("metadata", {f"k{number}": "v" for number in range(17)}),
        ("metadata", {"k" * 33: "v"}),
        ("metadata", {"k": "v" * 513}),
        ("amount.value", "0.99"),
        ("amount.value", "700000.01"),
        ("amount.value", "10.001"),
        ("amount.value", 10),
        ("amount.currency", "USD"),
        ("amount", None),
        ("receipt", None),
        ("receipt.customer", {}),
        ("receipt.customer.email", "nobody"),
        ("receipt.surprise", 1),
        ("receipt.tax_system_code", 7),
        ("receipt.items", []),
        ("receipt.items.0.vat_code", 13),
        ("receipt.items.0.vat_code", 0),
        ("receipt.items.0.description", ""),
        ("receipt.items.0.description", "x" * 129),
        ("receipt.items.0.payment_mode", "later"),
        ("receipt.items.0.payment_subject", "song"),
        ("receipt.items.0.quantity", 2),
        ("receipt.items.0.amount.value", "9.99"),
    ],
)
def test_a_payment_is_refused(box: YooKassaSandbox, path: str, value: Any) -> None:
    answer = yookassa(box, "/v3/payments", changed(path, value), **{KEY: "a"})
    assert (answer.status, answer.body["code"]) == (400, "invalid_request")
    assert not box.payments


def test_nobody_else_is_let_in(box: YooKassaSandbox) -> None:
    answer = yookassa(box, "/v3/payments", PAYMENT, **{KEY: "a", "Authorization": "Basic eDp5"})
    assert (answer.status, answer.body["code"]) == (401, "invalid_credentials")
    assert send(box, "GET", "/v3/payments").status == 401
    assert not box.payments


def test_a_key_is_needed_and_stands_for_one_request(box: YooKassaSandbox) -> None:
    assert yookassa(box, "/v3/payments", PAYMENT).status == 400
    assert yookassa(box, "/v3/payments", PAYMENT, **{KEY: "k" * 65}).status == 400
    first = made(box)
    assert made(box)["id"] == first["id"]
    other = changed("amount.value", "20.00", changed("receipt.items.0.amount.value", "20.00"))
    assert yookassa(box, "/v3/payments", other, **{KEY: "a"}).status == 400
    box.offset = 25 * 3600
    assert made(box)["id"] != first["id"]


def test_a_500_after_the_effect_is_told_by_the_same_key(box: YooKassaSandbox) -> None:
    box.faults.error_after_effect = 1
    assert yookassa(box, "/v3/payments", PAYMENT, **{KEY: "a"}).status == 500
    assert made(box)["id"] == next(iter(box.payments))


@pytest.mark.parametrize("query", ["?limit=101", "?limit=0", "?surprise=1", "?cursor=x"])
def test_a_list_takes_only_what_it_knows(box: YooKassaSandbox, query: str) -> None:
    assert yookassa(box, f"/v3/payments{query}", None).status == 400


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("receipt", None),
        ("receipt.items.0.amount.value", "4.99"),
        ("amount.value", "10.01"),
        ("amount.value", "0.00"),
        ("payment_id", "none"),
        ("surprise", 1),
    ],
)
def test_a_refund_is_refused(box: YooKassaSandbox, path: str, value: Any) -> None:
    payment = made(box)
    act(box, "pay", id=payment["id"])
    receipt = changed("items.0.amount.value", "5.00", RECEIPT)
    amount = {"value": "5.00", "currency": "RUB"}
    body = {"payment_id": payment["id"], "amount": amount, "receipt": receipt}
    answer = yookassa(box, "/v3/refunds", changed(path, value, body), **{KEY: "r"})
    assert answer.status == 400
    assert not box.refunds
    assert yookassa(box, "/v3/refunds", body, **{KEY: "r"}).body["status"] == "succeeded"


def test_what_is_not_paid_is_not_refunded(box: YooKassaSandbox) -> None:
    body = {"payment_id": made(box)["id"], "amount": PAYMENT["amount"], "receipt": RECEIPT}
    assert yookassa(box, "/v3/refunds", body, **{KEY: "r"}).status == 400
    assert not box.refunds


def test_a_refund_that_fails_is_told_to_nobody(box: YooKassaSandbox) -> None:
    payment = made(box)
    act(box, "pay", id=payment["id"])
    box.faults.fail_refund = 1
    body = {"payment_id": payment["id"], "amount": PAYMENT["amount"], "receipt": RECEIPT}
    assert yookassa(box, "/v3/refunds", body, **{KEY: "r"}).body["status"] == "canceled"
    assert events(box) == ["payment.succeeded"]


def test_the_page_pays_declines_and_leaves(box: YooKassaSandbox) -> None:
    first, second = made(box), made(box, "b")
    page = first["confirmation"]["confirmation_url"]
    assert buttons(box, page) == {"pay", "decline", "leave", "start"}
    assert press(box, page, "leave").headers["Location"] == "http://127.0.0.1/back"
    assert events(box) == []
    press(box, page, "pay")
    assert buttons(box, page) == {"leave"}
    assert act(box, "pay", id=first["id"]).status == 409
    press(box, second["confirmation"]["confirmation_url"], "decline")
    assert events(box) == ["payment.succeeded", "payment.canceled"]


def test_the_page_ends_after_an_hour_unless_the_bank_has_it(box: YooKassaSandbox) -> None:
    begun, left = made(box), made(box, "b")
    press(box, begun["confirmation"]["confirmation_url"], "start")
    box.offset = 3_601
    assert act(box, "pay", id=left["id"]).status == 409
    reason = yookassa(box, f"/v3/payments/{left['id']}", None).body["cancellation_details"]
    assert reason["reason"] == "expired_on_confirmation"
    assert act(box, "pay", id=begun["id"]).status == 200
