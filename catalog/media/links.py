"""Links to bytes for one listener: `/media/<token>`, for minutes, signed.

The token holds the asset, the listener, when it ends, how it may be used and a number of its own,
under which Redis counts the bytes that were asked for. Nothing of it can be changed or moved to
another asset or person. It is a secret while it lasts: no log may hold it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from catalog.media.models import Asset
from core import redis_client
from core.errors import ApplicationError

log = structlog.get_logger(__name__)
LIFETIME: Final = 300  # seconds
_KEPT: Final = 3600  # seconds that the count of a link outlives it
_HEAD: Final = struct.Struct(">16s16sIB8s")  # asset, listener, end, use, number
_MAC: Final = 20  # bytes of HMAC-SHA-256
_ATTACHMENT: Final = 1
MAX_NAME: Final = 80  # bytes of a file name
_UNSAFE: Final = re.compile(r"[^\w .,()&'+-]+")


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says. listener: a user's id. expires_at: Unix seconds. grant: its number."""

    asset: UUID
    listener: UUID
    expires_at: int
    attachment: bool
    grant: str
    filename: str


def media_url(
    asset: Asset | UUID,
    *,
    listener: Model | UUID,
    seconds: int = LIFETIME,
    attachment: bool = False,
    filename: str = "",
) -> str:
    """A path that gives this asset's plain bytes to whoever has it, for so many seconds.

    listener: the user it is for. filename: what a download is saved as. Whoever calls has checked
    the right to listen.
    """
    asset_id = asset if isinstance(asset, UUID) else asset.pk
    person = listener if isinstance(listener, UUID) else listener.pk
    head = _HEAD.pack(
        asset_id.bytes,
        UUID(str(person)).bytes,
        int(time.time()) + seconds,
        _ATTACHMENT if attachment else 0,
        secrets.token_bytes(8),
    )
    name = safe_name(filename).encode()[:MAX_NAME].decode(errors="ignore").encode()
    signed = head + name
    token = base64.urlsafe_b64encode(signed + _mac(signed)).rstrip(b"=").decode()
    return reverse("media", kwargs={"token": token})


def link_of(token: str) -> Link:
    """Errors (403): link_invalid for anything that we did not sign, link_expired."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    signed, mac = raw[:-_MAC], raw[-_MAC:]
    if len(signed) < _HEAD.size or not hmac.compare_digest(mac, _mac(signed)):
        raise ApplicationError("link_invalid", detail="This is no link of ours.", status=403)
    asset, listener, ends, use, number = _HEAD.unpack(signed[: _HEAD.size])
    if time.time() >= ends:
        raise ApplicationError(
            "link_expired", "Link expired", "Ask for a new link to this recording.", 403
        )
    return Link(
        asset=UUID(bytes=asset),
        listener=UUID(bytes=listener),
        expires_at=ends,
        attachment=bool(use & _ATTACHMENT),
        grant=number.hex(),
        filename=signed[_HEAD.size :].decode(errors="ignore"),
    )


def link_at(url: str) -> Link:
    """What the token of such a path says. Errors: as link_of."""
    return link_of(url.rstrip("/").rpartition("/")[2])


def grant_count(link: Link, size: int) -> None:
    """So many more bytes of a link were asked for. Without Redis nothing is counted."""
    key = redis_client.key("grant", link.grant)
    left = max(link.expires_at - int(time.time()), 0)
    try:
        with redis_client.client().pipeline() as pipe:
            pipe.incrby(key, size)
            pipe.expire(key, left + _KEPT)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("grant_not_counted", error=type(error).__name__)


def granted_bytes(grant: str) -> int:
    """Bytes that were asked for with a link; 0 when nobody knows any more."""
    try:
        found: Any = redis_client.client().get(redis_client.key("grant", grant))
    except redis.RedisError:
        return 0
    return int(found or 0)


def safe_name(name: str) -> str:
    """A file name without anything that a disk, a shell or a header might take otherwise."""
    plain = _UNSAFE.sub(" ", name).strip(" .-")
    return " ".join(plain.split())


def _mac(signed: bytes) -> bytes:
    key = hashlib.sha256(b"media links" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(key, signed, hashlib.sha256)[:_MAC]
