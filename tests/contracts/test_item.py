"""TEP-62: the item. The cases of the official suite, and what ours adds."""

from __future__ import annotations

from typing import Any

import pytest
from pytoniq_core import Address, Builder, Cell, begin_cell

from contracts import collection, fees, item, opcodes, receipts
from contracts.cells import Reader
from deploy.local.ton.sandbox import COIN, Trace, count_cells
from tests.contracts.world import COLLECTOR, FAN, STRANGER, Shop, refused

LONG = begin_cell().store_uint(7, 900).store_ref(Cell.empty()).end_cell()


@pytest.fixture
def owned(shop: Shop) -> Address:
    """Return item 0, owned by the fan."""
    shop.buy()
    return shop.item(0)


def give(
    shop: Shop, which: Address, *, sender: Address = FAN, value: int = COIN, **fields: Any
) -> Trace:
    body = item.transfer_body(**{"new_owner": COLLECTOR, "response": FAN, **fields})
    return shop.sandbox.send(sender, which, value, body)


def inline_transfer(payload: Builder) -> Cell:
    """Return a transfer that carries its forward payload in the body itself."""
    body = begin_cell().store_uint(opcodes.TRANSFER, 32).store_uint(9, 64)
    body.store_address(COLLECTOR).store_address(None).store_bit_int(0).store_coins(5)
    return body.store_bit_int(0).store_cell(payload.end_cell()).end_cell()


def test_a_bought_item_knows_its_owner_and_collection(shop: Shop, owned: Address) -> None:
    data = shop.nft(0)
    assert (data.initialised, data.index, data.owner) == (True, 0, FAN)
    assert data.collection == shop.collection
    assert item.parse_data(shop.sandbox.account(owned).data or Cell.empty()).owner == FAN


def test_an_item_fits_ten_cells_and_keeps_its_endowment(shop: Shop, owned: Address) -> None:
    account = shop.sandbox.account(owned)
    assert account.cells <= fees.ITEM_CELLS
    assert account.balance >= fees.item_endowment()


def test_the_owner_gives_and_gets_the_rest_back(shop: Shop, owned: Address) -> None:
    trace = give(shop, owned)
    assert shop.nft(0).owner == COLLECTOR
    back = trace.messages_to(FAN)[0]
    assert receipts.parse_excesses(back.body) == 0
    assert back.value > COIN - fees.JUNE_2026.gas(fees.ITEM_GAS_TRANSFER) - COIN // 1000


def test_a_stranger_gives_nothing_away(shop: Shop, owned: Address) -> None:
    assert refused(give(shop, owned, sender=STRANGER), 401)
    assert shop.nft(0).owner == FAN


def test_the_former_owner_has_no_say(shop: Shop, owned: Address) -> None:
    give(shop, owned)
    assert refused(give(shop, owned), 401)


