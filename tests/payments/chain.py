"""A chain for the shop's tests: the real contracts in the real TVM, told by one source.

What is sent here goes through the hub's and the collections' own code; the follower, the terms and
the history read the very transactions that came out.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pytoniq_core import Address, Cell, StateInit, begin_cell

from contracts import collection as collection_contract
from contracts import fees
from contracts import hub as hub_contract
from contracts.collection import CollectionParams
from core.ton import codec, walk
from core.ton.addresses import address, parse, raw
from core.ton.client import (
    Account,
    ChainUnavailable,
    GetMethodFailed,
    Head,
    RawTransaction,
    StackValue,
)
from deploy.local.ton.sandbox import Sandbox, Trace

COIN = 10**9


def wallet(number: int) -> Address:
    """A basechain address that nobody has used yet."""
    return Address((0, number.to_bytes(32, "big")))


ADMIN, TREASURY, MINTER, PAYER = (wallet(0xAD00 + number) for number in range(4))


@dataclass
class World:
    """One hub and what is deployed beside it. The clock is the wall's until it is moved."""

    sandbox: Sandbox = field(default_factory=Sandbox)
    silent: bool = False

    def __post_init__(self) -> None:
        self.sandbox.now = int(time.time())
        self.transactions: dict[str, list[RawTransaction]] = defaultdict(list)
        params = hub_contract.HubParams(
            admin=ADMIN,
            treasury=TREASURY,
            minter=MINTER,
            payer=PAYER,
            minter_until=2**31,
            payer_until=2**31,
            minter_cap=1000,
            payer_cap=1000 * COIN,
        )
        self.hub = hub_contract.address(params)
        self.send(ADMIN, self.hub, COIN, init=hub_contract.state_init(params), bounce=False)

    # --- writing ------------------------------------------------------------------------------

    def send(
        self,
        source: Address,
        dest: Address,
        value: int,
        body: Cell | None = None,
        *,
        init: StateInit | None = None,
        bounce: bool = True,
    ) -> Trace:
        """Deliver a message as if `source` had sent it, and keep every transaction it caused."""
        trace = self.sandbox.send(source, dest, value, body, init=init, bounce=bounce)
        for step in trace.steps:
            if step.outcome.transaction is not None:
                name = raw(step.account)
                boc = step.outcome.transaction.to_boc()
                self.transactions[name].append(codec.transaction(boc, name, 1))
        return trace

    def deploy(self, params: CollectionParams) -> None:
        self.send(
            params.owner,
            collection_contract.address(params),
            COIN,
            collection_contract.deploy_body(),
            init=collection_contract.state_init(params),
        )

    def connect(self, transaction: dict[str, Any], sender: Address) -> Trace:
        """Do what a wallet does with a TON Connect transaction once its owner has signed.

        The trace of the last message.
        """
        traces = [self._signed(message, sender) for message in transaction["messages"]]
        return traces[-1]

    def _signed(self, message: dict[str, str], sender: Address) -> Trace:
        cells = [
            Cell.one_from_boc(message[name]) if name in message else None
            for name in ("payload", "stateInit")
        ]
        init = StateInit.deserialize(cells[1].begin_parse()) if cells[1] is not None else None
        dest = address(parse(message["address"]))
        bounce = message["address"][0] in "Ek"
        return self.send(sender, dest, int(message["amount"]), cells[0], init=init, bounce=bounce)


@dataclass(frozen=True)
class Source:
    """The world as a ChainClient tells it."""

    world: World
    name: str = "sandbox"

    def _answer(self) -> None:
        if self.world.silent:
            raise ChainUnavailable("the chain is silent")

    def head(self) -> Head:
        self._answer()
        seqno = sum(map(len, self.world.transactions.values()))
        return Head(seqno, self.world.sandbox.now)

    def account(self, name: str) -> Account:
        self._answer()
        state = self.world.sandbox.account(address(name))
        return Account(
            status="active" if state.code is not None else "uninit",
            balance=state.balance,
            code_hash=state.code.hash.hex() if state.code is not None else None,
            code=state.code,
            data=state.data,
            last_lt=state.last_lt,
            last_hash=state.last_hash,
        )

    def run_get(self, name: str, method: str, stack: Sequence[StackValue] = ()) -> list[StackValue]:
        self._answer()
        result = self.world.sandbox.run_method(address(name), method, *stack)
        if result.exit_code not in {0, 1}:
            raise GetMethodFailed(name, method, result.exit_code)
        return list(result.stack)

    def transactions_page(
        self, name: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]:
        self._answer()
        known = [
            one
            for one in reversed(self.world.transactions[name])
            if one.lt > until_lt and (start is None or one.lt <= start[0])
        ]
        return known[:limit]

    def transactions_since(
        self, name: str, lt: int, limit: int | None = None
    ) -> list[RawTransaction]:
        return walk.since(self, name, lt, limit)

    def send(self, boc: bytes) -> bytes:
        raise ChainUnavailable("this world takes internal messages only")


def receipt_body(
    *,
    query_id: int,
    first_index: int,
    quantity: int,
    unit_price: int,
    buyer: Address,
    recipient: Address | None = None,
) -> Cell:
    """A forged sale_receipt: what anybody may send to the hub."""
    builder = begin_cell().store_uint(0x318D68F6, 32).store_uint(query_id, 64)
    builder.store_uint(first_index, 32).store_uint(quantity, 8).store_uint(unit_price, 96)
    builder.store_bytes(buyer.hash_part).store_bit_int(-1 if recipient else 0)
    if recipient:
        builder.store_bytes(recipient.hash_part)
    body: Cell = builder.store_bit_int(0).end_cell()
    return body


def buy_value(params: CollectionParams, quantity: int = 1, **options: bool) -> int:
    return fees.mint_cost(
        quantity,
        gift=options.get("gift", False),
        referred=options.get("referred", False),
        price=params.price,
        platform_bps=params.platform_bps,
    )
