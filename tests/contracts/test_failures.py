"""When something cannot be sent: everything comes back, nothing changes.

The contracts' own checks make action failures impossible, so they are provoked with damaged copies:
data with an address that no message can reach, and code whose fee constants are too small.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytoniq_core import Address, Cell, StateInit, begin_cell

from contracts import collection, hub
from contracts.codes import code
from contracts.compile import _SHARED, CONTRACTS, SOURCES, compile_sources, item_constants
from deploy.local.ton.sandbox import COIN
from tests.contracts.world import (
    COLLECTOR,
    FAN,
    HUB_PARAMS,
    PRICE,
    Shop,
    person,
    succeeded,
)

NOWHERE = "100" + "00000101" + "01" * 128  # a workchain that does not exist
ANYCAST = "101" + "00001" + "1" + "00000000" + "01" * 125 + "0"


def deployed(data: Cell, **bits: tuple[int, str]) -> Cell:
    """Return data as after deploy, with some bits replaced (offset, bits)."""
    text = "0" * 32 + data.bits.to01()[32:]
    for offset, value in bits.values():
        text = text[:offset] + value + text[offset + len(value) :]
    builder = begin_cell().store_bits(text)
    for ref in data.refs:
        builder.store_ref(ref)
    return builder.end_cell()


HUB_AT, PAYOUT_AT = 128, 395


@pytest.mark.parametrize("offset", [HUB_AT, PAYOUT_AT])
@pytest.mark.parametrize("bad", [NOWHERE, ANYCAST, "11" + "0" * 265])
def test_an_address_that_nothing_can_reach(offset: int, bad: str) -> None:
    shop = Shop(deploy=False)
    data = deployed(collection.data_cell(shop.params), bad=(offset, bad))
    shop.install(code("collection"), data)
    before = shop.fingerprint()
    trace = shop.buy(value=20 * COIN)
    assert trace.first.exit_code != 0 or trace.first.action_code != 0
    assert shop.fingerprint() == before
    assert shop.sandbox.balance(FAN) > 20 * COIN - COIN // 100


def variant(folder: Path, **constants: int) -> Cell:
    """Compile the collection with other fee constants."""
    text = (SOURCES / "fees.fc").read_text()
    for name, value in constants.items():
        pattern = rf"(const int {name.replace('__', '::')} =) \d+;"
        text, found = re.subn(pattern, rf"\1 {value};", text)
        assert found == 1
    (folder / "fees.fc").write_text(text)
    (folder / "item_code.fc").write_text(item_constants(code("item")))
    paths = [
        folder / source if source == "fees.fc" else SOURCES / source
        for source in CONTRACTS["collection"]
    ]
    paths.insert(len(_SHARED), folder / "item_code.fc")
    return compile_sources(paths)


TOO_SMALL = [
    {"buy__gas_base": 100, "buy__gas_item": 100},
    {"item__deploy_bits": 0, "item__deploy_cells": 0},
    {"item__deploy_bits": 500, "item__deploy_cells": 2},
]


@pytest.mark.parametrize("constants", TOO_SMALL)
@pytest.mark.parametrize("quantity", [1, 2, 10, 60])
def test_coins_that_run_out_at_any_action(
    tmp_path: Path, constants: dict[str, int], quantity: int
) -> None:
    shop = Shop(deploy=False)
    data = deployed(collection.data_cell(shop.params))
    shop.install(variant(tmp_path, **constants), data)
    before = shop.fingerprint()
    cost = shop.cost(quantity)
    trace = shop.buy(quantity, value=cost)
    assert trace.first.exit_code == 0
    assert trace.first.action_code in (37, 40)
    assert shop.fingerprint() == before
    assert shop.sandbox.balance(FAN) > cost - quantity * COIN // 1000 - COIN // 500
    assert not trace.messages_to(shop.hub)


def test_a_batch_that_runs_out_of_coins_bounces_whole(tmp_path: Path) -> None:
    shop = Shop(deploy=False)
    data = deployed(collection.data_cell(shop.params))
    small = variant(tmp_path, item__deploy_bits=0, item__deploy_cells=0, mint__gas_item=10)
    shop.install(small, data)
    before = shop.fingerprint()
    trace = shop.settle([100])
    assert trace.at(shop.collection)[0].outcome.exit_code in (0, 402)
    body = hub.settle_body(
        batch=1,
        orders_sha256=bytes(32),
        method=1,
        parts=[hub.SettlePart(person("none"), 0, 1, [FAN])],
    )
    shop.sandbox.send(person("minter"), shop.hub, COIN, body)
    assert shop.fingerprint()[0] == before[0] or shop.totals().count == 100


THROWING = StateInit(code=begin_cell().store_uint(0xF2FF, 16).end_cell(), data=Cell.empty())
THROWER = Address((0, THROWING.serialize().hash))


@pytest.mark.parametrize("kind", ["uninitialised", "throwing", "hub"])
def test_any_payee_is_credited_and_blocks_no_sale(kind: str) -> None:
    hub_address = hub.address(HUB_PARAMS)
    payees = {"uninitialised": person("never seen"), "throwing": THROWER, "hub": hub_address}
    shop = Shop(payout=payees[kind])
    if kind == "throwing":
        shop.sandbox.fund(THROWER, COIN, THROWING)
    before = shop.sandbox.balance(payees[kind])
    trace = shop.buy()
    assert trace.first.exit_code == trace.first.action_code == 0
    assert shop.nft(0).owner == FAN
    assert shop.sandbox.balance(payees[kind]) >= before + PRICE * 9 // 10 - COIN // 1000


def test_a_collection_that_pays_itself_keeps_a_surplus_for_its_owner() -> None:
    shop = Shop()
    assert succeeded(shop.owner(collection.set_payout_body(payout=shop.collection)))
    assert succeeded(shop.buy())
    assert shop.sandbox.balance(shop.collection) > PRICE * 9 // 10
    assert succeeded(shop.owner(collection.withdraw_surplus_body()))
    assert shop.sandbox.balance(person("artist")) > PRICE * 9 // 10


def test_a_recipient_that_throws_still_owns_his_gift(shop: Shop) -> None:
    shop.sandbox.fund(THROWER, COIN, THROWING)
    shop.buy(recipient=THROWER)
    assert shop.nft(0).owner == THROWER


def test_a_starved_item_has_no_owner_and_its_index_can_be_minted_again(tmp_path: Path) -> None:
    shop = Shop(deploy=False)
    data = deployed(collection.data_cell(shop.params))
    shop.install(variant(tmp_path, item__gas_init=100, item__cells=0), data)
    trace = shop.buy(value=20 * COIN)
    assert trace.first.exit_code == trace.first.action_code == 0
    assert not shop.nft(0).initialised
    body = begin_cell().store_address(COLLECTOR).end_cell()
    shop.sandbox.send(shop.collection, shop.item(0), COIN // 10, body)
    assert shop.nft(0).owner == COLLECTOR


def test_gas_that_runs_out_changes_nothing(shop: Shop) -> None:
    before = shop.fingerprint()
    for value in range(0, COIN // 1000, COIN // 20_000):
        assert shop.buy(value=value).first.exit_code != 0
        assert shop.fingerprint()[:2] == before[:2]
