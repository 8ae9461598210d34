"""settle and mint: editions that were paid for off chain, exactly once."""

from __future__ import annotations

import pytest
from pytoniq_core import Cell, begin_cell

from contracts import fees, hub, opcodes, receipts
from contracts.cells import recipient_list
from deploy.local.ton.sandbox import COIN, START, Trace, event_body, internal_message
from tests.contracts.world import (
    METHOD,
    MINTER,
    STRANGER,
    Shop,
    crowd,
    person,
    refused,
    succeeded,
)


def receipts_of(shop: Shop, trace: Trace) -> list[receipts.MintReceipt]:
    found = (receipts.parse_mint_receipt(message.body) for message in trace.messages_to(shop.hub))
    return [receipt for receipt in found if receipt is not None]


def bounces_of(shop: Shop, trace: Trace) -> list[receipts.MintOrder]:
    found = (receipts.parse_bounced_mint(message.body) for message in trace.messages_to(shop.hub))
    return [order for order in found if order is not None]


def mint_body(count: int, recipients: Cell, **changes: int) -> Cell:
    """Return ``mint`` with any list, as a hub could send it."""
    terms = {"batch": 0, "part": 0, "method": METHOD, "gross": 50, "share": 3000} | changes
    body = begin_cell().store_uint(opcodes.MINT, 32).store_uint(terms["batch"], 64)
    body.store_uint(terms["part"], 8).store_uint(terms["method"], 8).store_uint(count, 16)
    body.store_uint(terms["gross"], 96).store_uint(terms["share"], 16)
    return body.store_ref(recipients).end_cell()


def from_hub(shop: Shop, body: Cell, value: int = COIN) -> Trace:
    return shop.sandbox.send(shop.hub, shop.collection, value, body)


def chain(lengths: list[int]) -> Cell:
    """Return a list with these numbers of recipients per cell."""
    tail: Cell | None = None
    for length in reversed(lengths):
        builder = begin_cell()
        for number in range(length):
            builder.store_bytes(person(f"{length} {number}").hash_part)
        if tail is not None:
            builder.store_ref(tail)
        tail = builder.end_cell()
    return tail or Cell.empty()


def test_a_batch_mints_and_is_proved_by_its_receipt(shop: Shop) -> None:
    trace = shop.settle([3])
    assert succeeded(trace)
    assert receipts_of(shop, trace) == [receipts.MintReceipt(0, 0, 0, 3)]
    assert [shop.nft(index).owner for index in range(3)] == crowd(3)
    assert shop.totals() == hub.Totals(3000, 3, 150, 45)
    assert shop.sale().hub_minted == 3


def test_the_rest_goes_back_to_the_minter(shop: Shop) -> None:
    own = shop.sandbox.balance(shop.hub), shop.sandbox.balance(shop.collection)
    trace = shop.settle([2], value=COIN)
    assert sum(message.value for message in trace.messages_to(MINTER)) > COIN * 95 // 100
    assert (shop.sandbox.balance(shop.hub), shop.sandbox.balance(shop.collection)) == own


def test_a_batch_number_counts_once(shop: Shop) -> None:
    assert succeeded(shop.settle(batch=0))
    before = shop.fingerprint()
    assert refused(shop.settle(batch=0), 472)
    assert refused(shop.settle(batch=2), 472)
    assert shop.fingerprint() == before
    assert succeeded(shop.settle(batch=1))


def test_the_same_collection_twice_in_one_batch(shop: Shop) -> None:
    trace = shop.settle([2, 3])
    assert [r.first_index for r in receipts_of(shop, trace)] == [0, 2]
    assert shop.totals().count == 5


def test_a_refused_part_leaves_the_totals_and_the_others_stand(shop: Shop) -> None:
    trace = shop.settle([2, 251 - 2, 3])
    assert [order.part for order in bounces_of(shop, trace)] == [1]
    assert [receipt.part for receipt in receipts_of(shop, trace)] == [0, 2]
    assert shop.totals() == hub.Totals(3000, 5, 250, 75)
    assert shop.limits().minter_left == 1000 - 2 - 249 - 3


