"""Checks of a Mini App's initData (core.telegram.org/bots/webapps, "Validating data").

The raw string is all that counts: parsed once, blank values kept, duplicate names refused (a
validator and a reader that pick different ones disagree about who signed), nothing re-serialised.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_LENGTH: Final = 8192
MAX_FIELDS: Final = 40
MAX_USER_ID: Final = 1 << 52
_START_PARAM: Final = re.compile(r"[A-Za-z0-9_-]{0,512}", re.ASCII)


class InitDataInvalid(Exception):
    """Not signed by Telegram for our bot just now. `code` says why, for logs and metrics."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class TelegramUser:
    """Who opened the app. Everything but `id` may change at any time."""

    id: int
    first_name: str
    last_name: str
    username: str
    language: str
    photo_url: str
    may_write: bool = False  # the bot was allowed to write to them


@dataclass(frozen=True, slots=True)
class InitData:
    """Verified launch parameters. `start_param` is signed, yet anybody can make the link."""

    user: TelegramUser
    auth_date: datetime
    start_param: str
    fields: Mapping[str, str]


def verify(
    raw: str,
    *,
    token: str,
    public_keys: Sequence[str],
    now: datetime,
    max_age: timedelta,
    max_skew: timedelta = timedelta(seconds=60),
) -> InitData:
    """Check `raw` and read it.

    HMAC-SHA256 with the bot's `token` always; Ed25519 by one of `public_keys` (hex) as well when
    the client sends `signature` (Bot API 8.0 and newer). Raises InitDataInvalid.
    """
    fields = parse(raw)
    given = fields.get("hash", "")
    if not token or not hmac.compare_digest(sign(fields, token).encode(), given.encode()):
        raise InitDataInvalid("hash")
    if "signature" in fields:
        _check_signature(fields, token.partition(":")[0], public_keys)
    auth_date = _check_dates(fields, now, max_age, max_skew)
    start_param = fields.get("start_param", "")
    if not _START_PARAM.fullmatch(start_param):
        raise InitDataInvalid("start_param")
    return InitData(_user(fields), auth_date, start_param, fields)


def parse(raw: str) -> dict[str, str]:
    """The decoded fields. Raises InitDataInvalid: malformed, duplicate."""
    if not raw or len(raw) > MAX_LENGTH:
        raise InitDataInvalid("malformed")
    try:
        pairs = parse_qsl(
            raw,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise InitDataInvalid("malformed") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InitDataInvalid("duplicate")
    return fields


def sign(fields: Mapping[str, str], token: str) -> str:
    """The `hash` that Telegram's own server would put: over all fields but itself."""
    secret = hmac.digest(b"WebAppData", token.encode(), "sha256")
    return hmac.new(secret, _lines(fields, {"hash"}).encode(), hashlib.sha256).hexdigest()


def signed_message(fields: Mapping[str, str], bot_id: str) -> bytes:
    """What Telegram signs with Ed25519 for third parties who do not hold the bot's token."""
    return f"{bot_id}:WebAppData\n{_lines(fields, {'hash', 'signature'})}".encode()


def _lines(fields: Mapping[str, str], without: set[str]) -> str:
    return "\n".join(sorted(f"{k}={v}" for k, v in fields.items() if k not in without))


def _check_signature(fields: Mapping[str, str], bot_id: str, public_keys: Sequence[str]) -> None:
    text = fields["signature"]
    try:
        signature = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InitDataInvalid("signature") from error
    message = signed_message(fields, bot_id)
    if not any(_verifies(key, signature, message) for key in public_keys):
        raise InitDataInvalid("signature")


def _verifies(public_key: str, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _check_dates(
    fields: Mapping[str, str], now: datetime, max_age: timedelta, max_skew: timedelta
) -> datetime:
    text = fields.get("auth_date", "")
    if not re.fullmatch(r"[0-9]{1,11}", text):
        raise InitDataInvalid("auth_date")
    auth_date = datetime.fromtimestamp(int(text), UTC)
    if auth_date - now > max_skew:
        raise InitDataInvalid("future")
    if now - auth_date > max_age:
        raise InitDataInvalid("expired")
    return auth_date


def _user(fields: Mapping[str, str]) -> TelegramUser:
    try:
        user = orjson.loads(fields.get("user", ""))
    except orjson.JSONDecodeError as error:
        raise InitDataInvalid("user") from error
    if not isinstance(user, dict):
        raise InitDataInvalid("user")
    key = user.get("id")
    if type(key) is not int or not 0 < key < MAX_USER_ID:
        raise InitDataInvalid("user")
    return TelegramUser(
        id=key,
        first_name=_text(user, "first_name", 128),
        last_name=_text(user, "last_name", 128),
        username=_text(user, "username", 64),
        language=_text(user, "language_code", 16),
        photo_url=_photo(user),
        may_write=user.get("allows_write_to_pm") is True,
    )


def _text(user: Mapping[str, Any], name: str, limit: int) -> str:
    """Trimmed to what we keep; a name with NUL or a wrong type is no name."""
    value = user.get(name, "")
    return value.replace("\x00", "")[:limit] if isinstance(value, str) else ""


def _photo(user: Mapping[str, Any]) -> str:
    url = _text(user, "photo_url", 501)
    return url if url.startswith("https://") and len(url) <= 500 else ""
