"""Payments on the desk's home."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core.desk.registry import Reading, grant, queue, tile
from core.money import Money
from payments import ledger
from payments.models import Order

_ORDERS = "admin:payments_order_changelist"

grant(
    "finance",
    "payments.view_order",
    "payments.view_paymentattempt",
    "payments.view_paymentevent",
    "payments.view_ledgeraccount",
    "payments.view_ledgerentry",
    "payments.view_leg",
    "referrals.view_code",
    "referrals.view_attribution",
)


@tile("Orders today", link=_ORDERS, permission="payments.view_order", order=10)
def orders_today() -> Reading:
    """Of the last 24 hours; every day is somebody's night."""
    recent = Order.objects.filter(created_at__gt=timezone.now() - timedelta(days=1))
    fulfilled = recent.filter(state=Order.State.FULFILLED).count()
    return Reading(recent.count(), f"{fulfilled} fulfilled")


@queue(
    "Orders that need attention",
    link=f"{_ORDERS}?state__exact={Order.State.NEEDS_ATTENTION}",
    permission="payments.view_order",
)
def orders_waiting() -> int:
    return Order.objects.filter(state=Order.State.NEEDS_ATTENTION).count()


@tile(
    "Ledger imbalance",
    link="admin:payments_ledgerentry_changelist",
    permission="payments.view_ledgerentry",
    order=20,
)
def ledger_imbalance() -> Reading:
    """Zero, always. Anything else means that somebody went past the database's own guards."""
    wrong = [str(Money(asset, amount)) for asset, amount in ledger.imbalance().items() if amount]
    if wrong:
        return Reading(", ".join(wrong), "entries do not balance", "bad")
    return Reading(0, "every entry balances", "good")
