"""One websocket connection: limits, heartbeat, subscriptions; and the ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path
from django.utils import timezone
from django.utils.module_loading import import_string
from prometheus_client import Counter, Gauge

from core.live.topics import Identity, group_of, may_hear

MAX_TOPICS: Final = 50
MAX_BYTES: Final = 4096
# A burst of messages, refilled over WINDOW seconds; a connection above it is closed.
BURST: Final = 60
WINDOW: Final = 30.0
HEARTBEAT: Final = 25.0
# Two missed answers to the heartbeat and a little: the other side is gone.
SILENCE: Final = 60.0
CLOSE_EXPIRED, CLOSE_LIMIT, CLOSE_SILENT = 4001, 4008, 4009

CONNECTIONS: Final = Gauge("live_connections", "Open websockets", multiprocess_mode="livesum")
REFUSED: Final = Counter("live_refused", "Refused subscriptions and messages", ["code"])

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """See core.live.topics for the protocol. One instance a connection."""

    async def connect(self) -> None:
        self.identity: Identity | None = None
        self.topics: set[str] = set()
        self.heard = time.monotonic()
        self.budget, self.budget_at = float(BURST), self.heard
        CONNECTIONS.inc()
        await self.accept()
        self.pulse = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        del code
        if not hasattr(self, "pulse"):
            return
        CONNECTIONS.dec()
        self.pulse.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.pulse
        for name in self.topics:
            await self.channel_layer.group_discard(group_of(name), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.heard = time.monotonic()
        if not self._spend():
            REFUSED.labels("rate_limited").inc()
            await self.close(CLOSE_LIMIT)
            return
        message = _parse(text_data, bytes_data)
        handler = self._handlers().get(str(message.get("type"))) if message else None
        if message is None or handler is None:
            await self._refuse("malformed")
            return
        await handler(message)

    def _handlers(self) -> dict[str, Callable[[dict[str, Any]], Awaitable[None]]]:
        return {
            "auth": self._auth,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "ping": self._ping,
            "pong": self._pong,
        }

    async def _auth(self, message: dict[str, Any]) -> None:
        identify = database_sync_to_async(import_string(settings.LIVE_IDENTITY))
        identity: Identity | None = await identify(str(message.get("token", "")))
        same = identity and self.identity and identity.user.pk == self.identity.user.pk
        if identity is None or (self.identity is not None and not same):
            await self._refuse("token_invalid")
            return
        self.identity = identity
        await self._say({"type": "ready"})

    async def _subscribe(self, message: dict[str, Any]) -> None:
        name = str(message.get("topic", ""))
        if name not in self.topics and len(self.topics) >= MAX_TOPICS:
            await self._refuse("too_many_topics", name)
            return
        user = self.identity.user if self.identity else None
        if code := await database_sync_to_async(may_hear)(user, name):
            await self._refuse(code, name)
            return
        await self.channel_layer.group_add(group_of(name), self.channel_name)
        self.topics.add(name)
        await self._say({"type": "subscribed", "topic": name})

    async def _unsubscribe(self, message: dict[str, Any]) -> None:
        name = str(message.get("topic", ""))
        if name in self.topics:
            self.topics.discard(name)
            await self.channel_layer.group_discard(group_of(name), self.channel_name)
        await self._say({"type": "unsubscribed", "topic": name})

    async def _ping(self, _message: dict[str, Any]) -> None:
        await self._say({"type": "pong"})

    async def _pong(self, _message: dict[str, Any]) -> None:
        """The answer to our heartbeat; that it was heard is noted already."""

    async def live_event(self, event: dict[str, Any]) -> None:
        """From `core.live.publish`, by way of the channel layer."""
        await self.send(text_data=event["text"])

    async def _beat(self) -> None:
        """Say that we live, and end connections whose client or whose token does not."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            if time.monotonic() - self.heard > SILENCE:
                await self.close(CLOSE_SILENT)
            elif self.identity and self.identity.expires_at <= timezone.now():
                await self.close(CLOSE_EXPIRED)
            else:
                await self._say({"type": "ping"})

    def _spend(self) -> bool:
        now = time.monotonic()
        self.budget = min(BURST, self.budget + (now - self.budget_at) * BURST / WINDOW) - 1
        self.budget_at = now
        return self.budget >= 0

    async def _refuse(self, code: str, name: str = "") -> None:
        REFUSED.labels(code).inc()
        await self._say({"type": "refused", "topic": name[:120], "code": code})

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(message).decode())


def _parse(text: str | None, data: bytes | None) -> dict[str, Any] | None:
    raw = text.encode() if text is not None else data or b""
    if len(raw) > MAX_BYTES:
        return None
    try:
        message = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) else None


def origin_allowed(origin: str | None) -> bool:
    """Our own pages, and programs that send none: no cookie is ever read from a websocket."""
    if origin is None:
        return True
    ours = urlsplit(settings.PUBLIC_URL)
    return origin == f"{ours.scheme}://{ours.netloc}" or origin in settings.LIVE_ORIGINS


async def _websocket(scope: Scope, receive: Receive, send: Send) -> None:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    known = scope["path"] == "/ws/"
    if not known or not origin_allowed(origin.decode("latin-1") if origin is not None else None):
        await send({"type": "websocket.close", "code": 4003})
        return
    await _router(scope, receive, send)


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    """This process serves websockets; over plain HTTP it only says that it lives."""
    del receive
    alive = scope["path"] == "/health/live"
    await send(
        {
            "type": "http.response.start",
            "status": 200 if alive else 404,
            "headers": [(b"content-type", b"application/json")],
        }
    )
    body = b'{"status":"ok"}' if alive else b'{"status":"not found"}'
    await send({"type": "http.response.body", "body": body})


_router = URLRouter([path("ws/", LiveConsumer.as_asgi())])
application = ProtocolTypeRouter({"http": _http, "websocket": _websocket})
