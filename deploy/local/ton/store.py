"""The chain's file: one SQLite database in WAL mode, written by one thread, read by many.

A block is one database transaction: after kill -9 either all of it is there or nothing. An idle
block rewrites a single row, so an idle network does not grow. Of each account the states of the
last KEPT_BLOCKS blocks are kept (a lagging view and `seqno=` read them) and the newest one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytoniq_core import Cell

from deploy.local.ton.accounts import NOBODY, AccountState, read_account

KEPT_BLOCKS: Final = 512
_READERS: Final = 8

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1), seqno INTEGER NOT NULL, utime INTEGER NOT NULL,
    chain_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
    seqno INTEGER PRIMARY KEY, utime INTEGER NOT NULL, transactions INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS blocks_utime ON blocks (utime);
CREATE TABLE IF NOT EXISTS states (
    account TEXT NOT NULL, seqno INTEGER NOT NULL, boc BLOB NOT NULL,
    PRIMARY KEY (account, seqno)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS transactions (
    account TEXT NOT NULL, lt INTEGER NOT NULL, hash BLOB NOT NULL, seqno INTEGER NOT NULL,
    utime INTEGER NOT NULL, in_hash BLOB, in_norm BLOB, in_source TEXT, in_lt INTEGER,
    trace BLOB NOT NULL, boc BLOB NOT NULL, v2 TEXT NOT NULL, PRIMARY KEY (account, lt));
CREATE INDEX IF NOT EXISTS transactions_lt ON transactions (lt);
CREATE INDEX IF NOT EXISTS transactions_seqno ON transactions (seqno);
CREATE INDEX IF NOT EXISTS transactions_hash ON transactions (hash);
CREATE INDEX IF NOT EXISTS transactions_in ON transactions (in_hash);
CREATE INDEX IF NOT EXISTS transactions_norm ON transactions (in_norm);
CREATE TABLE IF NOT EXISTS sent (
    hash BLOB NOT NULL, account TEXT NOT NULL, lt INTEGER NOT NULL,
    PRIMARY KEY (hash, account, lt)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
    id INTEGER PRIMARY KEY, boc BLOB NOT NULL, trace BLOB NOT NULL);
"""


class StateUnusable(RuntimeError):
    """The state folder cannot be used; the text is one line for a person."""


@dataclass(frozen=True)
class Head:
    """The newest block; ``chain_id`` tells one genesis from another."""

    seqno: int
    utime: int
    chain_id: str


@dataclass(frozen=True)
class Row:
    """A stored transaction; ``v2`` is its ready JSON."""

    account: str
    lt: int
    hash: bytes
    seqno: int
    utime: int
    trace: bytes
    boc: bytes
    v2: str


@dataclass(frozen=True)
class NewTransaction:
    """A transaction on its way into the file."""

    row: Row
    in_hash: bytes | None
    in_norm: bytes | None
    in_source: str | None
    in_lt: int | None
    sent: list[bytes]


@dataclass(frozen=True)
class NewBlock:
    """Everything that one block changes."""

    seqno: int
    utime: int
    transactions: list[NewTransaction]
    states: dict[str, Cell]
    pending: list[tuple[bytes, bytes]]


_COLUMNS: Final = "account, lt, hash, seqno, utime, trace, boc, v2"


