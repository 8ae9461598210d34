"""One request to one gateway: what is sent, what is read, what is refused.

Sources: specs.ipfs.tech trustless-gateway and path-gateway (2026-03); RFC 9110 section 14.
"""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpcore2
import httpx2

from core.ipfs.gateways.base import Gateway, GatewayFailed, Limits, Want
from core.ipfs.gateways.calls import Call, Cancelled, calling

RAW: Final = "application/vnd.ipld.raw"
# The empty identity block: every gateway can answer it without having anything.
PROBE: Final = "bafkqaaa"
LONGEST_WAIT: Final = 3600.0
_PAUSE: Final = 5.0  # when a gateway wants one and does not say how long
_MISSING: Final = frozenset({404, 410, 412, 451})
_BUSY: Final = frozenset({429, 503})


def leaf(client: httpx2.Client, gateway: Gateway, want: Want, call: Call, limits: Limits) -> bytes:
    """The bytes of a leaf, hashed. Raises GatewayFailed."""
    address, headers = _address(gateway, want), _headers(gateway, want)
    data = _ask(client, gateway, address, headers, want, call, limits)
    if hashlib.sha256(data).digest() != want.leaf.digest:
        raise GatewayFailed("wrong", f"bytes {want.first}-{want.last} of {want.root}")
    return data


def probe(client: httpx2.Client, gateway: Gateway, call: Call, limits: Limits) -> None:
    """Ask for the empty block. Raises GatewayFailed when it does not come, empty."""
    address = f"{gateway.url}/ipfs/{PROBE}" + ("?format=raw" if gateway.trustless else "")
    headers = _common(gateway) | ({"Accept": RAW} if gateway.trustless else {})
    _ask(client, gateway, address, headers, None, call, limits)


def _address(gateway: Gateway, want: Want) -> str:
    if gateway.trustless:
        return f"{gateway.url}/ipfs/{want.leaf}?format=raw"
    return f"{gateway.url}/ipfs/{want.root}"


def _headers(gateway: Gateway, want: Want) -> dict[str, str]:
    if gateway.trustless:
        return _common(gateway) | {"Accept": RAW}
    part = {"Range": f"bytes={want.first}-{want.last}"} if want.length else {}
    return _common(gateway) | part


def _common(gateway: Gateway) -> dict[str, str]:
    """Compressed answers could grow without end: none are asked for, and none are read."""
    token = {"x-pinata-gateway-token": gateway.token} if gateway.token else {}
    return {"Accept-Encoding": "identity", **token}


def _ask(
    client: httpx2.Client,
    gateway: Gateway,
    address: str,
    headers: dict[str, str],
    want: Want | None,
    call: Call,
    limits: Limits,
) -> bytes:
    call.until = min(call.until, call.started + limits.first_byte)
    timeout = httpx2.Timeout(limits.first_byte, connect=limits.connect)
    try:
        with (
            calling(call),
            client.stream("GET", address, headers=headers, timeout=timeout) as answer,
        ):
            call.begun()
            call.until = call.started + limits.attempt
            _check(gateway, answer, want)
            return _body(answer, want.length if want else 0)
    except Cancelled:
        raise GatewayFailed("overtaken") from None
    except (httpx2.TransportError, httpcore2.NetworkError, OSError) as error:
        raise _broken(error, call) from error


def _broken(error: Exception, call: Call) -> GatewayFailed:
    if call.cancelled:
        return GatewayFailed("overtaken")
    if isinstance(error, httpx2.TimeoutException) or time.monotonic() >= call.until:
        return GatewayFailed("slow", type(error).__name__)
    if isinstance(error, httpx2.RemoteProtocolError) and call.first_byte is not None:
        return GatewayFailed("truncated", "the answer ended before its length")
    return GatewayFailed("away", type(error).__name__)


def _check(gateway: Gateway, answer: httpx2.Response, want: Want | None) -> None:
    """Status, kind and place are looked at before a byte of the body is."""
    status, kind = answer.status_code, answer.headers.get("Content-Type", "")
    kind = kind.partition(";")[0].strip().lower()
    if 300 <= status < 400:
        place = urlsplit(answer.headers.get("Location", "")).hostname
        raise GatewayFailed("redirect", f"status {status} to {place or 'itself'}")
    if status in _MISSING:
        raise GatewayFailed("missing", f"status {status}")
    if status in _BUSY:
        raise GatewayFailed("busy", f"status {status}", _wait(answer.headers.get("Retry-After")))
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise GatewayFailed("kind", "a compressed answer")
    if gateway.trustless:
        _check_block(status, kind)
    else:
        _check_part(answer, kind, want)


def _check_block(status: int, kind: str) -> None:
    if status != 200:
        raise GatewayFailed("status", f"status {status}")
    if kind != RAW:
        raise GatewayFailed("kind", f"Content-Type {kind[:60] or 'missing'}")


def _check_part(answer: httpx2.Response, kind: str, want: Want | None) -> None:
    if kind in {"text/html", "multipart/byteranges"}:
        raise GatewayFailed("kind", f"Content-Type {kind}")
    if answer.status_code == 206 and want is not None:
        if answer.headers.get("Content-Range") != f"bytes {want.first}-{want.last}/{want.size}":
            raise GatewayFailed("kind", "another range than was asked for")
    elif answer.status_code != 200 or (want is not None and want.length != want.size):
        raise GatewayFailed("status", f"status {answer.status_code} to a range")


def _body(answer: httpx2.Response, length: int) -> bytes:
    """Exactly so many bytes; reading stops at the first one too many."""
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > length:
            raise GatewayFailed("too_long", f"more than {length} bytes")
    if len(body) < length:
        raise GatewayFailed("truncated", f"{len(body)} of {length} bytes")
    return bytes(body)


def _wait(header: str | None) -> float:
    """Seconds out of Retry-After (RFC 9110, 10.2.3: seconds or a date), at most an hour."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return _PAUSE
    left = (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    return min(max(left, 0.0), LONGEST_WAIT)
