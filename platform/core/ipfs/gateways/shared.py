"""Health of gateways, shared by all processes through Redis; each goes on alone without it.

Also the counts of each minute, which a beat task takes from here into the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import orjson
import redis
import structlog

from core import redis_client
from core.ipfs.gateways.base import Outcome
from core.ipfs.gateways.health import Change, Health, observed

log = structlog.get_logger(__name__)
_LIFETIME: Final = 86_400  # seconds; a gateway that nobody asks is forgotten
_MINUTES: Final = 7_200
_AGAIN: Final = 3  # a sample that several processes fight over may be lost
_ALONE: Final = 2.0  # seconds without Redis before it is tried again
_SOON: Final = 0.3  # seconds until good answers are told
_FRESH: Final = 0.25  # seconds that what was read counts


@dataclass(frozen=True, slots=True)
class _Seen:
    """One answer, until Redis has it."""

    outcome: Outcome
    at: float
    first_byte: float | None
    retry_after: float
    size: int

    def on(self, health: Health) -> tuple[Health, Change]:
        return observed(
            health,
            self.outcome,
            now=self.at,
            first_byte=self.first_byte,
            retry_after=self.retry_after,
        )


class SharedHealth:
    """One for a process. Its own copy answers while Redis does not.

    Good answers reach Redis a moment later, many at once: they change nothing for anybody else. A
    failure is told at once.
    """

    def __init__(self) -> None:
        self._known: dict[str, Health] = {}
        self._read_at: dict[str, float] = {}
        self._claims: dict[str, float] = {}
        self._alone_until = 0.0
        self._lock = threading.RLock()
        self._pending: dict[str, list[_Seen]] = {}
        self._timer: threading.Timer | None = None

    def read(self, names: Iterable[str]) -> dict[str, Health]:
        wanted = list(names)
        now = time.monotonic()
        old = [
            name
            for name in wanted
            if now - self._read_at.get(name, -9.0) > _FRESH and name not in self._pending
        ]
        if old and not self._alone():
            try:
                found: Any = redis_client.client().mget([_key(name) for name in old])
            except redis.RedisError as error:
                self._lost(error)
            else:
                for name, text in zip(old, found, strict=True):
                    # One that Redis has forgotten (it was emptied) starts anew everywhere.
                    self._known[name] = _load(text) if text else Health()
                    self._read_at[name] = now
        return {name: self._known.get(name, Health()) for name in wanted}

    def observe(
        self,
        name: str,
        outcome: Outcome,
        *,
        first_byte: float | None = None,
        retry_after: float = 0.0,
        size: int = 0,
    ) -> Change:
        """Count one answer; whether its circuit opened or closed by it."""
        seen = _Seen(outcome, time.time(), first_byte, retry_after, size)
        with self._lock:
            self._known[name], change = seen.on(self._known.get(name, Health()))
            self._pending.setdefault(name, []).append(seen)
            if outcome == "ok" and not change:
                self._flush_soon()
                return ""
        return self._flush(name, change)

    def flush(self) -> None:
        """Tell Redis what it has not heard yet."""
        with self._lock:
            self._timer = None
            waiting = list(self._pending)
        for name in waiting:
            self._flush(name, "")

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            self._pending.clear()

    def _flush_soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(_SOON, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _flush(self, name: str, alone: Change) -> Change:
        """What all of it changed for everybody, or `alone`, for us, while there is no Redis."""
        with self._lock:
            seen = self._pending.pop(name, [])
        if not seen or self._alone():
            return alone
        try:
            change = self._tell(name, seen)
            _count(name, seen)
        except redis.RedisError as error:
            self._lost(error)
            return alone
        return change

    def claim(self, name: str, seconds: float) -> bool:
        """The right to try a half-open gateway: one of all processes has it at a time."""
        if not self._alone():
            try:
                mine = redis_client.client().set(
                    _key(name, "try"), 1, nx=True, px=int(seconds * 1000)
                )
            except redis.RedisError as error:
                self._lost(error)
            else:
                return bool(mine)
        now = time.monotonic()
        if self._claims.get(name, 0.0) > now:
            return False
        self._claims[name] = now + seconds
        return True

    def forget(self, name: str) -> None:
        """Start anew: a person has said that it works."""
        self._known.pop(name, None)
        self._read_at.pop(name, None)
        self._claims.pop(name, None)
        try:
            redis_client.client().delete(_key(name), _key(name, "try"))
        except redis.RedisError as error:
            self._lost(error)

    def _tell(self, name: str, seen: Sequence[_Seen]) -> Change:
        key, client = _key(name), redis_client.client()
        with client.pipeline() as pipe:
            for _ in range(_AGAIN):
                try:
                    pipe.watch(key)  # type: ignore[no-untyped-call]
                    text: Any = pipe.get(key)
                    health, change = _load(text) if text else Health(), ""
                    for one in seen:
                        health, changed = one.on(health)
                        change = changed or change
                    pipe.multi()
                    pipe.set(key, orjson.dumps(asdict(health)), ex=_LIFETIME)
                    pipe.execute()
                except redis.WatchError:
                    continue
                self._known[name], self._read_at[name] = health, time.monotonic()
                return cast("Change", change)
        return ""

    def _alone(self) -> bool:
        return time.monotonic() < self._alone_until

    def _lost(self, error: Exception) -> None:
        self._alone_until = time.monotonic() + _ALONE
        log.warning("gateway_health_alone", error=type(error).__name__)


def minutes_take(names: Iterable[str], *, before: int) -> dict[tuple[str, int], dict[str, int]]:
    """Counts of finished minutes (Unix minutes below `before`), each given once.

    {(gateway, minute): {requests, failures, first_byte_ms, bytes}}. Empty without Redis.
    """
    taken = {}
    client = redis_client.client()
    try:
        for name in names:
            known: Any = client.smembers(_key(name, "minutes"))
            for minute in sorted(int(one) for one in known if int(one) < before):
                key = _key(name, str(minute))
                with client.pipeline() as pipe:
                    pipe.hgetall(key)
                    pipe.delete(key)
                    pipe.srem(_key(name, "minutes"), minute)
                    counts: Any = pipe.execute()[0]
                if counts:
                    numbers = {field.decode(): int(value) for field, value in counts.items()}
                    taken[name, minute] = numbers
    except redis.RedisError as error:
        log.warning("gateway_minutes_unread", error=type(error).__name__)
    return taken


def _count(name: str, seen: Iterable[_Seen]) -> None:
    with redis_client.client().pipeline() as pipe:
        for one in seen:
            if one.outcome in {"missing", "overtaken"}:
                continue
            minute = int(one.at // 60)
            key = _key(name, str(minute))
            pipe.hincrby(key, "requests", 1)
            if one.outcome != "ok":
                pipe.hincrby(key, "failures", 1)
            elif one.first_byte is not None:
                pipe.hincrby(key, "first_byte_ms", round(one.first_byte * 1000))
            pipe.hincrby(key, "bytes", one.size)
            pipe.expire(key, _MINUTES)
            pipe.sadd(_key(name, "minutes"), minute)
            pipe.expire(_key(name, "minutes"), _MINUTES)
        pipe.execute()


def _key(name: str, *more: str) -> str:
    return redis_client.key("gateway", name, *more)


def _load(text: bytes) -> Health:
    """What another version of ours wrote may lack or have fields."""
    given = orjson.loads(text)
    known = {field: given[field] for field in Health.__dataclass_fields__ if field in given}
    return Health(**known)
