"""Binance Pay's webhooks: signed with a key of theirs that is asked for by its serial number."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from django.core.cache import cache

from core.inbox.models import InboxEvent
from payments.providers.base import Hint
from payments.providers.binance import signature
from payments.providers.binance.client import CERTIFICATES, call

SERIAL: Final = "BinancePay-Certificate-SN"
NONCE: Final = "BinancePay-Nonce"
TIMESTAMP: Final = "BinancePay-Timestamp"
SIGNATURE: Final = "BinancePay-Signature"
_CACHE: Final = "payments.binance.certificates"
_KEEP: Final = 24 * 3600


class BinanceWebhook:
    """Fulfils Webhook. `data` is a JSON text within the JSON."""

    source = "binance"
    headers = (SERIAL, NONCE, TIMESTAMP, SIGNATURE)

    def event_key(self, headers: Mapping[str, str], body: bytes) -> str:
        """bizId is larger than what JavaScript holds: its text is the one to use."""
        del headers
        told = _document(body)
        if not told.get("bizIdStr"):
            return hashlib.sha256(body).hexdigest()
        return f"{told['bizIdStr']}:{told.get('bizStatus')}"

    def verify(self, event: InboxEvent) -> bool:
        """May ask for the certificates once. Raises ProviderError when they cannot be had."""
        given = {name: str(event.headers.get(name, "")) for name in self.headers}
        if not all(given.values()):
            return False
        public = _certificate(given[SERIAL])
        return public is not None and signature.fits(
            public, given[SIGNATURE], given[TIMESTAMP], given[NONCE], bytes(event.body)
        )

    def hints(self, event: InboxEvent) -> Sequence[Hint]:
        told = _document(bytes(event.body))
        data = _document(str(told.get("data", "")).encode())
        if told.get("bizType") not in ("PAY", "PAY_REFUND"):
            return ()
        prepay, ours = str(data.get("prepayId") or ""), str(data.get("merchantTradeNo") or "")
        return (Hint(acquirer="binance", reference=prepay, key=ours),)

    def answer(self) -> tuple[str, bytes]:
        return "application/json", b'{"returnCode":"SUCCESS","returnMessage":null}'


def _certificate(serial: str) -> str | None:
    known: dict[str, str] = cache.get(_CACHE) or {}
    if serial not in known:
        rows = call(CERTIFICATES, {}).get("rows") or []
        known = {str(row["certSerial"]): str(row["certPublic"]) for row in rows}
        cache.set(_CACHE, known, _KEEP)
    return known.get(serial)


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