def test_a_bounce_is_announced_and_its_value_goes_to_the_minter(shop: Shop) -> None:
    trace = shop.settle([1], collections=[person("no collection at all")])
    step = next(step for step in trace.at(shop.hub) if step.events)
    event = receipts.parse_settlement_returned(event_body(step.events[0]))
    assert event is not None
    assert (event.collection, event.order.count) == (person("no collection at all"), 1)
    assert trace.messages_to(MINTER)[-1].value > COIN // 200
    assert shop.totals() == hub.Totals(3000, 0, 0, 0)


@pytest.mark.parametrize("value", [700_000, 800_000, COIN])
def test_a_bounce_too_poor_to_be_returned_still_leaves_the_totals(shop: Shop, value: int) -> None:
    shop.settle([1])
    bits = begin_cell().store_uint(0xFFFFFFFF, 32).store_bits(mint_body(1, Cell.empty()).bits)
    message = internal_message(
        shop.collection, shop.hub, value, bits.end_cell(), bounced=True, bounce=False
    )
    assert succeeded(shop.sandbox.deliver(shop.hub, message))
    assert shop.totals() == hub.Totals(3000, 0, 0, 0)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 100, 250])
def test_the_value_that_the_hub_sends_is_enough_for_any_count(shop: Shop, count: int) -> None:
    assert succeeded(shop.settle([count]))
    assert shop.sale().next_item_index == count


def test_two_hundred_and_fifty_in_one_transaction_within_the_limits(shop: Shop) -> None:
    trace = shop.settle([250])
    outcome = trace.at(shop.collection)[0].outcome
    assert len(outcome.out_messages) == 251
    assert outcome.gas_used < 1_000_000
    assert outcome.exit_code == outcome.action_code == 0


def test_more_than_a_batch_is_refused(shop: Shop) -> None:
    body = mint_body(251, chain([3] * 83 + [2]))
    big = Shop(max_supply=500, hub_quota=400)
    assert from_hub(big, body, 10 * COIN).first.exit_code == 399


def test_paused_ended_and_sold_out_to_the_public_it_still_mints() -> None:
    shop = Shop(max_supply=3, hub_quota=2, paused=True, ends_at=START + 1)
    shop.sandbox.now = START + 100
    assert succeeded(shop.settle([2]))
    assert bounces_of(shop, shop.settle([1]))


@pytest.mark.parametrize("lengths", [[2], [4 - 1, 1 + 1], [1, 1], [3, 3]])
def test_a_list_that_is_not_count_long_is_refused(shop: Shop, lengths: list[int]) -> None:
    before = shop.fingerprint()
    trace = from_hub(shop, mint_body(3 if sum(lengths) != 3 else 4, chain(lengths)))
    assert trace.first.exit_code == 403
    assert shop.fingerprint()[0] == before[0]


def test_a_list_of_broken_cells_is_refused(shop: Shop) -> None:
    crooked = begin_cell().store_uint(1, 255).end_cell()
    extra = begin_cell().store_uint(1, 256).store_ref(Cell.empty()).end_cell()
    assert from_hub(shop, mint_body(1, crooked)).first.exit_code == 9
    assert from_hub(shop, mint_body(1, extra)).first.exit_code == 403
    assert from_hub(shop, mint_body(1, Cell.empty())).first.exit_code == 403


@pytest.mark.parametrize("depth", [84, 250])
def test_a_long_thin_list_is_minted(shop: Shop, depth: int) -> None:
    trace = from_hub(shop, mint_body(depth, chain([1] * depth)), 5 * COIN)
    assert trace.first.exit_code == trace.first.action_code == 0


@pytest.mark.parametrize("depth", [253, 510, 511])
def test_a_list_too_deep_to_send_on_is_refused_by_the_hub(shop: Shop, depth: int) -> None:
    tail = Cell.empty()
    for _ in range(depth - 3):
        tail = begin_cell().store_ref(tail).end_cell()
    before = shop.fingerprint()
    trace = shop.sandbox.send(MINTER, shop.hub, COIN, settle_with(shop, tail))
    expected = 478 if depth > 258 else None
    if expected is not None:
        assert trace.first.exit_code == expected
        assert shop.fingerprint() == before
    else:
        assert trace.first.action_code == 0
        assert bounces_of(shop, trace)
    assert shop.totals().count == 0


