"""Access and refresh tokens: short, opaque to clients, checked in constant time.

access  = base64url(session id 16 bytes, expiry 4 bytes, MAC 16 bytes): stateless but for the
session's row, so revoking the session ends it at once.
refresh = base64url(session id 16 bytes, generation 4 bytes, random 16 bytes, MAC 16 bytes): the MAC
tells an old token of ours (stolen or replayed) from noise; only the current one's hash is stored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings

_MAC: Final = 16


class TokenInvalid(Exception):
    """Not a token of ours, or out of time. `code`: malformed, forged, expired."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Access(NamedTuple):
    session_id: UUID
    expires_at: datetime


class Refresh(NamedTuple):
    session_id: UUID
    generation: int


def access_make(session_id: UUID, expires_at: datetime) -> str:
    return _seal("access", session_id.bytes + struct.pack(">I", int(expires_at.timestamp())))


def access_read(token: str, *, now: datetime) -> Access:
    """Raises TokenInvalid."""
    body = _open("access", token, 20)
    expires_at = datetime.fromtimestamp(struct.unpack(">I", body[16:])[0], UTC)
    if expires_at <= now:
        raise TokenInvalid("expired")
    return Access(UUID(bytes=body[:16]), expires_at)


def refresh_make(session_id: UUID, generation: int) -> str:
    body = session_id.bytes + struct.pack(">I", generation) + secrets.token_bytes(16)
    return _seal("refresh", body)


def refresh_read(token: str) -> Refresh:
    """Raises TokenInvalid."""
    body = _open("refresh", token, 36)
    return Refresh(UUID(bytes=body[:16]), struct.unpack(">I", body[16:20])[0])


def sign_in_make(request_id: UUID) -> str:
    """The token in a link to the bot: 43 characters of A-Z a-z 0-9 _ - (deep links take 64)."""
    return _seal("bot sign-in", request_id.bytes)


def digest(token: str) -> str:
    """What is stored of a refresh token, and of a token in a link to the bot."""
    return hashlib.sha256(token.encode()).hexdigest()


def _mac(purpose: str, body: bytes) -> bytes:
    key = hashlib.sha256(f"accounts.{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, body, "sha256")[:_MAC]


def _seal(purpose: str, body: bytes) -> str:
    return base64.urlsafe_b64encode(body + _mac(purpose, body)).rstrip(b"=").decode()


def _open(purpose: str, token: str, length: int) -> bytes:
    if len(token) > 200:
        raise TokenInvalid("malformed")
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise TokenInvalid("malformed") from error
    if len(sealed) != length + _MAC:
        raise TokenInvalid("malformed")
    body, mac = sealed[:length], sealed[length:]
    if not hmac.compare_digest(mac, _mac(purpose, body)):
        raise TokenInvalid("forged")
    return body
