"""One Redis connection pool a process, with short limits: Redis may be gone at any moment."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=4)
def _pool(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def client() -> redis.Redis:
    return _pool(settings.REDIS_URL)


def key(*parts: str) -> str:
    """A key under this deployment's prefix."""
    return ":".join((str(settings.CACHES["default"]["KEY_PREFIX"]), *parts))
