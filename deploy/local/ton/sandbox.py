"""A small chain in memory: delivers messages in order over the real TVM.

For tests and measurements. Messages are delivered first in, first out; the clock stands still
unless it is moved. The fees of a trace are counted by balances before minus after, because the
sum of ``total_fees`` misses the part of each forward fee that travels in the message.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from pytoniq_core import Address, Cell, StateInit, begin_cell

from deploy.local.ton.accounts import AccountState, read_account
from deploy.local.ton.config import BASECHAIN_FORWARD
from deploy.local.ton.tvm import EMPTY_ACCOUNT, Engine, GetResult, Outcome, Tvm

COIN: Final = 10**9
GENESIS: Final = Address((0, b"\x00" * 32))
START: Final = 1_800_000_000
_LT_STEP: Final = 1_000_000
_MAX_STEPS: Final = 5_000


@dataclass(frozen=True)
class Message:
    """An internal message as it was delivered. Amounts in nano."""

    source: Address
    dest: Address
    value: int
    bounce: bool
    bounced: bool
    body: Cell
    cell: Cell


@dataclass(frozen=True)
class Step:
    """One transaction of a trace. ``message`` is None for an external message."""

    account: Address
    message: Message | None
    outcome: Outcome
    events: tuple[Cell, ...] = ()


@dataclass
class Trace:
    """Everything that followed from one message."""

    steps: list[Step] = field(default_factory=list)
    burned: int = 0

    def at(self, account: Address) -> list[Step]:
        """Return the transactions of one account, in order."""
        return [step for step in self.steps if step.account == account]

    def messages_to(self, account: Address) -> list[Message]:
        """Return what one account received, in order."""
        return [step.message for step in self.at(account) if step.message is not None]

    @property
    def first(self) -> Outcome:
        """Return the outcome of the message that started the trace."""
        return self.steps[0].outcome


def count_cells(root: Cell) -> tuple[int, int]:
    """Return cells and bits below a root, equal cells counted once, the root not at all."""
    seen: set[bytes] = set()
    bits = 0
    stack = list(root.refs)
    while stack:
        cell = stack.pop()
        if cell.hash in seen:
            continue
        seen.add(cell.hash)
        bits += len(cell.bits)
        stack.extend(cell.refs)
    return len(seen), bits


def forward_fee(message: Cell) -> int:
    """Return the whole forward fee of a message, in nano."""
    cells, bits = count_cells(message)
    prices = BASECHAIN_FORWARD
    return prices.lump - (-(prices.bit * bits + prices.cell_price * cells) >> 16)


def internal_message(  # every header field that a test may want to choose
    source: Address,
    dest: Address,
    value: int,
    body: Cell | None = None,
    *,
    init: StateInit | None = None,
    bounce: bool = True,
    bounced: bool = False,
    lt: int = 0,
    now: int = START,
) -> Cell:
    """Build an internal message with StateInit and body by reference and a true forward fee."""
    fee = 0
    for _ in range(2):  # the fee does not depend on itself: the root cell is not counted
        builder = begin_cell().store_bits("01").store_bit_int(int(bounce))
        builder.store_bit_int(int(bounced)).store_address(source).store_address(dest)
        builder.store_coins(value).store_bit_int(0).store_coins(0).store_coins(fee)
        builder.store_uint(lt, 64).store_uint(now, 32)
        if init is None:
            builder.store_bit_int(0)
        else:
            builder.store_bits("11").store_ref(init.serialize())
        if body is None:
            builder.store_bit_int(0)
        else:
            builder.store_bit_int(1).store_ref(body)
        cell = builder.end_cell()
        whole = forward_fee(cell)
        fee = whole - (whole * BASECHAIN_FORWARD.first_fraction >> 16)
    return cell


def external_message(dest: Address, body: Cell, init: StateInit | None = None) -> Cell:
    """Build an external-in message."""
    builder = begin_cell().store_bits("1000").store_address(dest).store_coins(0)
    if init is None:
        builder.store_bit_int(0)
    else:
        builder.store_bits("11").store_ref(init.serialize())
    return builder.store_bit_int(1).store_ref(body).end_cell()


@lru_cache(maxsize=1024)
def read_message(cell: Cell) -> Message | None:
    """Read an internal message; None for an external one. A trace asks for each several times."""
    data = cell.begin_parse()
    if data.load_bit():
        return None
    data.load_bit()
    bounce, bounced = bool(data.load_bit()), bool(data.load_bit())
    source, dest, value = data.load_address(), data.load_address(), data.load_coins()
    data.load_maybe_ref()
    data.load_coins()
    data.load_coins()
    data.load_bits(96)
    if data.load_bit():
        if data.load_bit():
            data.load_ref()
        else:
            _skip_state_init(data)
    body = data.load_ref() if data.load_bit() else data.to_cell()
    if not isinstance(source, Address) or not isinstance(dest, Address):
        raise TypeError("an internal message between standard addresses was expected")
    return Message(source, dest, value, bounce, bounced, body, cell)


def event_body(cell: Cell) -> Cell:
    """Return the body of an external-out message (a contract's event)."""
    data = cell.begin_parse()
    data.load_bits(2)
    data.load_address()
    data.load_address()
    data.load_bits(64 + 32 + 1)
    return data.load_ref() if data.load_bit() else data.to_cell()


def _skip_state_init(data: Any) -> None:
    if data.load_bit():
        data.load_bits(5)
    if data.load_bit():
        data.load_bits(2)
    for _ in range(3):
        data.load_maybe_ref()


class Sandbox:
    """Accounts, a clock and a queue."""

    def __init__(self, engine: Engine = "tonpy", now: int = START) -> None:
        self.tvm = Tvm(engine)
        self.now = now
        self._lt = _LT_STEP
        self._accounts: dict[bytes, Cell] = {}

    def account(self, address: Address) -> AccountState:
        """Return an account's balance, status, code and data."""
        return read_account(self.shard_account(address))

    def shard_account(self, address: Address) -> Cell:
        """Return an account as the executor knows it."""
        return self._accounts.get(_key(address), EMPTY_ACCOUNT)

    def balance(self, address: Address) -> int:
        """Return a balance in nano."""
        return self.account(address).balance

    def total(self) -> int:
        """Return all coins of all accounts, in nano."""
        return sum(read_account(cell).balance for cell in self._accounts.values())

    def send(  # the arguments of a message
        self,
        source: Address,
        dest: Address,
        value: int,
        body: Cell | None = None,
        *,
        init: StateInit | None = None,
        bounce: bool = True,
    ) -> Trace:
        """Deliver an internal message as if ``source`` had sent it; its value is new coins."""
        self._lt += _LT_STEP
        cell = internal_message(
            source, dest, value, body, init=init, bounce=bounce, lt=self._lt - 1, now=self.now
        )
        trace = self._run(dest, cell)
        trace.burned += value
        return trace

    def send_external(self, dest: Address, body: Cell, init: StateInit | None = None) -> Trace:
        """Deliver an external message and everything that follows from it."""
        return self._run(dest, external_message(dest, body, init))

    def deliver(self, dest: Address, message: Cell) -> Trace:
        """Deliver any message cell as it is (bounced ones, for example)."""
        return self._run(dest, message)

    def fund(self, address: Address, amount: int, init: StateInit | None = None) -> None:
        """Give an account new coins, and its code when ``init`` is given."""
        self.send(GENESIS, address, amount, init=init, bounce=False)

    def get(self, address: Address, method: str, *arguments: Any) -> list[Any]:
        """Run a get-method; raises RuntimeError with the exit code when it fails."""
        result = self.run_method(address, method, *arguments)
        if result.exit_code not in (0, 1):
            raise RuntimeError(f"{method} ended with exit code {result.exit_code}")
        return result.stack

    def run_method(self, address: Address, method: str, *arguments: Any) -> GetResult:
        """Run a get-method and return its exit code and gas too."""
        state = self.account(address)
        if state.code is None or state.data is None:
            raise RuntimeError(f"{address.to_str()} has no code")
        return self.tvm.get_method(
            code=state.code,
            data=state.data,
            address=address.to_str(is_user_friendly=False),
            balance=state.balance,
            now=self.now,
            method=method,
            stack=list(arguments),
        )

    def snapshot(self) -> tuple[dict[bytes, Cell], int, int]:
        """Return a copy of the whole state, for ``restore``."""
        return dict(self._accounts), self.now, self._lt

    def restore(self, state: tuple[dict[bytes, Cell], int, int]) -> None:
        """Go back to a snapshot."""
        self._accounts, self.now, self._lt = dict(state[0]), state[1], state[2]

    def _run(self, dest: Address, message: Cell) -> Trace:
        trace = Trace()
        queue = deque([(dest, message)])
        before: dict[bytes, int] = {}
        while queue:
            account, cell = queue.popleft()
            before.setdefault(_key(account), self.balance(account))
            step = self._step(account, cell)
            trace.steps.append(step)
            if len(trace.steps) > _MAX_STEPS:
                raise RuntimeError("a trace without end")
            for sent in step.outcome.out_messages:
                parsed = read_message(sent)
                if parsed is not None:
                    queue.append((parsed.dest, sent))
        after = sum(self.balance(Address((0, key))) for key in before)
        trace.burned = sum(before.values()) - after
        return trace

    def _step(self, account: Address, cell: Cell) -> Step:
        self._lt += _LT_STEP
        outcome = self.tvm.transact(self.shard_account(account), cell, now=self.now, lt=self._lt)
        self._accounts[_key(account)] = outcome.shard_account
        events = tuple(sent for sent in outcome.out_messages if read_message(sent) is None)
        return Step(account, read_message(cell), outcome, events)


def _key(address: Address) -> bytes:
    return bytes(address.hash_part)