class Store:
    """The database and the lock that keeps a second network out of the same folder."""

    def __init__(self, folder: Path) -> None:
        """Open or create; raises StateUnusable."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateUnusable(f"{folder} is in use by another local TON network") from None
        except OSError as error:
            raise StateUnusable(f"cannot write to {folder}: {error.strerror}") from None
        self.path = folder / "chain.sqlite3"
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.executescript(_SCHEMA)
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        for _ in range(_READERS):
            self._readers.put(self._connect())

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=10
        )
        # In WAL mode NORMAL loses nothing when the process dies, only when the machine does.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def close(self) -> None:
        """Close every connection; SQLite folds the log into the file."""
        while not self._readers.empty():
            self._readers.get().close()
        self._writer.close()
        self._lock.close()

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        connection = self._readers.get()
        try:
            yield connection
        finally:
            self._readers.put(connection)

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._reader() as connection:
            return connection.execute(query, values).fetchall()

    # Writes: called by the block-making thread only.

    def create(self, utime: int) -> Head:
        """Write the genesis head."""
        head = Head(0, utime, os.urandom(16).hex())
        self._writer.execute("INSERT INTO head VALUES (1, 0, ?, ?)", (utime, head.chain_id))
        self._writer.execute("INSERT INTO blocks VALUES (0, ?, 0)", (utime,))
        return head

    def advance(self, seqno: int, utime: int, *, remember: bool = False) -> None:
        """Record an idle block; ``remember`` keeps its time for later lookups."""
        self._writer.execute("BEGIN IMMEDIATE")
        self._writer.execute("UPDATE head SET seqno = ?, utime = ?", (seqno, utime))
        if remember:
            self._writer.execute("INSERT OR IGNORE INTO blocks VALUES (?, ?, 0)", (seqno, utime))
        self._writer.execute("COMMIT")

    def commit(self, block: NewBlock) -> None:
        """Write one block, all or nothing."""
        write = self._writer
        write.execute("BEGIN IMMEDIATE")
        try:
            count = len(block.transactions)
            write.execute(
                "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)", (block.seqno, block.utime, count)
            )
            for item in block.transactions:
                self._insert(item)
            self._write_states(block)
            write.execute("DELETE FROM pending")
            write.executemany("INSERT INTO pending (boc, trace) VALUES (?, ?)", block.pending)
            write.execute("UPDATE head SET seqno = ?, utime = ?", (block.seqno, block.utime))
            write.execute("COMMIT")
        except BaseException:
            write.execute("ROLLBACK")
            raise

    def _insert(self, item: NewTransaction) -> None:
        row = item.row
        values = (row.account, row.lt, row.hash, row.seqno, row.utime)
        incoming = (item.in_hash, item.in_norm, item.in_source, item.in_lt)
        self._writer.execute(
            "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, *incoming, row.trace, row.boc, row.v2),
        )
        self._writer.executemany(
            "INSERT OR IGNORE INTO sent VALUES (?, ?, ?)",
            [(message, row.account, row.lt) for message in item.sent],
        )

    def _write_states(self, block: NewBlock) -> None:
        oldest = block.seqno - KEPT_BLOCKS
        for account, cell in block.states.items():
            self._writer.execute(
                "DELETE FROM states WHERE account = ? AND seqno < (SELECT max(seqno)"
                " FROM states WHERE account = ? AND seqno <= ?)",
                (account, account, oldest),
            )
            self._writer.execute(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?)",
                (account, block.seqno, cell.to_boc()),
            )

    def pending(self) -> list[tuple[bytes, bytes]]:
        """Return internal messages that wait for the next block: (BoC, trace)."""
        return self._rows("SELECT boc, trace FROM pending ORDER BY id")

    # Reads: any thread.

    def head(self) -> Head | None:
        """Return the newest block, None before genesis."""
        rows = self._rows("SELECT seqno, utime, chain_id FROM head")
        return Head(*rows[0]) if rows else None

    def account(self, account: str, seqno: int) -> AccountState:
        """Return an account as of a block."""
        rows = self._rows(
            "SELECT boc FROM states WHERE account = ? AND seqno <= ? ORDER BY seqno DESC LIMIT 1",
            account,
            seqno,
        )
        return read_account(Cell.one_from_boc(rows[0][0])) if rows else NOBODY

    def transactions(
        self, account: str, *, upto: int, lt: int | None, to_lt: int, limit: int
    ) -> list[Row]:
        """Return transactions of an account, newest first, from ``lt`` (inclusive) down."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM transactions WHERE account = ? AND lt <= ? AND lt > ?"  # noqa: S608
            " AND seqno <= ? ORDER BY lt DESC LIMIT ?",
            account,
            2**63 - 1 if lt is None else lt,
            to_lt,
            upto,
            limit,
        )
        return [Row(*row) for row in rows]

    def select(self, where: str, *values: Any, order: str = "lt", limit: int = 1000) -> list[Row]:
        """Return transactions by a condition of ours (never text from outside)."""
        query = f"SELECT {_COLUMNS} FROM transactions WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return [Row(*row) for row in self._rows(query, *values, limit)]

    def time_of(self, seqno: int) -> int:
        """Return a block's time; idle blocks lie evenly between remembered ones."""
        below = self._rows(
            "SELECT seqno, utime FROM blocks WHERE seqno <= ? ORDER BY seqno DESC LIMIT 1", seqno
        )[0]
        above = self._rows(
            "SELECT seqno, utime FROM blocks WHERE seqno >= ? ORDER BY seqno LIMIT 1", seqno
        ) or self._rows("SELECT seqno, utime FROM head")
        distance = above[0][0] - below[0]
        if distance <= 0:
            return int(below[1])
        return int(below[1] + (seqno - below[0]) * (above[0][1] - below[1]) // distance)

    def count_in(self, seqno: int) -> int:
        """Return how many transactions a block holds."""
        rows = self._rows("SELECT transactions FROM blocks WHERE seqno = ?", seqno)
        return int(rows[0][0]) if rows else 0
