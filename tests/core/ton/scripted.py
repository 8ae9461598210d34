"""A chain of real transaction cells for one account, and sources that tell of it as asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pytoniq_core import Builder
from pytoniq_core.boc.cell import Cell

from core.ton import addresses, codec, walk
from core.ton.client import (
    Account,
    ChainUnavailable,
    Head,
    RawTransaction,
    SourceFault,
    StackValue,
)

HUB = "0:" + "11" * 32
FAN = "0:" + "fa" * 32
COLLECTION = "0:" + "c0" * 32
COIN = 10**9


def internal(
    body: Cell, source: str = COLLECTION, value: int = COIN, *, bounced: bool = False
) -> Cell:
    """An internal message to the hub as it stands in a transaction."""
    head = Builder().store_bits("0" + "1" + "1" + ("1" if bounced else "0"))
    head.store_address(addresses.address(source)).store_address(addresses.address(HUB))
    head.store_coins(value).store_bit_int(0).store_coins(0).store_coins(0)
    head.store_uint(0, 64).store_uint(0, 32)
    made: Cell = head.store_bit_int(0).store_bit_int(1).store_ref(body).end_cell()
    return made


def external(body: Cell) -> Cell:
    head = Builder().store_bits("10" + "00").store_address(addresses.address(HUB))
    made: Cell = head.store_coins(0).store_bit_int(0).store_bit_int(1).store_ref(body).end_cell()
    return made


def body_of(op: int, *fields: tuple[int, int]) -> Cell:
    """A body: op code, then (value, bits) fields."""
    builder = Builder().store_uint(op, 32)
    for value, bits in fields:
        builder.store_uint(value, bits)
    made: Cell = builder.end_cell()
    return made


def _description(exit_code: int) -> Cell:
    vm = Builder().store_var_uint(100, 3).store_var_uint(1_000_000, 3).store_bit_int(0)
    vm.store_int(0, 8).store_int(exit_code, 32).store_bit_int(0).store_uint(10, 32)
    vm.store_bytes(bytes(64))
    good = exit_code == 0
    ord_ = Builder().store_bits("0000" + "0" + "0" + "0")
    ord_.store_bit_int(1).store_bits(("1" if good else "0") + "00").store_coins(0)
    ord_.store_ref(vm.end_cell()).store_bit_int(0).store_bit_int(0 if good else 1)
    made: Cell = ord_.store_bits("00").end_cell()
    return made


def transaction_cell(
    lt: int,
    prev: tuple[int, bytes],
    message: Cell | None,
    account: str = HUB,
    utime: int = 0,
    exit_code: int = 0,
) -> Cell:
    messages = Builder()
    if message is None:
        messages.store_bit_int(0)
    else:
        messages.store_bit_int(1).store_ref(message)
    update = Builder().store_uint(0x72, 8).store_bytes(bytes(64)).end_cell()
    cell = Builder().store_bits("0111").store_bytes(bytes.fromhex(account[2:]))
    cell.store_uint(lt, 64).store_bytes(prev[1]).store_uint(prev[0], 64)
    cell.store_uint(utime or int(time.time()), 32).store_uint(0, 15).store_bits("1010")
    cell.store_ref(messages.store_bit_int(0).end_cell()).store_coins(0).store_bit_int(0)
    made: Cell = cell.store_ref(update).store_ref(_description(exit_code)).end_cell()
    return made


@dataclass
class Chain:
    """Transactions of one account, oldest first; `seqno` grows with each."""

    account: str = HUB
    transactions: list[RawTransaction] = field(default_factory=list)
    seqno: int = 100
    step: int = 1_000_000

    def add(self, message: Cell | None, *, exit_code: int = 0, utime: int = 0) -> RawTransaction:
        prev = (0, bytes(32))
        if self.transactions:
            prev = (self.transactions[-1].lt, self.transactions[-1].hash)
        lt = prev[0] + self.step
        cell = transaction_cell(lt, prev, message, self.account, utime, exit_code)
        made = codec.transaction(cell.to_boc(), self.account)
        self.transactions.append(made)
        self.seqno += 1
        return made

    def sale(self, order: int, **how: int) -> RawTransaction:
        return self.add(internal(body_of(0x5A1E, (order, 64))), **how)

    def sales(self, count: int) -> None:
        for order in range(len(self.transactions) + 1, len(self.transactions) + count + 1):
            self.sale(order)

    def fork(self, keep: int) -> Chain:
        """Another chain with the same first `keep` transactions."""
        return Chain(self.account, self.transactions[:keep], self.seqno, self.step)


class Source:
    """A ChainClient that tells of a chain; the attributes make it lag, fail or lie."""

    def __init__(self, chain: Chain, name: str = "source") -> None:
        self.chain = chain
        self.name = name
        self.down = False
        self.behind = 0
        self.hidden = 0
        self.holes: set[int] = set()
        self.pages = 0
        self.answer: list[StackValue] = [1]

    def head(self) -> Head:
        if self.down:
            raise ChainUnavailable("down")
        return Head(self.chain.seqno - self.behind, int(time.time()) - self.behind)

    def account(self, address: str) -> Account:
        assert address == self.chain.account
        last = self.chain.transactions[-1] if self.chain.transactions else None
        return Account(
            "active",
            COIN,
            None,
            None,
            None,
            last.lt if last else 0,
            last.hash if last else bytes(32),
        )

    def run_get(
        self, address: str, method: str, stack: Sequence[StackValue] = ()
    ) -> list[StackValue]:
        if self.down:
            raise ChainUnavailable("down")
        return self.answer

    def transactions_page(
        self, address: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]:
        if self.down:
            raise ChainUnavailable("down")
        if address != self.chain.account:
            raise SourceFault("account", "another account")
        self.pages += 1
        shown = self.chain.transactions[: len(self.chain.transactions) - self.hidden]
        shown = [item for item in shown if item.lt > until_lt and item.lt not in self.holes]
        self.holes = set()
        if start is not None:
            shown = [item for item in shown if item.lt <= start[0]]
        return list(reversed(shown))[:limit]

    def transactions_since(
        self, address: str, lt: int, limit: int | None = None
    ) -> list[RawTransaction]:
        return walk.since(self, address, lt, limit)

    def send(self, boc: bytes) -> bytes:
        if self.down:
            raise ChainUnavailable("down")
        return boc[:32]
