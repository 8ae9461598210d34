"""Numbers of payments for Prometheus."""

from __future__ import annotations

from typing import Final

from prometheus_client import Histogram

from core.metrics import gauge
from payments import ledger, selectors

# From the moment the chain took the money to the commit that gave the editions.
CREDIT_SECONDS: Final = Histogram(
    "payments_credit_seconds",
    "Payment on chain to fulfilled order",
    buckets=(1, 2, 3, 5, 8, 13, 30, 60, 300, 1800, 7200),
)


@gauge("payments_orders", "Orders by state", label="state")
def orders_by_state() -> dict[str, float]:
    return {state: float(count) for state, count in selectors.orders_by_state().items()}


@gauge("payments_ledger_imbalance", "Sum of all legs; 0 or an alarm", label="asset")
def ledger_imbalance() -> dict[str, float]:
    return {asset: float(amount) for asset, amount in ledger.imbalance().items()}
