"""pytoniq over a real ADNL socket: what it reads is proved, and a bad peer costs no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytoniq_core.boc.slice import Slice

from core.ton import addresses, liteserver
from core.ton.client import ChainRefused, ChainUnavailable, GetMethodFailed, SourceFault
from core.ton.liteserver import Liteserver
from core.ton.messages import normalised_hash
from tests.core.ton.scripted import COIN, FAN, HUB, Chain, body_of, external
from tests.core.ton.stub_liteserver import CODE, Fault, StubLiteserver, listening


@pytest.fixture
def good(chain: Chain) -> StubLiteserver:
    chain.sales(40)
    return StubLiteserver(chain, b"\x01" * 32)


@pytest.fixture
def bad(good: StubLiteserver) -> StubLiteserver:
    return StubLiteserver(good.chain, b"\x02" * 32)


@pytest.fixture
def client(good: StubLiteserver) -> Iterator[Liteserver]:
    with listening(good) as config:
        made = Liteserver(config, timeout=1)
        yield made
        made.close()


def test_the_head_is_the_newest_masterchain_block(client: Liteserver, good: StubLiteserver) -> None:
    assert client.head().seqno == good.chain.seqno


def test_an_account_is_proved_down_from_the_masterchain(
    client: Liteserver, good: StubLiteserver
) -> None:
    found = client.account(HUB)
    assert (found.status, found.balance, found.code_hash) == ("active", COIN, CODE.hash.hex())
    assert found.last_hash == good.chain.transactions[-1].hash


def test_an_account_that_the_proof_does_not_hold_is_refused(
    client: Liteserver, good: StubLiteserver
) -> None:
    good.forge = True
    with pytest.raises(ChainUnavailable, match="ProofError"):
        client.account(HUB)


def test_transactions_come_oldest_first_over_pages_of_sixteen(
    client: Liteserver, good: StubLiteserver
) -> None:
    found = client.transactions_since(HUB, 0)
    assert [item.hash for item in found] == [item.hash for item in good.chain.transactions]
    assert good.asked.count("getTransactions") == 3
    again = client.transactions_since(HUB, found[37].lt)
    assert [item.lt for item in again] == [found[38].lt, found[39].lt]


def test_a_transaction_other_than_the_proved_one_is_a_lie(
    client: Liteserver, good: StubLiteserver
) -> None:
    last = good.chain.transactions[-1]
    good.forge = True
    with pytest.raises(SourceFault, match="hash"):
        client.transactions_page(HUB, (last.lt, last.hash), 0, 5)


def test_a_get_method_takes_and_gives_values(client: Liteserver, good: StubLiteserver) -> None:
    owner = addresses.address(FAN).to_cell()
    good.stack = [7, owner, owner.begin_parse(), 2**255]
    number, cell, part, big = client.run_get(HUB, "get_nft_data", [5])
    assert (number, big) == (7, 2**255)
    assert getattr(cell, "hash", None) == owner.hash
    assert isinstance(part, Slice)
    assert addresses.address(FAN) == part.load_address()
    assert good.arguments == [5]


def test_a_get_method_that_throws_tells_its_exit_code(
    client: Liteserver, good: StubLiteserver
) -> None:
    good.exit_code = 11
    with pytest.raises(GetMethodFailed) as caught:
        client.run_get(HUB, "no_such_method")
    assert caught.value.exit_code == 11
    assert good.asked.count("runSmcMethod") == 1


def test_a_message_is_sent(client: Liteserver, good: StubLiteserver) -> None:
    message = external(body_of(1)).to_boc()
    assert client.send(message) == normalised_hash(message)
    assert good.sent == [message]


def test_a_message_that_is_not_accepted_is_refused(
    client: Liteserver, good: StubLiteserver
) -> None:
    good.fault = Fault(0, "cannot apply external message to current state")
    with pytest.raises(ChainRefused):
        client.send(external(body_of(1)).to_boc())


@pytest.mark.parametrize(
    "fault", [Fault(651, "block is not applied"), Fault(652, "timeout"), "hang", "disconnect"]
)
def test_another_peer_answers_for_a_broken_one(
    good: StubLiteserver, bad: StubLiteserver, fault: Fault | str
) -> None:
    with listening(bad, good) as config:
        client = Liteserver(config, timeout=1)
        try:
            assert client.head().seqno == good.chain.seqno
            bad.fault = fault
            tries = 0
            while "getAccountState" not in bad.asked:
                assert client.account(HUB).balance == COIN
                tries += 1
                assert tries < 30
        finally:
            client.close()


def test_with_every_peer_broken_the_chain_is_unavailable(
    client: Liteserver, good: StubLiteserver
) -> None:
    good.fault = Fault(651, "block is not applied")
    with pytest.raises(ChainUnavailable, match="651"):
        client.account(HUB)


def test_with_no_peer_at_all_the_chain_is_unavailable(good: StubLiteserver) -> None:
    with listening(good) as config:
        pass
    client = Liteserver(config, timeout=1)
    try:
        with pytest.raises(ChainUnavailable):
            client.head()
    finally:
        client.close()


def test_a_config_is_named_by_its_path(tmp_path: Path) -> None:
    named = tmp_path / "config.json"
    named.write_text(json.dumps({"liteservers": [1]}))
    assert liteserver.load(str(named)) == {"liteservers": [1]}
    with pytest.raises(ValueError, match="TON_LITESERVER_CONFIG"):
        liteserver.load("")
