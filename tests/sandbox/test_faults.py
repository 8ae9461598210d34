"""Every provider can be made to fail in every way; what it had done stays done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.frame import Sandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox
from tests.sandbox import wire
from tests.sandbox.wire import Answer, Listener


@dataclass
class Case:
    """A sandbox; how something is made in it, how much was made, how that is paid."""

    box: Sandbox
    make: Callable[[], Answer]
    made: Callable[[], int]
    pay: Callable[[], Any]
    told: int = 1  # webhooks a payment


def _stripe(shop: str) -> Case:
    box = StripeSandbox(webhook_url=shop)
    return Case(
        box,
        lambda: wire.stripe(box, "/v1/checkout/sessions", wire.SESSION),
        lambda: len(box.sessions),
        lambda: wire.act(box, "pay", id=next(iter(box.sessions))),
    )


def _yookassa(shop: str) -> Case:
    box = YooKassaSandbox(key="k", webhook_url=shop)
    keys = iter(range(100))
    return Case(
        box,
        lambda: wire.yookassa(
            box, "/v3/payments", wire.PAYMENT, **{"Idempotence-Key": str(next(keys))}
        ),
        lambda: len(box.payments),
        lambda: wire.act(box, "pay", id=next(iter(box.payments))),
    )


def _tbank(shop: str) -> Case:
    box = TBankSandbox(password="p")
    return Case(
        box,
        lambda: wire.tbank(box, "Init", **wire.INIT, NotificationURL=shop),
        lambda: len(box.payments),
        lambda: wire.act(box, "pay", id=next(iter(box.payments))),
        told=2,
    )


def _binance(shop: str) -> Case:
    box = BinanceSandbox(key="k", secret="s")
    numbers = iter(range(100))
    return Case(
        box,
        lambda: wire.binance(
            box,
            "/v3/order",
            {**wire.ORDER, "merchantTradeNo": f"O{next(numbers)}", "webhookUrl": shop},
        ),
        lambda: len(box.orders),
        lambda: wire.act(box, "pay", id=next(iter(box.orders))),
    )


def _telegram(shop: str) -> Case:
    box = TelegramSandbox(token="1:T", secret="s", webhook_url=shop)

    def pay() -> Any:
        """As if the bot had said yes: what is told of the payment is what is looked at here."""
        return wire.act(box, "message", user=7, text="paid")

    return Case(
        box,
        lambda: wire.telegram(box, "createInvoiceLink", **wire.INVOICE),
        lambda: len(box.invoices),
        pay,
    )


MAKE = {
    "stripe": _stripe, "yookassa": _yookassa, "tbank": _tbank, "binance": _binance,
    "telegram": _telegram,
}  # fmt: skip


@pytest.fixture
def shop() -> Iterator[Listener]:
    with Listener(lambda _: (200, b'OK {"returnCode":"SUCCESS"}')) as listener:
        yield listener


@pytest.fixture(params=MAKE)
def case(request: pytest.FixtureRequest, shop: Listener) -> Iterator[Case]:
    case = MAKE[request.param](shop.url)
    if request.param == "tbank":
        shop.answer = lambda _: (200, b"OK")
    with case.box:
        yield case


def fault(case: Case, **faults: Any) -> None:
    assert wire.act(case.box, "faults", **faults).status == 200


def test_without_faults_it_does_what_it_is_asked(case: Case, shop: Listener) -> None:
    assert case.make().status == 200
    assert case.pay().status == 200
    assert len(shop.wait(case.told)) == case.told
    assert case.made() == 1


def test_a_500_after_the_effect(case: Case) -> None:
    fault(case, error_after_effect=1)
    assert case.make().status == 500
    assert case.made() == 1
    assert case.make().status == 200


def test_silence_after_the_effect(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(case, hang_after_effect=1, hang_seconds=1.5)
    slow = case.box
    with pytest.raises(TimeoutError):
        _impatient(case, monkeypatch)
    assert case.made() == 1
    assert slow.faults.hang_after_effect == 0


def _impatient(case: Case, patch: pytest.MonkeyPatch) -> None:
    """The same call by somebody who does not wait."""
    real = wire.send

    def send(*given: Any) -> Answer:
        return real(*given, timeout=0.4)

    with patch.context() as inside:
        inside.setattr(wire, "send", send)
        case.make()


def test_too_many_says_when_and_does_nothing(case: Case) -> None:
    fault(case, too_many=1)
    answer = case.make()
    assert (answer.status, answer.headers["Retry-After"], case.made()) == (429, "1", 0)
    assert case.make().status == 200


def test_unavailable_does_nothing(case: Case) -> None:
    fault(case, unavailable=1)
    assert (case.make().status, case.made()) == (503, 0)


def test_a_webhook_that_is_dropped_never_comes(case: Case, shop: Listener) -> None:
    case.make()
    fault(case, drop=case.told)
    case.pay()
    assert shop.wait(1, 0.6) == []
    assert len(case.box.events) == case.told  # there was one to send


def test_a_webhook_comes_twice(case: Case, shop: Listener) -> None:
    case.make()
    fault(case, duplicate=case.told)
    case.pay()
    got = shop.wait(2 * case.told)
    assert len(got) == 2 * case.told
    assert len(set(got)) == case.told


def test_a_webhook_waits_for_the_next_one(case: Case, shop: Listener) -> None:
    case.make()
    fault(case, reorder=True)
    if case.told == 1:
        case.pay()
        assert shop.wait(1, 0.6) == []
        if "telegram" in case.box.name:
            case.pay()
        else:
            wire.act(case.box, "refund_external", id=_first(case.box))
    else:
        case.pay()
    assert len(shop.wait(2)) >= 2


def _first(box: Any) -> str:
    for name in ("sessions", "payments", "orders"):
        if rows := getattr(box, name, None):
            return str(next(iter(rows)))
    raise LookupError(box.name)


def test_a_webhook_is_late(case: Case, shop: Listener) -> None:
    case.make()
    fault(case, delay=0.8)
    case.pay()
    assert shop.wait(1, 0.4) == []
    assert len(shop.wait(case.told)) == case.told


def test_a_webhook_that_is_not_taken_comes_again(case: Case, shop: Listener) -> None:
    taken = shop.answer
    shop.answer = lambda number: (503, b"") if number <= case.told else taken(number)
    case.make()
    case.pay()
    got = shop.wait(2 * case.told)
    assert len(got) == 2 * case.told
    assert len(set(got)) == case.told


def test_a_share_of_all_calls_fails_by_seed(case: Case) -> None:
    fault(case, rate=40, seed=7, hang_seconds=0)
    first = [case.make().status for _ in range(9)]
    assert len(set(first)) >= 3
    fault(case, rate=40, seed=7, hang_seconds=0)
    assert [case.make().status for _ in range(9)] == first


def test_what_is_no_fault_is_refused(case: Case) -> None:
    assert wire.act(case.box, "faults", explode=1).status == 400
    assert wire.act(case.box, "explode").status == 404


def test_what_is_no_request_is_refused_in_the_providers_own_form(case: Case) -> None:
    box = case.box
    path = next(pattern for _, pattern in box.effects).replace("[^/]+", getattr(box, "token", "x"))
    answer = wire.send(box, "POST", path, b"\xff{", {"Content-Type": "application/json"})
    assert answer.status in (200, 400, 401)
    assert json.loads(answer.raw)
    assert case.made() == 0
