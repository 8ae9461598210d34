"""Token buckets in Redis: a burst up to the capacity, then a steady rate.

`settings.RATE_LIMITS = {scope: (tokens, seconds)}`: that many requests at once, refilled over that
time. Every API request takes from the bucket of its address and, signed in, of its user; a view
with `throttle_scope` also from the bucket of that scope. All are taken, or none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import redis
import structlog
from django.conf import settings
from django.http import HttpRequest
from prometheus_client import Counter
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import redis_client
from core.address import client_address, network_of

if TYPE_CHECKING:  # DRF's views load their throttles, so they cannot be loaded by them
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)
REFUSED: Final = Counter("ratelimit_refused", "Requests refused by a rate limit", ["scope"])
UNCHECKED: Final = Counter("ratelimit_unchecked", "Requests let through because Redis was away")

# KEYS: buckets. ARGV: capacity and milliseconds to refill it, for each. Redis' own clock is used,
# so that processes with different clocks share one rate. Answer: index of the emptiest bucket that
# refused (0 = all gave a token) and milliseconds until it will give one.
_SCRIPT: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local fill, refused, wait = {}, 0, 0
for i, key in ipairs(KEYS) do
  local capacity, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local kept = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = capacity
  if kept[1] then
    local passed = math.max(0, now - tonumber(kept[2]))
    tokens = math.min(capacity, tonumber(kept[1]) + passed * capacity / period)
  end
  fill[i] = tokens
  if tokens < 1 then
    local need = math.ceil((1 - tokens) * period / capacity)
    if need > wait then refused, wait = i, need end
  end
end
if refused > 0 then return {refused, wait} end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tokens', tostring(fill[i] - 1), 'at', now)
  redis.call('PEXPIRE', key, ARGV[2 * i])
end
return {0, 0}
"""


class Bucket(NamedTuple):
    """A bucket: whose it is, how many tokens it holds, in how many seconds it refills.

    In any time t it gives at most tokens + t * tokens / period. millis: the period, where seconds
    are too coarse.
    """

    scope: str
    owner: str
    tokens: int
    seconds: int
    millis: int = 0

    @property
    def period(self) -> int:
        return self.millis or self.seconds * 1000


class Refusal(NamedTuple):
    scope: str
    wait: float


def take(buckets: Sequence[Bucket]) -> Refusal | None:
    """Take one token of every bucket, or none and say who refused for how many seconds.

    When Redis is away the request passes: losing it costs speed and limits, not the shop.
    """
    if not buckets:
        return None
    keys = [redis_client.key("rate", bucket.scope, bucket.owner) for bucket in buckets]
    limits = [number for bucket in buckets for number in (bucket.tokens, bucket.period)]
    try:
        refused, wait = redis_client.client().eval(_SCRIPT, len(keys), *keys, *limits)
    except redis.RedisError as error:
        UNCHECKED.inc()
        log.warning("ratelimit_unchecked", error=type(error).__name__)
        return None
    if not refused:
        return None
    scope = buckets[refused - 1].scope
    REFUSED.labels(scope).inc()
    return Refusal(scope, wait / 1000)


def hold(bucket: Bucket, wait: timedelta) -> None:
    """Give no token of a bucket for that long: its other side asked us to wait."""
    key = redis_client.key("rate", bucket.scope, bucket.owner)
    millis = int(wait.total_seconds() * 1000)
    owed = -(millis * bucket.tokens // bucket.period)
    try:
        client = redis_client.client()
        seconds, micros = client.time()
        at = seconds * 1000 + micros // 1000
        client.hset(key, mapping={"tokens": owed, "at": at})
        client.pexpire(key, millis + bucket.period)
    except redis.RedisError as error:
        log.warning("ratelimit_unchecked", error=type(error).__name__)


class TokenBucketThrottle(BaseThrottle):
    """DRF's throttle over the buckets above; answers 429 with Retry-After."""

    refusal: Refusal | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.refusal = take(buckets_of(request, getattr(view, "throttle_scope", None)))
        return self.refusal is None

    def wait(self) -> float | None:
        return math.ceil(self.refusal.wait) if self.refusal else None


def buckets_of(request: Request | HttpRequest, scope: str | None) -> list[Bucket]:
    """The buckets that a request takes from: its address, its user, its scope."""
    address = network_of(client_address(request))
    user = getattr(request.user, "pk", None)
    found = [_bucket("address", address)]
    if user is not None:
        found.append(_bucket("user", str(user)))
    if scope is not None:
        found.append(_bucket(scope, str(user) if user is not None else address))
    return found


def _bucket(scope: str, owner: str) -> Bucket:
    tokens, seconds = settings.RATE_LIMITS[scope]
    return Bucket(scope, owner, tokens, seconds)
