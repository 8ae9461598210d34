"""Live updates over one websocket: the protocol, the topics, and sending to them.

The client sends {"type":"auth","token"} first (optional for public topics), then
{"type":"subscribe","topic":"<kind>:<key>"}; the server sends
{"type":"event","topic","name","data"}. Which kinds exist, and who may hear them, rooms say in their
`live.py`. The token never stands in the address: addresses are written to logs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from core.wire import dumps

# The user (None for a visitor) and the topic's key; True lets them hear it.
Authoriser: TypeAlias = Callable[[Any, str], bool]
_TOPIC: Final = re.compile(r"([a-z_]{1,24}):([A-Za-z0-9_:-]{1,80})", re.ASCII)
_topics: dict[str, Authoriser] = {}

log = structlog.get_logger(__name__)


class Identity(NamedTuple):
    """Whom a token speaks for, and until when."""

    user: Any
    expires_at: datetime


def topic(kind: str) -> Callable[[Authoriser], Authoriser]:
    """Register who may subscribe to `kind:<key>`: `(user or None, key) -> bool`."""

    def register(authoriser: Authoriser) -> Authoriser:
        if kind in _topics:
            raise ValueError(f"the live topic {kind!r} is registered twice")
        _topics[kind] = authoriser
        return authoriser

    return register


def may_hear(user: Any, name: str) -> str:
    """ "" if `user` may subscribe to the topic `name`, else the code of the refusal."""
    match = _TOPIC.fullmatch(name)
    if match is None or match[1] not in _topics:
        return "unknown_topic"
    return "" if _topics[match[1]](user, match[2]) else "forbidden"


def group_of(name: str) -> str:
    """The channel layer's name of a topic: fixed length, harmless characters."""
    return f"live.{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def publish(topic: str, name: str, data: Mapping[str, Any]) -> None:
    """Send an event to a topic's subscribers once the current transaction has committed.

    `data` is the same JSON as the API's GET. Best effort: whoever misses it asks the API, so a
    missing Redis is logged and never fails the writer.
    """
    event = dumps({"type": "event", "topic": topic, "name": name, "data": data}).decode()
    transaction.on_commit(lambda: _send(topic, event), robust=True)


def _send(topic: str, event: str) -> None:
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(group_of(topic), {"type": "live.event", "text": event})
    except (OSError, ConnectionError, TimeoutError) as error:
        log.warning("live_unsent", topic=topic, error=type(error).__name__)
