"""Block making: externals and internal messages in, transactions of the real TVM out.

One thread makes a block every ``block_seconds``. The messages that a transaction sends are
delivered within the same block while gas and time last, else in the next one, first come first
served. Logical time: block n spans n * LT_PER_BLOCK upwards, every transaction and message takes
the next number, so it grows along every account and along every trace.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pytoniq_core import Cell, begin_cell

from deploy.local.ton import render
from deploy.local.ton.accounts import AccountState
from deploy.local.ton.block import LT_PER_BLOCK, Block
from deploy.local.ton.engines import TonpyDriver
from deploy.local.ton.store import Head, Store
from deploy.local.ton.transactions import Message, Transaction, read_message, read_transaction
from deploy.local.ton.tvm import Outcome, Tvm
from deploy.local.ton.wallet import DevWallet, Outgoing

log = logging.getLogger("ton")

GENESIS_COINS: Final = 5_000_000_000 * 10**9
FAUCET_LIMIT: Final = 1_000_000 * 10**9
_MINTER: Final = "-1:" + "0" * 64
_FAUCET_BATCH: Final = 200
_MEMPOOL_LIMIT: Final = 1000
GIVER_SEED: Final = hashlib.sha256(b"the local network's giver").digest()


class Estimator(TonpyDriver):
    """The executor with every signature counting as good, for fee estimates only."""

    def __init__(self) -> None:
        super().__init__()
        self._emulator.set_ignore_chksig(True)


class Refused(RuntimeError):
    """An external message that no validator would take; the text is toncenter's."""


@dataclass
class Wish:
    """One request to the faucet and where its answer will be."""

    destination: str
    amount: int
    done: threading.Event = field(default_factory=threading.Event)
    transaction: str = ""


