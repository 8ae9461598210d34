"""Numbers of media for Prometheus: the state of each gateway, by its name alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from catalog.media import gateways
from catalog.media.models import Gateway
from core.metrics import gauge

_STATES: Final = {"closed": 0.0, "half_open": 1.0, "open": 2.0}


@gauge(
    "media_gateway_state",
    "0 in use, 1 being tried, 2 circuit open, 3 quarantined, 4 switched off",
    label="gateway",
)
def gateway_states() -> Mapping[str, float]:
    rows = list(Gateway.objects.all())
    healths = gateways.fetcher().health.read(row.name for row in rows)
    return {row.name: _state(row, healths[row.name].state(time.time())) for row in rows}


def _state(row: Gateway, circuit: str) -> float:
    if row.quarantined_at is not None:
        return 3.0
    return _STATES[circuit] if row.enabled else 4.0
