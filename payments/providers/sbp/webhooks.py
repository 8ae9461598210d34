"""Notifications of the acquirers: YooKassa's are known by their address, T-Bank's by a Token."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.conf import settings

from core.inbox.models import InboxEvent
from payments.providers.base import Hint
from payments.providers.sbp.acquirer import uuid
from payments.providers.sbp.tbank import token

ADDRESS = "Client-Address"


class YooKassaWebhook:
    """Fulfils Webhook (yookassa.ru/developers/using-api/webhooks). There is no signature."""

    source = "yookassa"
    headers: tuple[str, ...] = ()

    def event_key(self, headers: Mapping[str, str], body: bytes) -> str:
        """There is no event id: the event, the object, and the object's state."""
        del headers
        told = _document(body)
        thing = _object(told)
        if not thing.get("id"):
            return hashlib.sha256(body).hexdigest()
        return f"{told.get('event')}:{thing['id']}:{thing.get('status')}"

    def verify(self, event: InboxEvent) -> bool:
        """From one of YooKassa's own networks, as our trusted proxies saw it."""
        try:
            sender = ipaddress.ip_address(str(event.headers.get(ADDRESS, "")))
        except ValueError:
            return False
        networks = (ipaddress.ip_network(one) for one in settings.YOOKASSA_WEBHOOK_NETWORKS)
        return any(sender in network for network in networks)

    def hints(self, event: InboxEvent) -> Sequence[Hint]:
        """Nothing of another shop: its payments are not for us, and nobody has to repeat it."""
        told = _document(bytes(event.body))
        thing = _object(told)
        shop = _object({"object": thing.get("recipient")}).get("account_id")
        if shop is not None and str(shop) != settings.YOOKASSA_SHOP_ID:
            return ()
        if str(told.get("event", "")).startswith("refund."):
            return (Hint(acquirer="yookassa", external_id=str(thing.get("payment_id", ""))),)
        if not str(told.get("event", "")).startswith("payment."):
            return ()
        metadata = thing.get("metadata")
        ours = uuid(metadata.get("attempt_id")) if isinstance(metadata, dict) else None
        return (Hint(ours, acquirer="yookassa", reference=str(thing.get("id", ""))),)

    def answer(self) -> tuple[str, bytes]:
        return "application/json", b"{}"


class TBankWebhook:
    """Fulfils Webhook (developer.tbank.ru/eacq/intro/developer/notification)."""

    source = "tbank"
    headers: tuple[str, ...] = ()

    def event_key(self, headers: Mapping[str, str], body: bytes) -> str:
        del headers
        told = _document(body)
        if not told.get("PaymentId"):
            return hashlib.sha256(body).hexdigest()
        return f"{told['PaymentId']}:{told.get('Status')}:{told.get('Amount')}"

    def verify(self, event: InboxEvent) -> bool:
        told = _document(bytes(event.body))
        if told.get("TerminalKey") != settings.TBANK_TERMINAL_KEY:
            return False
        ours = token(told, settings.TBANK_PASSWORD)
        return hmac.compare_digest(str(told.get("Token", "")).encode(), ours.encode())

    def hints(self, event: InboxEvent) -> Sequence[Hint]:
        """By their number or, when it comes before the answer that has it, by our key."""
        told = _document(bytes(event.body))
        number, key = str(told.get("PaymentId", "")), str(told.get("OrderId", ""))
        return (Hint(acquirer="tbank", reference=number, key=key),)

    def answer(self) -> tuple[str, bytes]:
        """Anything but OK is sent again."""
        return "text/plain", b"OK"


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _object(told: Mapping[str, Any]) -> dict[str, Any]:
    thing = told.get("object")
    return thing if isinstance(thing, dict) else {}
