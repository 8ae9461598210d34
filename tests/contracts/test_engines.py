"""Two engines, one answer: pytvm agrees with tonpy to the nano."""

from __future__ import annotations

import pytest
from pytoniq_core import Address

from contracts import collection, hub, item
from deploy.local.ton.payers import PLAIN_GAS, PlainPayer, W5Payer, outgoing
from deploy.local.ton.sandbox import COIN, Sandbox
from deploy.local.ton.tvm import EMPTY_ACCOUNT, Tvm, pytvm_available
from tests.contracts.world import COLLECTOR, FAN, STRANGER, Shop, crowd, person

second_engine = pytest.mark.skipif(
    not pytvm_available(), reason="pytvm has a wheel for few Pythons; its absence is supported"
)


def story(engine: str) -> list[tuple[bytes, int | None, int | None, int, int]]:
    """Play the same messages and return what each transaction did."""
    shop = Shop("pytvm" if engine == "pytvm" else "tonpy")
    traces = [
        shop.buy(2, recipient=COLLECTOR, referrer=STRANGER),
        shop.buy(value=1),
        shop.buy(max_unit_price=1, bounce=False),
        shop.settle([3, 249, 2]),
        shop.settle([1], collections=[person("none")]),
        shop.owner(collection.gift_body(recipients=crowd(4))),
        shop.admin(hub.propose_hub_body(hub=FAN)),
        shop.sandbox.send(
            COLLECTOR,
            shop.item(0),
            COIN,
            item.transfer_body(new_owner=FAN, response=COLLECTOR, forward_amount=1),
        ),
    ]
    return [
        (
            step.outcome.shard_account.hash,
            step.outcome.exit_code,
            step.outcome.action_code,
            step.outcome.gas_used,
            step.outcome.total_fees,
        )
        for trace in traces
        for step in trace.steps
    ]


@second_engine
def test_both_engines_tell_the_same_story() -> None:
    assert story("pytvm") == story("tonpy")


@second_engine
def test_both_engines_return_the_same_values() -> None:
    shops = [Shop("tonpy"), Shop("pytvm")]
    for method in ("get_sale_data", "get_collection_data", "royalty_params"):
        first, second = (shop.sandbox.get(shop.collection, method) for shop in shops)
        assert [str(value) for value in first] == [str(value) for value in second]
    assert shops[0].cost(3) == shops[1].cost(3)
    assert shops[0].limits() == shops[1].limits()


def test_a_refused_external_message_says_why() -> None:
    sandbox = Sandbox()
    wallet = PlainPayer(sandbox, 1, COIN)
    wallet.seqno = 7
    trace = wallet.pay(outgoing(FAN, 1, bounce=False))
    assert not trace.first.accepted
    assert trace.first.exit_code == 33
    assert trace.burned == 0


def test_an_external_message_to_nobody_is_refused() -> None:
    sandbox = Sandbox()
    trace = sandbox.send_external(Address((0, b"\x09" * 32)), EMPTY_ACCOUNT)
    assert not trace.first.accepted


def test_the_plain_payer_burns_what_it_says() -> None:
    sandbox = Sandbox()
    trace = PlainPayer(sandbox, 1, COIN).pay(outgoing(FAN, COIN // 10, bounce=False))
    assert trace.first.gas_used == PLAIN_GAS
    assert sandbox.balance(FAN) == COIN // 10


def test_a_wallet_v5_pays_with_a_real_signature() -> None:
    sandbox = Sandbox()
    wallet = W5Payer(sandbox, b"\x03" * 32, COIN)
    wallet.pay(outgoing(FAN, 5, bounce=False), outgoing(STRANGER, 6, bounce=False))
    assert (sandbox.balance(FAN), sandbox.balance(STRANGER)) == (5, 6)


def test_an_engine_serves_thousands_of_calls() -> None:
    tvm = Tvm()
    state = Shop().sandbox
    address = Shop().collection
    for _ in range(300):
        assert state.get(address, "get_mint_cost", 1, 0, 0)
    assert tvm.engine == "tonpy"
