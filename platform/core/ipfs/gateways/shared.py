"""Health of gateways, shared by all processes through Redis; each goes on alone without it.

Also the counts of each minute, which a beat task takes from here into the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

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
_FRESH: Final = 0.25  # seconds that what was read counts


class SharedHealth:
    """One for a process. Its own copy answers while Redis does not."""

    def __init__(self) -> None:
        self._known: dict[str, Health] = {}
        self._read_at: dict[str, float] = {}
        self._claims: dict[str, float] = {}
        self._alone_until = 0.0

    def read(self, names: Iterable[str]) -> dict[str, Health]:
        wanted = list(names)
        now = time.monotonic()
        old = [name for name in wanted if now - self._read_at.get(name, -9.0) > _FRESH]
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
        more: dict[str, Any] = {"first_byte": first_byte, "retry_after": retry_after}
        if not self._alone():
            try:
                change = self._observe_together(name, outcome, more)
                _count(name, outcome, first_byte, size)
            except redis.RedisError as error:
                self._lost(error)
            else:
                return change
        before = self._known.get(name, Health())
        self._known[name], change = observed(before, outcome, now=time.time(), **more)
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

    def _observe_together(self, name: str, outcome: Outcome, more: Mapping[str, Any]) -> Change:
        key, client = _key(name), redis_client.client()
        with client.pipeline() as pipe:
            for _ in range(_AGAIN):
                try:
                    pipe.watch(key)  # type: ignore[no-untyped-call]
                    text: Any = pipe.get(key)
                    before = _load(text) if text else Health()
                    after, change = observed(before, outcome, now=time.time(), **more)
                    pipe.multi()
                    pipe.set(key, orjson.dumps(asdict(after)), ex=_LIFETIME)
                    pipe.execute()
                except redis.WatchError:
                    continue
                self._known[name], self._read_at[name] = after, time.monotonic()
                return change
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


def _count(name: str, outcome: Outcome, first_byte: float | None, size: int) -> None:
    if outcome in {"missing", "overtaken"}:
        return
    minute = int(time.time() // 60)
    key = _key(name, str(minute))
    with redis_client.client().pipeline() as pipe:
        pipe.hincrby(key, "requests", 1)
        if outcome != "ok":
            pipe.hincrby(key, "failures", 1)
        elif first_byte is not None:
            pipe.hincrby(key, "first_byte_ms", round(first_byte * 1000))
        if size:
            pipe.hincrby(key, "bytes", size)
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