@pytest.mark.parametrize("amount", [0, 1, COIN // 2])
def test_the_new_owner_is_notified_only_when_coins_are_forwarded(
    shop: Shop, owned: Address, amount: int
) -> None:
    notes = give(shop, owned, forward_amount=amount, query_id=3).messages_to(COLLECTOR)
    assert [note.value for note in notes] == ([amount] if amount else [])
    for note in notes:
        found = item.parse_ownership_assigned(note.body)
        assert found is not None
        assert (found.query_id, found.previous_owner) == (3, FAN)


def test_a_payload_by_reference_arrives(shop: Shop, owned: Address) -> None:
    note = give(shop, owned, forward_amount=1, forward_payload=LONG).messages_to(COLLECTOR)[0]
    found = item.parse_ownership_assigned(note.body)
    assert found is not None
    assert found.payload.load_maybe_ref() == LONG


@pytest.mark.parametrize("bits", [0, 8, 149, 150, 151, 160, 500])
def test_an_inline_payload_of_any_length_arrives(shop: Shop, owned: Address, bits: int) -> None:
    payload = begin_cell().store_bits("1" * bits)
    note = shop.sandbox.send(FAN, owned, COIN, inline_transfer(payload)).messages_to(COLLECTOR)[0]
    found = item.parse_ownership_assigned(note.body)
    assert found is not None
    assert found.payload.to_cell().bits.to01() == "0" + "1" * bits


def test_a_transfer_without_the_payload_bit_is_refused(shop: Shop, owned: Address) -> None:
    body = begin_cell().store_uint(opcodes.TRANSFER, 32).store_uint(9, 64)
    body.store_address(COLLECTOR).store_address(None).store_bit_int(0).store_coins(5)
    assert refused(shop.sandbox.send(FAN, owned, COIN, body.end_cell()), 708)


def test_nobody_in_another_workchain_can_own_an_item(shop: Shop, owned: Address) -> None:
    assert refused(give(shop, owned, new_owner=Address((-1, b"\x01" * 32))), 333)
    assert refused(give(shop, owned, response=Address((-1, b"\x01" * 32))), 333)


def least_value(shop: Shop, owned: Address, **fields: Any) -> int:
    low, high = 0, COIN // 10
    state = shop.sandbox.snapshot()
    while high - low > 1:
        middle = (low + high) // 2
        accepted = give(shop, owned, value=middle, **fields).first.exit_code == 0
        low, high = (low, middle) if accepted else (middle, high)
        shop.sandbox.restore(state)
    return high


def test_dropping_a_message_lowers_the_least_value_by_one_forward_fee(
    shop: Shop, owned: Address
) -> None:
    lump = fees.JUNE_2026.forward()
    with_rest = least_value(shop, owned)
    assert with_rest - least_value(shop, owned, response=None) == lump
    notified = least_value(shop, owned, forward_amount=1)
    transfer = item.transfer_body(new_owner=COLLECTOR, response=FAN, forward_amount=1)
    envelope = begin_cell().store_ref(transfer).end_cell()
    cells, bits = count_cells(envelope)
    assert abs(notified - 1 - with_rest - fees.JUNE_2026.forward(bits, cells)) <= 3


def test_the_least_value_leaves_the_endowment(shop: Shop, owned: Address) -> None:
    trace = give(shop, owned, value=least_value(shop, owned, forward_amount=1), forward_amount=1)
    assert trace.first.action_code == 0
    assert shop.sandbox.balance(owned) == fees.item_endowment()


def test_too_little_value_is_refused_and_changes_nothing(shop: Shop, owned: Address) -> None:
    assert refused(give(shop, owned, value=COIN // 100, forward_amount=COIN // 50), 402)
    assert shop.nft(0).owner == FAN


def test_static_data_is_told_to_anyone(shop: Shop, owned: Address) -> None:
    trace = shop.sandbox.send(STRANGER, owned, COIN, item.get_static_data_body(query_id=4))
    found = item.parse_static_data(trace.messages_to(STRANGER)[0].body)
    assert found == item.StaticData(4, 0, shop.collection)


def test_an_unknown_operation_is_refused(shop: Shop, owned: Address) -> None:
    body = begin_cell().store_uint(12345, 32).store_uint(0, 64).end_cell()
    assert refused(shop.sandbox.send(FAN, owned, COIN, body), 0xFFFF)


def test_only_the_collection_can_initialise_an_item(shop: Shop) -> None:
    params = item.ItemParams(shop.collection, 0)
    body = begin_cell().store_address(STRANGER).end_cell()
    early = shop.sandbox.send(
        STRANGER, item.address(params), COIN, body, init=item.state_init(params)
    )
    assert refused(early, 405)
    shop.buy()
    assert shop.nft(0).owner == FAN


def test_a_second_initialisation_is_refused(shop: Shop, owned: Address) -> None:
    body = begin_cell().store_address(STRANGER).end_cell()
    assert shop.sandbox.send(shop.collection, owned, COIN, body).first.exit_code != 0
    assert shop.nft(0).owner == FAN


def test_an_item_that_ran_out_of_gas_can_be_initialised_again(shop: Shop) -> None:
    params = item.ItemParams(shop.collection, 0)
    body = begin_cell().store_address(FAN).end_cell()
    address = item.address(params)
    starved = shop.sandbox.send(
        shop.collection, address, 50_000, body, init=item.state_init(params)
    )
    assert starved.first.exit_code != 0
    shop.buy()
    assert shop.nft(0).owner == FAN


def test_coins_sent_without_bounce_come_back_with_the_next_transfer(
    shop: Shop, owned: Address
) -> None:
    body = begin_cell().store_uint(12345, 32).store_uint(0, 64).end_cell()
    shop.sandbox.send(STRANGER, owned, COIN, body, bounce=False)
    assert give(shop, owned).messages_to(FAN)[0].value > COIN


def test_a_bounced_notification_leaves_the_new_owner_in_place(shop: Shop, owned: Address) -> None:
    body = begin_cell().store_uint(0xFFFFFFFF, 32).end_cell()
    before = Reader(shop.sandbox.account(owned).data or Cell.empty()).bits_left
    assert shop.sandbox.send(STRANGER, owned, 1, body).first.exit_code in (None, 0, 9)
    assert Reader(shop.sandbox.account(owned).data or Cell.empty()).bits_left == before


def test_the_address_of_an_index_is_the_items_own(shop: Shop) -> None:
    shop.buy(3)
    for index in range(3):
        expected = item.address(item.ItemParams(shop.collection, index))
        assert shop.item(index) == expected
        assert shop.sandbox.account(expected).status == "active"
    found = collection.parse_collection_data(
        shop.sandbox.get(shop.collection, "get_collection_data")
    )
    assert found.next_item_index == 3