class Chain:
    """The network without its HTTP side."""

    def __init__(
        self,
        store: Store,
        *,
        block_seconds: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.block_seconds = block_seconds
        self._clock = clock
        self._tvm = Tvm("tonpy")
        self._estimator = Estimator()
        self._tvm_lock = threading.Lock()
        self._mempool: deque[Message] = deque()
        self._known: set[bytes] = set()
        self._wishes: deque[Wish] = deque()
        self._stop = threading.Event()
        self._wallet = DevWallet(GIVER_SEED)
        head = store.head()
        self._open(head) if head is not None else self._genesis()

    # The clock of blocks.

    def _genesis(self) -> None:
        head = self.store.create(int(self._clock()))
        log.info("genesis of chain %s", head.chain_id)
        self._head = head
        value = GENESIS_COINS
        message = begin_cell().store_bits("0100").store_address(_MINTER)
        message.store_address(self._wallet.address).store_coins(value).store_bits("0")
        message.store_coins(0).store_coins(0).store_uint(0, 64).store_uint(head.utime, 32)
        message.store_bits("11").store_ref(self._wallet.state_init).store_bits("0")
        first = message.end_cell()
        self._make([(first, first.hash)])

    def _open(self, head: Head) -> None:
        """Continue an old chain: the pause is one long block interval."""
        self._head = head
        self.store.advance(head.seqno, head.utime, remember=True)
        seqno, utime = head.seqno + 1, max(head.utime, int(self._clock()))
        self.store.advance(seqno, utime, remember=True)
        self._head = Head(seqno, utime, head.chain_id)

    @property
    def head(self) -> Head:
        """Return the newest block."""
        return self._head

    @property
    def giver(self) -> str:
        """Return the giver's address."""
        return self._wallet.address

    def run(self) -> None:
        """Make blocks until stop() is called."""
        due = time.monotonic()
        while not self._stop.is_set():
            due = max(due + self.block_seconds, time.monotonic())
            self._stop.wait(max(0.0, due - time.monotonic()))
            if not self._stop.is_set():
                self.make_block()

    def stop(self) -> None:
        """Ask run() to return; the block being made is finished."""
        self._stop.set()

    # What clients ask for.

    def submit(self, cell: Cell) -> Message:
        """Queue an external message; raises Refused when the account does not accept it."""
        try:
            message = read_message(cell)
        except Exception as error:  # noqa: BLE001 - the cell reader raises anything at junk
            raise Refused(f"cannot unpack external message: {error}") from None
        if message.kind != "ext_in" or message.destination is None:
            raise Refused("cannot unpack external message: not an external inbound message")
        outcome = self.try_external(message)
        if not outcome.accepted:
            raise Refused(_refusal(outcome))
        if message.hash not in self._known:
            if len(self._mempool) >= _MEMPOOL_LIMIT:
                raise Refused("too many external messages in the mempool")
            self._known.add(message.hash)
            self._mempool.append(message)
        return message

    def try_external(self, message: Message) -> Outcome:
        """Run an external message against the newest state without keeping the result."""
        account = self.store.account(message.destination or "", self._head.seqno)
        lt = (self._head.seqno + 1) * LT_PER_BLOCK
        return self._execute(account.shard_account, message.cell, int(self._clock()), lt)

    def estimate(self, message: Message) -> Transaction:
        """Return the transaction that a message would make, any signature counting as good."""
        account = self.store.account(message.destination or "", self._head.seqno)
        lt = (self._head.seqno + 1) * LT_PER_BLOCK
        with self._tvm_lock:
            cell, _, log_text, code = self._estimator.emulate(
                account.shard_account, message.cell, int(self._clock()), lt
            )
        if cell is None:
            raise Refused(f"external message was not accepted\nexitcode={code}\n{log_text[-400:]}")
        return read_transaction(cell)

    def run_get(
        self, account: AccountState, address: str, method: str | int, stack: list[object]
    ) -> tuple[int, int, list[object]]:
        """Run a get-method: (exit code, gas, stack)."""
        if account.code is None or account.data is None:
            return -13, 0, []
        with self._tvm_lock:
            result = self._tvm.get_method(
                code=account.code,
                data=account.data,
                address=address,
                balance=account.balance,
                now=int(self._clock()),
                method=method,
                stack=stack,
            )
        return result.exit_code, result.gas_used, result.stack

    def wish(self, destination: str, amount: int, timeout: float = 20.0) -> str:
        """Ask the giver for coins and wait; returns the giver's transaction hash in base64."""
        wish = self.wish_later(destination, amount)
        if not wish.done.wait(timeout):
            raise Refused("the giver did not answer in time")
        if not wish.transaction:
            raise Refused("the giver could not pay")
        return wish.transaction

    def wish_later(self, destination: str, amount: int) -> Wish:
        """Ask the giver for coins in the next block, without waiting."""
        wish = Wish(destination, amount)
        self._wishes.append(wish)
        return wish

    # Making a block.

    def make_block(self) -> None:
        """Make the next block from everything that waits."""
        pending = self.store.pending()
        if not pending and not self._mempool and not self._wishes:
            self._advance()
            return
        self._make([(Cell.one_from_boc(boc), trace) for boc, trace in pending])

    def _advance(self) -> None:
        utime = max(self._head.utime, int(self._clock()))
        self.store.advance(self._head.seqno + 1, utime)
        self._head = Head(self._head.seqno + 1, utime, self._head.chain_id)

    def _make(self, pending: list[tuple[Cell, bytes]]) -> None:
        block = Block(
            self.store,
            self._execute,
            seqno=self._head.seqno + 1,
            utime=max(self._head.utime, int(self._clock())),
            seconds=max(2.0, 2 * self.block_seconds),
            pending=pending,
        )
        block.drain()
        wishes = self._serve_faucet(block)
        taken: list[Message] = []
        while self._mempool and not block.full:
            message = self._mempool.popleft()
            taken.append(message)
            block.deliver(message.cell, message.normalised_hash)
            block.drain()
        self.store.commit(block.finished())
        self._head = Head(block.seqno, block.utime, self._head.chain_id)
        self._known.difference_update(message.hash for message in taken)
        for wish in wishes:
            wish.done.set()

    def _execute(self, account: Cell, message: Cell, now: int, lt: int) -> Outcome:
        with self._tvm_lock:
            return self._tvm.transact(account, message, now=now, lt=lt)

    def _serve_faucet(self, block: Block) -> list[Wish]:
        count = min(len(self._wishes), _FAUCET_BATCH)
        wishes = [self._wishes.popleft() for _ in range(count)]
        if not wishes:
            return []
        account = self.store.account(self.giver, self._head.seqno)
        seqno = account.data.begin_parse().skip_bits(1).load_uint(32) if account.data else 0
        outgoing = [Outgoing(wish.destination, wish.amount, bounce=False) for wish in wishes]
        external = self._wallet.external(outgoing, seqno=seqno, valid_until=block.utime + 60)
        made = block.deliver(external, read_message(external).normalised_hash)
        for wish in wishes:
            wish.transaction = render.b64(made.hash) if made is not None else ""
        block.drain()
        return wishes

    def block_hash(self, kind: str, workchain: int, seqno: int) -> bytes:
        """Return a made-up but stable block hash: blocks of this network are not serialised."""
        text = f"{kind}|{self._head.chain_id}|{workchain}|{seqno}"
        return hashlib.sha256(text.encode()).digest()


def _refusal(outcome: Outcome) -> str:
    """Say what a liteserver says about an external message that was not accepted."""
    tail = outcome.vm_log[-400:] if outcome.vm_log else outcome.error
    if outcome.exit_code is not None:
        tail = f"exitcode={outcome.exit_code}\nVM Log (truncated):\n{tail}"
    return (
        "cannot apply external message to current state : "
        "External message was not accepted\nCannot run message on account: "
        f"inbound external message rejected by account\n{tail}"
    )
