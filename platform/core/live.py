"""Live updates over one websocket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from channels.routing import ProtocolTypeRouter, URLRouter

Authoriser: TypeAlias = Callable[[Any, str], bool]
_topics: dict[str, Authoriser] = {}


def topic(kind: str) -> Callable[[Authoriser], Authoriser]:
    """Register who may subscribe to `kind:<key>`: `(user or None, key) -> bool`."""

    def register(authoriser: Authoriser) -> Authoriser:
        _topics[kind] = authoriser
        return authoriser

    return register


def publish(topic: str, name: str, data: Mapping[str, Any]) -> None:
    """Send an event to a topic's subscribers after the current transaction commits."""
    del topic, name, data


application = ProtocolTypeRouter({"websocket": URLRouter([])})
