"""The story of an order, written in the transaction of each move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from payments.models import Order, PaymentAttempt, PaymentEvent


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something moved: who says so ("receipt", "expiry", "buyer") and what is worth keeping."""

    text: str
    details: Mapping[str, Any] = field(default_factory=dict)


def order_event(order: Order, from_state: str, cause: Cause) -> PaymentEvent:
    """Not yet saved; `order` is already in its new state."""
    return PaymentEvent(
        order=order,
        from_state=from_state,
        to_state=order.state,
        cause=cause.text[:160],
        details=dict(cause.details),
    )


def attempt_event(attempt: PaymentAttempt, from_state: str, cause: Cause) -> PaymentEvent:
    """Not yet saved; `attempt` is already in its new state."""
    return PaymentEvent(
        order_id=attempt.order_id,
        attempt=attempt,
        from_state=from_state,
        to_state=attempt.state,
        cause=cause.text[:160],
        details=dict(cause.details),
    )


def save(*events: PaymentEvent) -> None:
    PaymentEvent.objects.bulk_create(events)
