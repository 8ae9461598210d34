"""Identifiers made in Python: UUIDv7 (RFC 9562) and random 63-bit integers."""

from __future__ import annotations

import os
import secrets
import threading
import time
from uuid import UUID

_COUNTER_BITS = 12
_lock = threading.Lock()
_last_ms = 0
_counter = 0


def _tick() -> tuple[int, int]:
    """Milliseconds and a counter that only ever grow within this process."""
    global _last_ms, _counter  # noqa: PLW0603  one clock for the process is the point
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            # A random start in the lower half leaves room to count and hides the rate.
            _last_ms, _counter = now, secrets.randbits(_COUNTER_BITS - 1)
        else:
            _counter += 1
            if _counter >> _COUNTER_BITS:
                _last_ms, _counter = _last_ms + 1, 0
        return _last_ms, _counter


def uuid7() -> UUID:
    """A UUIDv7: sorts by time of making, strictly increasing within one process."""
    milliseconds, counter = _tick()
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)


def random_u63() -> int:
    """A random integer 1..2**63-1: a query id that fits a signed bigint and a contract's uint64."""
    return secrets.randbelow((1 << 63) - 1) + 1
