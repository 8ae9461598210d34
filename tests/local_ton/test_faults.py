"""The network can be asked to lag and to lie, so that clients of ours can be tested."""

from __future__ import annotations

import time

import pytest

from deploy.local.ton.client import NetworkClient, NetworkError
from deploy.local.ton.wallet import DevWallet
from tests.local_ton.network import COIN, FAN

pytestmark = pytest.mark.usefixtures("fan_has_coins")


def ask(ton: NetworkClient, **faults: object) -> None:
    ton.request("POST", "/faults", faults)


def test_a_lagging_source_shows_an_older_chain_consistently(ton: NetworkClient) -> None:
    newcomer = DevWallet(b"\x51" * 32).address
    ton.faucet(newcomer, COIN)
    head = ton.seqno()
    ask(ton, lag_blocks=30)
    assert ton.seqno() < head
    assert (ton.balance(newcomer), ton.transactions(newcomer)) == (0, [])
    while ton.seqno() < head:
        time.sleep(0.05)
    assert (ton.balance(newcomer), len(ton.transactions(newcomer))) == (COIN, 1)


def test_transactions_can_be_left_out(ton: NetworkClient) -> None:
    ton.faucet(FAN.address, COIN)
    whole = [item.lt for item in ton.transactions(FAN.address)]
    ask(ton, drop_transactions=2)
    assert [item.lt for item in ton.transactions(FAN.address)] == whole[::2]
    ask(ton, drop_transactions=1)
    assert ton.transactions(FAN.address) == []


def test_hashes_can_be_wrong(ton: NetworkClient) -> None:
    honest = ton.call("getTransactions", address=FAN.address)[0]
    ask(ton, wrong_hash=True)
    lie = ton.call("getTransactions", address=FAN.address)[0]
    assert lie["data"] == honest["data"]
    assert lie["transaction_id"]["hash"] != honest["transaction_id"]["hash"]


def test_calls_can_fail_a_number_of_times(ton: NetworkClient) -> None:
    ask(ton, http_500=2)
    for _ in range(2):
        with pytest.raises(NetworkError) as failure:
            ton.seqno()
        assert failure.value.status == 500
    assert ton.seqno() > 0


def test_calls_can_be_slow(ton: NetworkClient) -> None:
    ask(ton, delay_ms=80)
    began = time.monotonic()
    ton.seqno()
    assert time.monotonic() - began >= 0.08


@pytest.mark.parametrize("wanted", [{"lag": 1}, {"lag_blocks": "1"}, {"wrong_hash": 1}])
def test_unknown_faults_are_refused_and_change_nothing(
    ton: NetworkClient, wanted: dict[str, object]
) -> None:
    status, body = ton.exchange("POST", "/faults", wanted)
    assert status == 422
    assert body["ok"] is False
    assert not any(ton.request("GET", "/faults")["result"].values())