def settle_with(shop: Shop, recipients: Cell) -> Cell:
    part = begin_cell().store_bytes(shop.collection.hash_part).store_uint(0, 8).store_uint(1, 16)
    part.store_uint(50, 96).store_ref(recipients).store_bit_int(0)
    body = begin_cell().store_uint(opcodes.SETTLE, 32).store_uint(0, 64).store_uint(1, 256)
    return body.store_uint(METHOD, 8).store_ref(part.end_cell()).end_cell()


def test_a_stranger_settles_nothing(shop: Shop) -> None:
    before = shop.fingerprint()
    assert refused(shop.settle(sender=STRANGER), 401)
    assert shop.fingerprint() == before


def test_an_unknown_method_is_refused(shop: Shop) -> None:
    body = hub.settle_body(
        batch=0,
        orders_sha256=b"\x01" * 32,
        method=9,
        parts=[hub.SettlePart(shop.collection, 0, 1, crowd(1))],
    )
    assert refused(shop.sandbox.send(MINTER, shop.hub, COIN, body), 474)


def test_a_settlement_needs_the_value_that_we_compute(shop: Shop) -> None:
    cost = fees.settle_cost([2, 1])
    assert refused(shop.settle([2, 1], value=cost - 1), 402)
    assert succeeded(shop.settle([2, 1], value=cost))


def test_mint_with_any_value_ends_in_receipt_or_bounce(shop: Shop) -> None:
    state = shop.sandbox.snapshot()
    cost = fees.batch_cost(1)
    floor = 600_000
    for value in [*range(0, cost + 500_000, cost // 60), cost - 1, cost, cost + 1]:
        shop.sandbox.restore(state)
        trace = from_hub(shop, mint_body(1, recipient_list(crowd(1))), value)
        ends = len(receipts_of(shop, trace)) + len(bounces_of(shop, trace))
        assert ends == 1 if value >= floor else ends <= 1
        assert bool(receipts_of(shop, trace)) == (value >= cost)


def test_the_allowance_refills_evenly_and_midnight_doubles_nothing(shop: Shop) -> None:
    midnight = START - START % hub.DAY + hub.DAY
    shop.sandbox.now = midnight - 60
    for count in (250, 250, 250, 250):
        shop.settle([count], collections=[person("elsewhere")])
    assert refused(shop.settle([1]), 473)
    shop.sandbox.now = midnight + 60
    assert shop.limits().minter_left == 1
    assert refused(shop.settle([2]), 473)
    shop.sandbox.now = midnight + hub.DAY * 10
    assert shop.limits().minter_left == 1000


def test_drawing_often_loses_no_allowance(shop: Shop) -> None:
    for count in (250, 250, 250, 250):
        shop.settle([count], collections=[person("elsewhere")])
    minted = 0
    for _ in range(100):
        shop.sandbox.now += 60
        minted += shop.settle([1], collections=[person("x")]).first.exit_code == 0
    assert minted == 6000 * 1000 // hub.DAY


def test_a_stolen_minter_key_lowers_no_balance(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 50 * COIN)
    hub_before = shop.sandbox.balance(shop.hub)
    own = shop.sandbox.balance(shop.collection)
    for counts in ([250], [1], [100, 100], [1, 1, 1]):
        for value in (None, COIN, 20 * COIN):
            shop.settle(counts, value=value)
            shop.settle(counts, value=value, collections=[person("elsewhere")] * len(counts))
    assert shop.sandbox.balance(shop.hub) >= hub_before
    assert shop.sandbox.balance(shop.collection) >= own
    assert shop.sale().hub_minted <= 250


def test_a_mint_receipt_from_anyone_changes_nothing(shop: Shop) -> None:
    body = begin_cell().store_uint(opcodes.MINT_RECEIPT, 32).store_uint(0, 64).store_uint(0, 56)
    before = shop.fingerprint()
    for value in (0, 1, 100_000, COIN):
        shop.sandbox.send(STRANGER, shop.hub, value, body.end_cell())
    assert shop.fingerprint()[:2] == before[:2]
