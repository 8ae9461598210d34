"""One block in the making: messages are executed in order, what they send joins the queue."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from pytoniq_core import Cell

from deploy.local.ton import render
from deploy.local.ton.store import NewBlock, NewTransaction, Row, Store
from deploy.local.ton.transactions import read_message, read_transaction
from deploy.local.ton.tvm import Outcome

log = logging.getLogger("ton")

LT_PER_BLOCK: Final = 1_000_000
BLOCK_GAS: Final = 10_000_000
# account, message, unix time, logical time
Execute = Callable[[Cell, Cell, int, int], Outcome]


class Block:
    """A draft that nobody sees before it is committed as a whole.

    ``pending``: messages left over by the block before, each with the hash of the external
    message that began its trace. ``seconds``: how long the making may take.
    """

    def __init__(
        self,
        store: Store,
        execute: Execute,
        *,
        seqno: int,
        utime: int,
        seconds: float,
        pending: Iterable[tuple[Cell, bytes]],
    ) -> None:
        self.seqno = seqno
        self.utime = utime
        self._store = store
        self._execute = execute
        self._lt = seqno * LT_PER_BLOCK
        self._deadline = time.monotonic() + seconds
        self._gas = 0
        self._accounts: dict[str, Cell] = {}
        self._transactions: list[NewTransaction] = []
        self._queue = deque(pending)

    @property
    def full(self) -> bool:
        """Tell whether gas or time is used up."""
        return self._gas >= BLOCK_GAS or time.monotonic() >= self._deadline

    def finished(self) -> NewBlock:
        """Return what has to be written; messages not delivered wait for the next block."""
        left = [(cell.to_boc(), trace) for cell, trace in self._queue]
        return NewBlock(self.seqno, self.utime, self._transactions, self._accounts, left)

    def drain(self) -> None:
        """Deliver what waits, and what that sends, while the block has room."""
        while self._queue and not self.full:
            self.deliver(*self._queue.popleft())

    def deliver(self, cell: Cell, trace: bytes) -> Row | None:
        """Execute one message; None when it made no transaction."""
        message = read_message(cell)
        account = message.destination
        if account is None:
            return None
        state = self._accounts.get(account)
        if state is None:
            state = self._store.account(account, self.seqno - 1).shard_account
        try:
            outcome = self._execute(state, cell, self.utime, self._lt)
        except RuntimeError:  # the executor's own failure must not stop the chain for good
            log.exception("a message to %s could not be executed and is lost", account)
            return None
        if outcome.transaction is None:
            log.info("external to %s dropped: %s", account, outcome.error)
            return None
        return self._keep(account, outcome.transaction, outcome, trace)

    def _keep(self, account: str, cell: Cell, outcome: Outcome, trace: bytes) -> Row:
        read = read_transaction(cell, int(account.partition(":")[0]))
        self._lt = max(self._lt, read.lt) + len(read.out_messages) + 1
        self._gas += outcome.gas_used
        self._accounts[account] = outcome.shard_account
        self._queue.extend(
            (message.cell, trace)
            for message in read.out_messages
            if message.destination is not None
        )
        row = Row(
            account=account,
            lt=read.lt,
            hash=read.hash,
            seqno=self.seqno,
            utime=self.utime,
            trace=trace,
            boc=cell.to_boc(),
            v2=render.transaction_v2(read),
        )
        came = read.in_message
        self._transactions.append(
            NewTransaction(
                row=row,
                in_hash=came.hash if came else None,
                in_norm=came.normalised_hash if came else None,
                in_source=came.source if came else None,
                in_lt=came.created_lt if came else None,
                sent=[message.hash for message in read.out_messages],
            )
        )
        return row
