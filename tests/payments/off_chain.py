"""What the tests of money outside the chain say in one line."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from deploy.local.sandbox.frame import Delivery
from nft.models import Collection
from payments import ledger
from payments.models import ClaimRight, LedgerAccount, Order, PaymentAttempt, Rate
from payments.services import refreshing
from payments.services.events import Cause

Kind = LedgerAccount.Kind
# One coin: 3 dollars, 270 roubles, 3 USDT, 230 Stars; in millionths of minor units.
RATES = {"USD": 300, "RUB": 27_000, "USDT": 3_000_000, "XTR": 230}


def rates(now: Any) -> None:
    """Fresh rates of every asset."""
    for asset, minor in RATES.items():
        Rate.objects.create(asset=asset, micros=minor * 10**6, source="test", at=now)


def post(client: APIClient, drop: Collection, method: str, **given: Any) -> Any:
    body = {"drop": str(drop.pk), "quantity": 1, "method": method, **given}
    return client.post("/api/v1/orders", body, headers={"Idempotency-Key": uuid4().hex})


def deliver(client: Any, source: str, event: Delivery) -> Any:
    """One webhook as its sender posts it."""
    headers = dict(event.headers(event.body))
    kind = headers.pop("Content-Type", "application/json")
    return client.post(f"/webhooks/{source}", data=event.body, content_type=kind, headers=headers)


def refresh(attempt: PaymentAttempt) -> None:
    """What the worker does after a webhook, and the poller without one."""
    refreshing.attempt_refresh(attempt_id=attempt.pk, cause=Cause("test"))


def owed(order: Order, asset: str) -> int:
    """What the books say the shop owes for an order, in minor units."""
    return ledger.owed(Kind.ORDER_LIABILITY, str(order.pk), asset).amount


def at_provider(acquirer: str, asset: str) -> int:
    return ledger.balance(Kind.PSP_CLEARING, acquirer, asset).amount


def balanced() -> bool:
    return not any(ledger.imbalance().values())


def claim_of(order: Order) -> ClaimRight:
    return ClaimRight.objects.get(order=order)
