"""The demo's own arithmetic and refusals; the whole story is `make demo`."""

from __future__ import annotations

import pytest

from deploy.local import demo, demo_ton
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.trace import trace_of
from deploy.local.ton.wallet import Outgoing
from tests.local_ton.network import ARTIST, COIN, FAN


def test_the_95th_percentile_is_one_of_the_measured_values() -> None:
    assert demo_ton._p95([float(n) for n in range(1, 21)]) == 19.0
    assert demo_ton._p95([3.0, 1.0]) == 3.0


def test_an_unknown_method_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--method", "barter"]) == 2
    known = ", ".join(demo.METHODS)
    assert capsys.readouterr().err == f"cannot demo METHOD=barter: it is one of {known}\n"


def test_money_that_the_ledger_tells_otherwise_fails_the_demo() -> None:
    demo_ton._agree("the artist's part", 5, 5)
    for told in (4, None):
        with pytest.raises(demo_ton.DemoFailed, match="5 on chain"):
            demo_ton._agree("the artist's part", 5, told)


def test_a_trace_accounts_for_every_nano(ton: NetworkClient, fan_has_coins: None) -> None:
    accounts = (FAN.address, ARTIST.address)
    before = sum(ton.balance(address) for address in accounts)
    sent = FAN.transfer(ton, [Outgoing(ARTIST.address, COIN, bounce=False)])
    trace = trace_of(ton, sent.hash)
    assert before - sum(ton.balance(address) for address in accounts) == trace.burned
    assert trace.received(ARTIST.address) == COIN
    assert trace.gas(FAN.address) > 0
