"""The HTTP client believes nothing that it cannot check, and retries only what may pass."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import pytest
import stamina
from pytoniq_core.boc.builder import Builder
from pytoniq_core.boc.cell import Cell
from pytoniq_core.boc.slice import Slice

from core.ton.client import (
    ChainRefused,
    ChainUnavailable,
    GetMethodFailed,
    SourceFault,
)
from core.ton.messages import normalised_hash
from core.ton.toncenter import Toncenter
from tests.core.ton.scripted import HUB, Chain, body_of, external
from tests.core.ton.toncenter_stub import Refusal, Stub, b64, served

CELL = body_of(7)


@pytest.fixture
def stub(chain: Chain) -> Iterator[Stub]:
    chain.sales(3)
    with served(Stub(chain, api_key="secret")) as running:
        yield running


@pytest.fixture
def client(stub: Stub) -> Toncenter:
    return Toncenter(stub.url, "secret")


def test_the_head_comes_from_v3_and_from_v2_where_there_is_no_v3(
    stub: Stub, client: Toncenter
) -> None:
    assert client.head().seqno == stub.chain.seqno
    assert stub.calls == ["masterchainInfo"]
    stub.v3 = False
    stub.calls.clear()
    assert abs(client.head().gen_utime - time.time()) < 3
    assert client.head().seqno == stub.chain.seqno
    assert stub.calls.count("masterchainInfo") == 1


def test_an_account_is_read_with_its_code(stub: Stub, client: Toncenter) -> None:
    stub.code = b64(CELL.to_boc())
    found = client.account(HUB)
    assert (found.status, found.balance) == ("active", 1_500_000_000)
    assert found.code_hash == CELL.hash.hex()
    assert found.last_hash == stub.chain.transactions[-1].hash


def test_an_account_never_used_is_uninit(stub: Stub, client: Toncenter) -> None:
    stub.edit = {"state": "uninitialized", "balance": "-1"}
    found = client.account(HUB)
    assert (found.status, found.balance, found.code) == ("uninit", 0, None)


def test_a_get_method_takes_and_gives_every_kind_of_value(stub: Stub, client: Toncenter) -> None:
    boc = b64(CELL.to_boc())
    stub.stack = [
        ["num", "-0x5"],
        ["cell", {"bytes": boc}],
        ["slice", {"bytes": boc}],
        ["null", None],
        [
            "tuple",
            {
                "@type": "tvm.tuple",
                "elements": [
                    {"@type": "tvm.stackEntryNumber", "number": {"number": "7"}},
                    {"@type": "tvm.stackEntryCell", "cell": {"bytes": boc}},
                ],
            },
        ],
    ]
    found = client.run_get(HUB, "seqno", [2**200, CELL, CELL.begin_parse(), None])
    assert stub.asked == [
        ["num", hex(2**200)],
        ["tvm.Cell", boc],
        ["tvm.Slice", boc],
        ["null", None],
    ]
    number, cell, part, nothing, pair = found
    assert (number, nothing) == (-5, None)
    assert isinstance(cell, Cell)
    assert isinstance(part, Slice)
    assert isinstance(pair, list)
    assert pair[0] == 7


@pytest.mark.parametrize(
    "stack", ["x", [["num"]], [["num", "zz"]], [["cell", {"bytes": "!"}]], [["strange", 1]], [7]]
)
def test_a_strange_stack_is_a_fault_of_the_source(
    stub: Stub, client: Toncenter, stack: object
) -> None:
    stub.stack = stack  # type: ignore[assignment]
    with pytest.raises(SourceFault, match="malformed"):
        client.run_get(HUB, "seqno")


def test_a_get_method_that_throws_tells_its_exit_code(stub: Stub, client: Toncenter) -> None:
    stub.exit_code = 11
    with pytest.raises(GetMethodFailed) as caught:
        client.run_get(HUB, "no_such_method")
    assert caught.value.exit_code == 11


def test_transactions_come_oldest_first_over_several_pages(stub: Stub, client: Toncenter) -> None:
    stub.chain.sales(150)
    assert client.transactions_since(HUB, 0) == stub.chain.transactions
    third = stub.chain.transactions[2]
    assert client.transactions_since(HUB, third.lt, limit=5) == stub.chain.transactions[3:8]
    assert client.transactions_since(HUB, stub.chain.transactions[-1].lt) == []


def test_a_hash_that_is_not_the_bytes_own_is_a_lie(stub: Stub, client: Toncenter) -> None:
    stub.edit = {"transaction_id": {"lt": "3000000", "hash": b64(b"\x01" * 32)}}
    with pytest.raises(SourceFault, match="hash"):
        client.transactions_since(HUB, 0)


def test_another_accounts_transaction_is_a_lie(stub: Stub, client: Toncenter) -> None:
    other = Chain("0:" + "22" * 32)
    other.sales(1)
    (item,) = other.transactions
    stub.edit = {"data": b64(item.boc)}
    with pytest.raises(SourceFault, match="account"):
        client.transactions_since(HUB, 0)


@pytest.mark.parametrize("data", ["", "AAAA", "*", b64(CELL.to_boc()), None])
def test_bytes_that_are_no_transaction_are_a_fault(
    stub: Stub, client: Toncenter, data: object
) -> None:
    stub.edit = {"data": data}
    with pytest.raises(SourceFault, match="malformed"):
        client.transactions_since(HUB, 0)


def test_a_pruned_transaction_is_a_fault(stub: Stub, client: Toncenter) -> None:
    whole = Cell.one_from_boc(stub.chain.transactions[-1].boc)
    bits = Builder().store_uint(1, 8).store_uint(1, 8).store_bytes(whole.refs[0].hash)
    pruned = Cell(bits.store_uint(0, 16).end_cell().bits, [], 1)
    fake = Cell(whole.bits, [pruned, *whole.refs[1:]], -1)
    stub.edit = {"data": b64(fake.to_boc())}
    with pytest.raises(SourceFault, match="malformed"):
        client.transactions_since(HUB, 0)


def test_a_message_is_sent_and_its_normalised_hash_told(stub: Stub, client: Toncenter) -> None:
    message = external(body_of(1)).to_boc()
    assert client.send(message) == normalised_hash(message)
    assert stub.sent == [message]


def test_a_message_that_the_account_refuses_is_not_sent_again(
    stub: Stub, client: Toncenter
) -> None:
    refusal = "LITE_SERVER_UNKNOWN: cannot apply external message to current state"
    stub.script.append(Refusal(500, refusal))
    with pytest.raises(ChainRefused):
        client.send(external(body_of(1)).to_boc())
    assert stub.calls == ["sendBocReturnHash"]
    assert stub.sent == []


def test_what_is_no_message_does_not_leave_the_house(stub: Stub, client: Toncenter) -> None:
    with pytest.raises(ChainRefused):
        client.send(b"junk")
    assert stub.calls == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_overload_is_retried(stub: Stub, client: Toncenter, status: int) -> None:
    stub.script.extend([Refusal(status, "busy"), b"<html>"])
    assert client.account(HUB).status == "active"
    assert len(stub.calls) == 3


def test_retry_after_is_honoured(stub: Stub, client: Toncenter) -> None:
    stub.script.append(Refusal(429, "slow down", {"Retry-After": "1"}))
    began = time.monotonic()
    client.account(HUB)
    assert 1 <= time.monotonic() - began < 3


def test_a_source_that_stays_down_is_unavailable(stub: Stub) -> None:
    client = Toncenter(stub.url, "secret", attempts=2)
    stub.script.extend([Refusal(503, "down")] * 2)
    with pytest.raises(ChainUnavailable):
        client.account(HUB)
    with stamina.set_testing(testing=True), pytest.raises(ChainUnavailable):
        Toncenter("http://127.0.0.1:9/api/v2/").account(HUB)


@pytest.mark.parametrize("answer", [b"{}", b'{"ok": false}', b"[]"])
def test_an_answer_without_a_result_is_a_refusal(
    stub: Stub, client: Toncenter, answer: bytes
) -> None:
    stub.script.append(answer)
    with pytest.raises(ChainRefused):
        client.account(HUB)


def test_an_answer_with_missing_members_is_a_fault(stub: Stub, client: Toncenter) -> None:
    stub.script.append(b'{"ok": true, "result": {"balance": "1"}}')
    with pytest.raises(SourceFault, match="malformed"):
        client.account(HUB)


def test_a_wrong_key_is_a_refusal_and_the_key_stays_out_of_it(stub: Stub) -> None:
    with pytest.raises(ChainRefused) as caught:
        Toncenter(stub.url, "not-the-secret").account(HUB)
    assert "not-the-secret" not in str(caught.value)


def test_an_endpoint_that_is_not_toncenters_is_refused() -> None:
    for base in ("ftp://x/api/v2/", "http://host/", "liteserver"):
        with pytest.raises(ValueError, match="api/v2"):
            Toncenter(base)


def test_base64_of_hashes_survives_the_query(stub: Stub, client: Toncenter) -> None:
    odd = [item for item in stub.chain.transactions if "+" in b64(item.hash)]
    while not odd:
        stub.chain.sales(1)
        odd = [item for item in stub.chain.transactions if "+" in b64(item.hash)]
    found = client.transactions_page(HUB, (odd[0].lt, odd[0].hash), 0, 1)
    assert found == odd[:1]
    assert base64.b64encode(found[0].hash).decode() == b64(odd[0].hash)
