"""Numbers of payments for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from django.core.cache import cache
from prometheus_client import Counter, Histogram

from core.metrics import gauge
from payments import ledger, selectors
from payments.models import ProviderHealth

FOREIGN_SETTLEMENTS: Final = Counter(
    "payments_foreign_settlements", "Batches that the hub accepted and that are not ours"
)
# From the moment the chain took the money to the commit that gave the editions.
CREDIT_SECONDS: Final = Histogram(
    "payments_credit_seconds",
    "Payment on chain to fulfilled order",
    buckets=(1, 2, 3, 5, 8, 13, 30, 60, 300, 1800, 7200),
)


@gauge("payments_provider_away", "1 while an acquirer does not answer", label="acquirer")
def providers_away() -> Mapping[str, float]:
    rows = ProviderHealth.objects.values_list("acquirer", "state")
    return {name: float(state != ProviderHealth.State.CLOSED) for name, state in rows}


# Both read whole tables: once a minute for all scrapes is enough.
_KEEP: Final = 60


@gauge("payments_orders", "Orders by state", label="state")
def orders_by_state() -> Mapping[str, float]:
    return _kept("payments.metrics.orders", selectors.orders_by_state)


@gauge("payments_ledger_imbalance", "Sum of all legs; 0 or an alarm", label="asset")
def ledger_imbalance() -> Mapping[str, float]:
    return _kept("payments.metrics.imbalance", ledger.imbalance)


def _kept(key: str, read: Callable[[], dict[str, int]]) -> Mapping[str, float]:
    found = cast("dict[str, int]", cache.get_or_set(key, read, _KEEP))
    return {name: float(number) for name, number in found.items()}
