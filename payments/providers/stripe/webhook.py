"""Stripe's webhooks (docs.stripe.com/webhooks): signed, repeated, in no order."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
import stripe
from django.conf import settings

from core.inbox.models import InboxEvent
from payments.providers.base import Hint

SIGNATURE: Final = "Stripe-Signature"
TOLERANCE: Final = 300
_LIVE: Final = ("sk_live_", "rk_live_")


class StripeWebhook:
    """Fulfils Webhook. Every kind of event is a hint to ask about one payment."""

    source = "stripe"
    headers = (SIGNATURE,)

    def event_key(self, headers: Mapping[str, str], body: bytes) -> str:
        del headers
        found = _event(body).get("id")
        return str(found) if found else hashlib.sha256(body).hexdigest()

    def verify(self, event: InboxEvent) -> bool:
        """Any of our secrets fits, and the time is near ours."""
        body, header = bytes(event.body), str(event.headers.get(SIGNATURE, ""))
        return any(_fits(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS)

    def hints(self, event: InboxEvent) -> Sequence[Hint]:
        """Nothing of the other mode: it is genuine, and nobody has to repeat it."""
        told = _event(bytes(event.body))
        if told.get("livemode") is not settings.STRIPE_SECRET_KEY.startswith(_LIVE):
            return ()
        thing = told.get("data", {}).get("object", {})
        if not isinstance(thing, dict):
            return ()
        kind = str(thing.get("object", ""))
        if kind == "checkout.session":
            ours = _uuid(thing.get("metadata", {}).get("attempt_id"))
            return (Hint(ours, acquirer="stripe", reference=str(thing.get("id", ""))),)
        if kind in ("refund", "dispute", "charge", "radar.early_fraud_warning"):
            intent = str(thing.get("payment_intent") or "")
            return (Hint(acquirer="stripe", external_id=intent),) if intent else ()
        return ()

    def answer(self) -> tuple[str, bytes]:
        return "application/json", b"{}"


def _fits(body: bytes, header: str, secret: str) -> bool:
    """The SDK refuses old times; ours refuses those from the future, too."""
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE)
        at = next(int(part[2:]) for part in header.split(",") if part.startswith("t="))
    except (stripe.SignatureVerificationError, StopIteration, ValueError):
        return False
    return at <= time.time() + TOLERANCE


def _event(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
