"""The order in which updates were made, while they arrive in another one.

Telegram sends up to 40 updates at once (setWebhook, max_connections), numbered without gaps while
the bot is busy. So an update whose forerunners have not been seen waits for them, but not long: one
that still does not come was perhaps never sent. What has been seen is kept in Redis; without Redis
nobody waits, and the inbox alone keeps the order among what it has.
"""

from __future__ import annotations

import time
from typing import Any, Final

import redis
import structlog

from core import redis_client

log = structlog.get_logger(__name__)
IN_FLIGHT: Final = 40
PATIENCE: Final = 0.5  # seconds
_LOOK: Final = 0.02
_KEPT: Final = 7 * 86400  # after a week of silence the next number may be any


def seen(bot: str, number: int) -> None:
    """This update has arrived."""
    key = redis_client.key("telegram", "seen", bot)
    try:
        pipe = redis_client.client().pipeline(transaction=False)
        pipe.zadd(key, {str(number): number})
        pipe.zremrangebyscore(key, "-inf", number - 100 * IN_FLIGHT)
        pipe.expire(key, _KEPT)
        pipe.execute()
    except redis.RedisError as error:
        log.warning("updates_unordered", error=type(error).__name__)


def wait_for_earlier(bot: str, number: int, *, patience: float | None = None) -> None:
    """Until all updates before this one have arrived, or patience has run out."""
    end = time.monotonic() + (PATIENCE if patience is None else patience)
    while missing := _missing(bot, number):
        if time.monotonic() >= end:
            for late in missing:  # the next ones do not wait for them again
                seen(bot, late)
            return
        time.sleep(_LOOK)


def _missing(bot: str, number: int) -> list[int]:
    """Numbers below this one that nobody has seen, down to the last one seen within reach."""
    key = redis_client.key("telegram", "seen", bot)
    try:
        found: Any = redis_client.client().zrangebyscore(key, number - IN_FLIGHT, number - 1)
    except redis.RedisError:
        return []
    known = {int(one) for one in found}
    return [one for one in range(min(known, default=number), number) if one not in known]
