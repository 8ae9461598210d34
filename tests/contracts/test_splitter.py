"""splitter: collaborators are paid to the nano, each in charge of his own address only."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytoniq_core import Address, begin_cell

from contracts import fees, receipts, splitter
from deploy.local.ton.sandbox import COIN, Sandbox, Trace
from tests.contracts.world import FAN, STRANGER, Shop, person, refused, succeeded

LUMP = fees.JUNE_2026.forward()


def shares(*bps: int) -> tuple[splitter.Share, ...]:
    return tuple(splitter.Share(person(f"payee {n}"), part) for n, part in enumerate(bps))


class Split:
    """A deployed splitter that holds some coins."""

    def __init__(self, *bps: int, coins: int = 10 * COIN) -> None:
        self.sandbox = Sandbox()
        self.params = splitter.SplitterParams(shares(*bps), threshold=COIN)
        self.address = splitter.address(self.params)
        reserve = fees.JUNE_2026.storage(fees.SPLITTER_CELLS, fees.TEN_YEARS)
        self.sandbox.fund(self.address, reserve + coins, splitter.state_init(self.params))
        lacking = reserve + coins - self.sandbox.balance(self.address)
        self.sandbox.fund(self.address, lacking + 5 * COIN // 1000)

    def distribute(self, value: int | None = None, sender: Address = STRANGER) -> Trace:
        amount = splitter.distribute_value(len(self.params.shares)) if value is None else value
        return self.sandbox.send(sender, self.address, amount, splitter.distribute_body())

    def paid(self) -> list[int]:
        return [self.sandbox.balance(share.address) for share in self.params.shares]


def test_everybody_gets_his_part_and_the_reserve_stays() -> None:
    split = Split(5000, 3000, 2000)
    trace = split.distribute()
    assert succeeded(trace)
    first, second, third = split.paid()
    total = first + second + third
    assert (first, second) == (total * 5000 // 10_000, total * 3000 // 10_000)
    reserve = fees.JUNE_2026.storage(fees.SPLITTER_CELLS, fees.TEN_YEARS)
    assert split.sandbox.balance(split.address) == reserve
    assert total + 3 * LUMP >= 10 * COIN


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=12),
    st.integers(COIN, 10**12),
)
def test_any_split_leaves_nothing_behind_but_the_reserve(weights: list[int], coins: int) -> None:
    whole = sum(weights)
    bps = [max(weight * 10_000 // whole, 1) for weight in weights]
    bps[-1] += 10_000 - sum(bps)
    if bps[-1] < 1:
        return
    split = Split(*bps, coins=coins)
    held = split.sandbox.balance(split.address)
    assert succeeded(split.distribute())
    left = split.sandbox.balance(split.address)
    paid = [amount for amount in split.paid() if amount]
    assert sum(paid) + len(paid) * LUMP + left == held
    assert left < fees.JUNE_2026.storage(fees.SPLITTER_CELLS, fees.TEN_YEARS) + 2 * LUMP


def test_fifty_payees_fit_one_message() -> None:
    split = Split(*[200] * 50, coins=100 * COIN)
    assert splitter.parse_split(split.sandbox.get(split.address, "get_split")) == (COIN, 50)
    assert split.sandbox.account(split.address).cells <= fees.SPLITTER_CELLS
    trace = split.distribute()
    assert succeeded(trace)
    assert trace.first.gas_used <= fees.SPLITTER_GAS_BASE + 50 * fees.SPLITTER_GAS_PAYEE
    assert min(split.paid()) > COIN


def test_nothing_is_distributed_below_the_threshold_or_without_gas() -> None:
    split = Split(5000, 5000, coins=COIN // 2)
    assert refused(split.distribute(), 477)
    rich = Split(5000, 5000)
    assert refused(rich.distribute(value=splitter.distribute_value(2) - 1), 402)


def test_each_payee_moves_only_his_own_address() -> None:
    split = Split(5000, 5000)
    new = person("moved")
    body = splitter.change_address_body(index=1, new_address=new)
    first, second = (share.address for share in split.params.shares)
    assert refused(split.sandbox.send(first, split.address, COIN, body), 401)
    assert refused(split.sandbox.send(STRANGER, split.address, COIN, body), 401)
    assert succeeded(split.sandbox.send(second, split.address, COIN, body))
    found = splitter.parse_payee(split.sandbox.get(split.address, "get_payee", 1))
    assert found == splitter.Share(new, 5000)
    assert refused(split.sandbox.send(second, split.address, COIN, body), 401)


def test_moving_an_address_among_fifty_costs_what_is_allowed_for() -> None:
    split = Split(*[200] * 50)
    body = splitter.change_address_body(index=49, new_address=FAN)
    trace = split.sandbox.send(person("payee 49"), split.address, COIN, body)
    assert succeeded(trace)
    assert trace.first.gas_used <= fees.SPLITTER_GAS_OWNER


def test_unknown_payees_and_operations_are_refused() -> None:
    split = Split(10_000)
    body = splitter.change_address_body(index=1, new_address=FAN)
    assert refused(split.sandbox.send(STRANGER, split.address, COIN, body), 468)
    odd = begin_cell().store_uint(77, 32).store_uint(0, 64).end_cell()
    assert refused(split.sandbox.send(STRANGER, split.address, COIN, odd), 65535)
    trace = split.sandbox.send(STRANGER, split.address, COIN, odd, bounce=False)
    assert receipts.parse_refused(trace.messages_to(STRANGER)[0].body) == receipts.Refused(65535)


def test_a_sale_pays_the_splitter() -> None:
    params = splitter.SplitterParams(shares(6000, 4000))
    shop = Shop(payout=splitter.address(params), payout_fixed=True)
    shop.sandbox.fund(splitter.address(params), COIN, splitter.state_init(params))
    assert succeeded(shop.buy())
    value = splitter.distribute_value(2)
    body = splitter.distribute_body()
    assert succeeded(shop.sandbox.send(FAN, splitter.address(params), value, body))
    assert shop.sandbox.balance(person("payee 0")) > 5 * COIN


@pytest.mark.parametrize(
    "wrong", [(), (9999,), (10_001,), (10_000, 0), tuple([200] * 51), (5000, 4000)]
)
def test_shares_that_make_no_whole_are_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        splitter.SplitterParams(shares(*wrong)).validate()


def test_a_threshold_at_which_the_smallest_share_is_lost_is_refused() -> None:
    """Distributed often enough, the last payee would take what is too small to send."""
    few = shares(50, 50, 9900)
    with pytest.raises(ValueError, match="not worth sending"):
        splitter.SplitterParams(few, threshold=splitter.MIN_THRESHOLD).validate()
    splitter.SplitterParams(few, threshold=COIN).validate()
    splitter.SplitterParams(shares(1, 9999), threshold=COIN).validate()
