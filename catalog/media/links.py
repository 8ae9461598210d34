"""Signed links to bytes: good for minutes, for one listener, and they count what is asked of them.

A player's `<audio>` sends no bearer token, so the right to listen is in the address. token =
base64url(link id 12 bytes, asset id 16, expiry 4, listener's mark 8, MAC 16); the MAC also covers
the file name of a download, which stands behind the token in the path.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
import time
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote
from uuid import UUID

import redis
import structlog
from django.conf import settings

from catalog.media.models import Asset
from core import redis_client

log = structlog.get_logger(__name__)
SECONDS: Final = 300
# How long what was asked of a link is remembered: longer than anybody listens to one track.
NOTED_SECONDS: Final = 6 * 3600
_BODY: Final = struct.Struct(">12s16sI8s")
_MAC: Final = 16


class LinkInvalid(Exception):
    """Not a link of ours, or out of time. `code`: forged, expired."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Link:
    """A signed path. id: under which its bytes are noted; expires_at: seconds since 1970."""

    id: str
    url: str
    expires_at: int


class Opened(NamedTuple):
    """What a link is good for. filename: "" to be played, else to be saved under that name."""

    id: str
    asset: UUID
    expires_at: int
    filename: str


def link_make(asset: Asset, *, listener: str, seconds: int = SECONDS, filename: str = "") -> Link:
    """A link to an asset's plain bytes. listener: who asked; a digest of it is in the token."""
    key, expires_at = secrets.token_bytes(12), int(time.time()) + seconds
    mark = hashlib.sha256(listener.encode()).digest()[:8]
    body = _BODY.pack(key, asset.pk.bytes, expires_at, mark)
    token = base64.urlsafe_b64encode(body + _mac(body, filename)).rstrip(b"=").decode()
    url = f"/media/{token}/{quote(filename, safe='')}" if filename else f"/media/{token}"
    return Link(key.hex(), url, expires_at)


def media_url(asset: Asset, *, listener: str, seconds: int = SECONDS, filename: str = "") -> str:
    """The path alone, for whoever counts nothing."""
    return link_make(asset, listener=listener, seconds=seconds, filename=filename).url


def link_open(token: str, filename: str = "") -> Opened:
    """Raises LinkInvalid."""
    try:
        sealed = base64.b64decode(token.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise LinkInvalid("forged") from error
    body, mac = sealed[: _BODY.size], sealed[_BODY.size :]
    if len(sealed) != _BODY.size + _MAC or not hmac.compare_digest(mac, _mac(body, filename)):
        raise LinkInvalid("forged")
    key, asset, expires_at, _ = _BODY.unpack(body)
    if expires_at <= time.time():
        raise LinkInvalid("expired")
    return Opened(key.hex(), UUID(bytes=asset), expires_at, filename)


def bytes_note(link: str, count: int) -> None:
    """Remember that `count` bytes of a link were asked for. Without Redis it is forgotten."""
    key = redis_client.key("grant", link)
    try:
        with redis_client.client().pipeline() as pipe:
            pipe.incrby(key, count)
            pipe.expire(key, NOTED_SECONDS)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("link_bytes_unnoted", error=type(error).__name__)


def bytes_noted(link: str) -> int:
    """How many bytes of a link were asked for; 0 when nothing is known."""
    try:
        return int(redis_client.client().get(redis_client.key("grant", link)) or 0)
    except redis.RedisError as error:
        log.warning("link_bytes_unread", error=type(error).__name__)
        return 0


def _mac(body: bytes, filename: str) -> bytes:
    key = hashlib.sha256(f"catalog.media.link:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, body + filename.encode(), "sha256")[:_MAC]
