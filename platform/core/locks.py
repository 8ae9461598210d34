"""Advisory locks of PostgreSQL, for what no single row stands for.

The rules, which the function enforces: only inside a transaction (released by its end, never by
hand); all keys in one call, taken in sorted order, so that two callers cannot deadlock; a time
limit, after which the caller is told to come again. Prefer a row lock or a compare-and-set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection
from psycopg2 import errorcodes

from core.errors import ApplicationError

DEFAULT_LIMIT_MS: Final = 3000


class LockMisuse(RuntimeError):
    """A lock was asked for outside a transaction or without keys."""


def _number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def lock(*keys: str, limit_ms: int = DEFAULT_LIMIT_MS) -> None:
    """Hold `keys` until the current transaction ends.

    Raises LockMisuse outside a transaction, ApplicationError `busy` (503, Retry-After) when a key
    stays taken for `limit_ms` milliseconds; the transaction is then broken and must roll back.
    """
    if not connection.in_atomic_block:
        raise LockMisuse("an advisory lock lives in a transaction: open one first")
    if not keys:
        raise LockMisuse("name what to lock")
    with connection.cursor() as cursor:
        # Expressions of a SELECT are evaluated from left to right: two round trips do it all.
        cursor.execute(
            "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)",
            [f"{limit_ms}ms"],
        )
        before, _ = cursor.fetchone()
        numbers = sorted({_number(key) for key in keys})
        locks = "pg_advisory_xact_lock(%s), " * len(numbers)
        try:
            cursor.execute(
                f"SELECT {locks}set_config('lock_timeout', %s, true)",
                [*numbers, before],
            )
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != errorcodes.LOCK_NOT_AVAILABLE:
                raise
            raise ApplicationError(
                "busy",
                "Busy",
                "Someone else is doing the same; try again in a moment.",
                503,
                headers={"Retry-After": "1"},
            ) from error


def try_lock(key: str) -> bool:
    """Take one lock until the transaction ends, or leave at once: False when it is taken.

    Raises LockMisuse outside a transaction.
    """
    if not connection.in_atomic_block:
        raise LockMisuse("an advisory lock lives in a transaction: open one first")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(key)])
        return bool(cursor.fetchone()[0])


@contextmanager
def alone(key: str) -> Iterator[bool]:
    """Whether this process alone has `key` until the block ends; never waits for it.

    For work that lasts longer than a transaction may: the lock belongs to the connection, so it is
    gone at once when its process is killed. It does not pass a pooler that shares connections.
    """
    number = _number(f"alone:{key}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
