"""Rates as they are quoted: asked of every source, taken where these agree.

A source that is silent or old is left out. When too few are left nothing is stored and the last
rate gets stale; when they contradict each other that is stored, and quoting stops at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from django.conf import settings
from django.utils import timezone

from payments import rates
from payments.models import Rate
from payments.rates import RateError, Said
from payments.services.pricing import CONTRADICTING

log = structlog.get_logger(__name__)
_BPS: Final = 10_000
_SOURCE_LENGTH: Final = 40


def rates_fetch(*, now: datetime | None = None) -> list[Rate]:
    """Ask every source once and store what they say together; one row an asset.

    Asks over the network: not inside a transaction.
    """
    heard = [said for said in map(_ask, settings.RATE_SOURCES.items()) if said is not None]
    now = now or timezone.now()
    fresh = [said for said in heard if now - settings.RATE_MAX_AGE <= said.at <= now]
    prices: dict[str, list[int]] = defaultdict(list)
    for said in fresh:
        for asset, micros in said.micros.items():
            prices[asset].append(micros)
    source = "+".join(sorted(said.source for said in fresh))[:_SOURCE_LENGTH]
    made = [
        _row(asset, values, source, min(said.at for said in fresh))
        for asset, values in prices.items()
        if len(values) >= settings.RATE_QUORUM
    ]
    return Rate.objects.bulk_create(made)


def _ask(source: tuple[str, str]) -> Said | None:
    try:
        return rates.ask(*source)
    except RateError as error:
        log.warning("rate_source_failed", error=str(error))
        return None


def _row(asset: str, values: Sequence[int], source: str, at: datetime) -> Rate:
    """at: of the oldest of them, so that the age of a rate is never flattered."""
    middle = _median(values)
    apart = (max(values) - min(values)) * _BPS > middle * settings.RATE_TOLERANCE_BPS
    if apart:
        log.error("rates_contradict", asset=asset, lowest=min(values), highest=max(values))
    return Rate(asset=asset, micros=middle, source=CONTRADICTING if apart else source, at=at)


def _median(values: Sequence[int]) -> int:
    row, half = sorted(values), len(values) // 2
    return row[half] if len(row) % 2 else (row[half - 1] + row[half]) // 2
