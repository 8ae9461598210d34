"""What our contracts cost, beside the best public figures: ``python -m deploy.bench.chain``.

Every number is measured from traces on the real TVM under June-2026 prices, so it is the same on
every machine. Fees of a trace are balances before minus after, the payer's wallet included (1 937
gas; a wallet v5 is printed beside). A row that does not reach its target is printed as missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from pytoniq_core import Address

from contracts import collection, fees, hub, item, metadata
from contracts.codes import code
from deploy.local.ton.payers import PlainPayer, W5Payer, outgoing
from deploy.local.ton.sandbox import COIN, START, Sandbox, Trace

FOLDER: Final = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
PRICE: Final = 10 * COIN
METHOD: Final = 1


@dataclass(frozen=True)
class Row:
    """One measurement. ``floor``: our target; ``best_public``: the best figure known elsewhere.

    ``ratio``: value / floor (for counts floor / value): at most 1 when won. ``won`` is None for a
    row that is only printed beside.
    """

    name: str
    value: float
    unit: str
    floor: float | None
    best_public: float | None
    ratio: float | None
    won: bool | None


def _row(
    name: str,
    value: float,
    unit: str,
    floor: float | None = None,
    best: float | None = None,
    *,
    more_is_better: bool = False,
) -> Row:
    if floor is None:
        return Row(name, value, unit, None, best, None, None)
    ratio = floor / value if more_is_better else value / floor
    return Row(name, value, unit, floor, best, round(ratio, 4), ratio <= 1)


def _person(number: int) -> Address:
    return Address((0, number.to_bytes(32, "big")))


class World:
    """A hub, one collection on sale, and funded wallets."""

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.fan = PlainPayer(self.sandbox, 1, 10_000 * COIN)
        self.artist = PlainPayer(self.sandbox, 2, 1000 * COIN)
        self.operator = PlainPayer(self.sandbox, 3, 1000 * COIN)
        self.payout = _person(77)
        self.sandbox.fund(self.payout, COIN)
        self.hub = self._hub()
        self.collection = self._collection()
        self._batch = 0
        self.operator.pay(outgoing(self.hub, COIN, hub.set_shares_body(method=METHOD, share_bps=0)))

    def _hub(self) -> Address:
        operator = self.operator.address
        until = START + 10**8
        params = hub.HubParams(
            operator, _person(78), operator, operator, until, until, 100_000, 1000 * COIN
        )
        address = hub.address(params)
        self.sandbox.fund(address, COIN, hub.state_init(params))
        return address

    def _collection(self) -> Address:
        edition = metadata.EditionContent("Midnight Bus", f"{FOLDER}/r.json", f"{FOLDER}/c.png")
        params = collection.CollectionParams(
            7,
            self.artist.address,
            self.payout,
            self.hub,
            metadata.release_content(f"{FOLDER}/c.json", edition),
            PRICE,
            max_supply=10_000,
            hub_quota=5_000,
            max_per_buy=200,
            platform_bps=1000,
        )
        address = collection.address(params)
        init = collection.state_init(params)
        value = fees.collection_deploy_value()
        self.artist.pay(outgoing(address, value, collection.deploy_body(), init=init))
        return address

    def buy_message(self, quantity: int, value: int = 0) -> tuple[Address, int]:
        cost = fees.mint_cost(quantity, gift=False, referred=False, price=PRICE, platform_bps=1000)
        return self.collection, value or cost

    def buy(self, payer: PlainPayer | W5Payer, quantity: int) -> Trace:
        dest, value = self.buy_message(quantity)
        body = collection.buy_body(query_id=1, quantity=quantity, max_unit_price=PRICE)
        return _whole(payer.pay(outgoing(dest, value, body)))

    def settle(self, count: int) -> Trace:
        parts = [hub.SettlePart(self.collection, 0, 1, [_person(i + 1000) for i in range(count)])]
        body = hub.settle_body(
            batch=self._batch, orders_sha256=b"\x01" * 32, method=METHOD, parts=parts
        )
        self._batch += 1
        value = fees.settle_cost([count]) + COIN // 10
        return _whole(self.operator.pay(outgoing(self.hub, value, body)))

    def gift(self) -> Trace:
        body = collection.gift_body(recipients=[_person(5)])
        return _whole(self.artist.pay(outgoing(self.collection, COIN, body)))

    def gas_at(self, trace: Trace, *accounts: Address) -> int:
        return sum(step.outcome.gas_used for account in accounts for step in trace.at(account))

    def item_of(self, trace: Trace) -> Address:
        for step in trace.steps:
            state = self.sandbox.account(step.account)
            if state.code is not None and state.code.hash == code("item").hash:
                return step.account
        raise RuntimeError("no item was minted")


def _whole(trace: Trace) -> Trace:
    for step in trace.steps:
        if step.outcome.exit_code not in (0, None) or step.outcome.action_code not in (0, None):
            raise RuntimeError(f"a measured trace failed at {step.account.to_str()}")
    return trace


def measure() -> Iterator[Row]:
    """Yield every row: what an action burns, beside the aim and the best public figure."""
    world = World()
    yield from _minting(world)
    yield from _selling(world)


def _minting(world: World) -> Iterator[Row]:
    one = world.settle(1)
    gas = world.gas_at(one, world.collection, world.item_of(one))
    yield _row("mint one with receipt, contracts' gas", gas, "gas", 10_000, 10_469)
    handled = one.at(world.hub)[-1].outcome.gas_used
    yield _row("  the hub's handling of that receipt", handled, "gas")
    gift = world.gift()
    gas = world.gas_at(gift, world.collection, world.item_of(gift))
    yield _row("gift with its receipt, contracts' gas", gas, "gas", 10_000, 10_469)
    each = world.settle(100).burned / 100 / COIN
    yield _row("mint 100 through the hub, each", each, "coin", 0.00072, 0.00128)
    most = fees.MAX_BATCH
    world.settle(most)
    yield _row("largest batch in one transaction", most, "items", 250, 128, more_is_better=True)


def _selling(world: World) -> Iterator[Row]:
    before = world.sandbox.balance(world.fan.address)
    sale = world.buy(world.fan, 1)
    spent = before - world.sandbox.balance(world.fan.address) - PRICE
    bought = world.item_of(sale)
    notify = item.transfer_body(
        new_owner=world.payout, response=world.fan.address, forward_amount=1
    )
    transfer = _whole(world.fan.pay(outgoing(bought, COIN // 10, notify)))
    gas = world.gas_at(transfer, bought)
    yield _row("transfer with notification, gas", gas, "gas", 7_600, 8_606)
    yield _row("pay artist and hub + mint one", sale.burned / COIN, "coin", 0.0019, 0.00222)
    each = world.buy(world.fan, 100).burned / 100 / COIN
    yield _row("buy 100 in one message, each", each, "coin", 0.00065)
    yield _row("out of pocket per edition", spent / COIN, "coin", 0.0088, 0.0515)
    w5 = W5Payer(world.sandbox, b"\x07" * 32, 10_000 * COIN)
    burned = world.buy(w5, 1).burned / COIN
    yield _row("  pay artist and hub + mint one, from a wallet v5", burned, "coin")
    yield _row("  cells of a whole item", world.sandbox.account(bought).cells, "cells", 10, 17)


def main() -> int:
    """Print the table, then the same as JSON lines."""
    rows = list(measure())
    print(f"{'action':<52}{'ours':>12}{'at most':>10}{'public':>10}  unit")
    for row in rows:
        mark = {True: "won", False: "MISSED", None: ""}[row.won]
        value = f"{row.value:.6f}" if row.unit == "coin" else f"{row.value:.0f}"
        floor, best = ("" if x is None else f"{x:g}" for x in (row.floor, row.best_public))
        print(f"{row.name:<52}{value:>12}{floor:>10}{best:>10}  {row.unit:<6} {mark}")
    for row in rows:
        print(json.dumps(asdict(row)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
