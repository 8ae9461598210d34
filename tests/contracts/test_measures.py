"""The constants in fees.fc against what the real TVM reports."""

from __future__ import annotations

import pytest
from pytoniq_core import Cell, begin_cell

from contracts import collection, fees, hub, item, metadata
from contracts.codes import code
from deploy.bench.chain import measure
from deploy.local.ton.config import config_param
from deploy.local.ton.sandbox import COIN, count_cells
from tests.contracts.world import (
    COLLECTOR,
    FAN,
    STRANGER,
    Shop,
    collection_params,
    crowd,
    person,
    succeeded,
)


def sizes(root: Cell) -> tuple[int, int]:
    return count_cells(begin_cell().store_ref(root).end_cell())


def test_an_items_first_message_has_the_size_that_is_paid_for() -> None:
    init = item.state_init(item.ItemParams(person("c"), 1))
    code_cells, code_bits = sizes(code("item"))
    assert init.data is not None
    assert code_cells + 1 == fees.ITEM_DEPLOY_CELLS
    assert code_bits + len(init.data.bits) == fees.ITEM_DEPLOY_BITS


def test_gas_of_a_purchase_is_covered_at_every_size(shop: Shop) -> None:
    state = shop.sandbox.snapshot()
    for quantity in (1, 2, 50, 200):
        for recipient in (None, COLLECTOR):
            for referrer in (None, STRANGER):
                trace = shop.buy(quantity, recipient=recipient, referrer=referrer)
                bound = fees.BUY_GAS_BASE + quantity * fees.BUY_GAS_ITEM
                assert trace.first.gas_used <= bound
                shop.sandbox.restore(state)


def test_gas_of_a_batch_is_covered_for_the_worst_list(shop: Shop) -> None:
    tail: Cell | None = None
    for number in range(250):
        builder = begin_cell().store_uint(number + 1, 256)
        if tail is not None:
            builder.store_ref(tail)
        tail = builder.end_cell()
    assert tail is not None
    body = begin_cell().store_uint(0x7A7BA772, 32).store_uint(0, 64).store_uint(250, 16)
    trace = shop.owner(body.store_ref(tail).end_cell(), value=fees.batch_cost(250))
    assert succeeded(trace)
    assert trace.first.gas_used <= fees.MINT_GAS_BASE + 250 * fees.MINT_GAS_ITEM


def test_gas_of_items_is_covered(shop: Shop) -> None:
    plain, told = shop.buy(), shop.buy(recipient=COLLECTOR)
    assert plain.at(shop.item(0))[0].outcome.gas_used <= fees.ITEM_GAS_INIT
    assert told.at(shop.item(1))[0].outcome.gas_used <= fees.ITEM_GAS_NOTIFY
    long = begin_cell().store_uint(7, 900).store_ref(Cell.empty()).end_cell()
    body = item.transfer_body(
        new_owner=COLLECTOR, response=FAN, forward_amount=1, forward_payload=long,
        custom_payload=long,
    )  # fmt: skip
    trace = shop.sandbox.send(FAN, shop.item(0), COIN, body)
    assert trace.first.gas_used <= fees.ITEM_GAS_TRANSFER


def test_a_notified_item_keeps_its_endowment(shop: Shop) -> None:
    shop.buy(recipient=COLLECTOR)
    assert shop.sandbox.balance(shop.item(0)) >= fees.item_endowment()


@pytest.fixture
def full(shop: Shop) -> Shop:
    """A shop whose hub knows every method that there can be."""
    for method in range(hub.MAX_METHODS):
        gas = shop.admin(hub.set_shares_body(method=method, share_bps=1)).first.gas_used
        assert gas <= fees.HUB_GAS_ADMIN
    return shop


def test_gas_of_the_hub_is_covered(full: Shop) -> None:
    sale = full.buy()
    assert sale.at(full.hub)[0].outcome.gas_used <= fees.ITEM_GAS_INIT
    gift = full.owner(collection.gift_body(recipients=crowd(1)))
    assert gift.at(full.hub)[0].outcome.gas_used <= fees.ITEM_GAS_INIT
    for counts in ([1], [1, 1, 1]):
        trace = full.settle(counts)
        bound = fees.HUB_GAS_SETTLE + len(counts) * fees.HUB_GAS_SETTLE_PART
        assert trace.first.gas_used <= bound
        for step in trace.at(full.hub)[1:]:
            assert step.outcome.gas_used <= fees.HUB_GAS_SETTLED
    bounced = full.settle([1], collections=[person("none")])
    assert bounced.at(full.hub)[1].outcome.gas_used <= fees.HUB_GAS_SETTLE


def test_gas_of_owners_and_admins_is_covered(full: Shop) -> None:
    sale = collection.set_sale_body(price=1, max_supply=400, hub_quota=260, max_per_buy=1)
    for body in (sale, collection.change_owner_body(new_owner=FAN)):
        assert full.owner(body).first.gas_used <= fees.COLLECTION_GAS_OWNER
    bodies = [
        hub.propose_hub_body(hub=FAN),
        hub.propose_admin_body(admin=FAN),
        hub.set_limits_body(minter_cap=1, payer_cap=1),
        hub.set_shares_body(method=5, share_bps=2),
    ]
    for body in bodies:
        assert full.admin(body).first.gas_used <= fees.HUB_GAS_ADMIN


def test_accounts_fit_the_cells_that_their_reserves_pay_for(full: Shop) -> None:
    long = metadata.release_content(
        "ipfs://" + "c" * 100,
        metadata.EditionContent(
            "T" * metadata.MAX_TITLE_BYTES, "u" * 120, "i" * 120, "d" * 1000, "a" * 64, "b" * 60
        ),
    )
    fullest = Shop(content=long)
    assert fullest.sandbox.account(fullest.collection).cells <= fees.COLLECTION_CELLS
    full.admin(hub.propose_hub_body(hub=FAN))
    full.admin(hub.propose_admin_body(admin=FAN))
    assert full.sandbox.account(full.hub).cells <= fees.HUB_CELLS


def test_content_that_outgrows_the_reserve_is_refused() -> None:
    huge = metadata.release_content(
        "ipfs://c", metadata.EditionContent("T", "ipfs://r", "ipfs://i", "d" * 4000)
    )
    with pytest.raises(ValueError, match="cells"):
        collection_params(content=huge).validate()


def test_prices_are_read_from_the_configuration() -> None:
    cells = [config_param(number) for number in (18, 21, 25)]
    assert all(cells)
    assert fees.prices_from_config(*[cell for cell in cells if cell]) == fees.JUNE_2026


def test_the_chain_and_python_agree_on_every_fee(shop: Shop) -> None:
    trace = shop.buy(3)
    outcome = trace.first
    assert outcome.total_fees > fees.JUNE_2026.gas(outcome.gas_used)
    assert shop.cost(7, gift=True) == fees.mint_cost(
        7, gift=True, referred=False, price=shop.params.price, platform_bps=1000
    )


def test_the_benchmark_measures_every_row() -> None:
    rows = {row.name: row for row in measure()}
    missed = {name for name, row in rows.items() if row.won is False}
    assert missed <= {"gift with its receipt, contracts' gas"}
    assert sum(row.won is not None for row in rows.values()) >= 8
