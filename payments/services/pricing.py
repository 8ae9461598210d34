"""What one edition costs in another asset: the artist's own list, else a fresh rate."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core.money import CURRENCIES, Money
from nft.models import Collection
from payments import errors
from payments.models import ListPrice, Quote, Rate

FIXED: Final = "fixed"
CONTRADICTING: Final = "contradicting"  # the source of a rate on which sources do not agree
LIFETIME: Final = timedelta(minutes=30)
_COIN: Final = 10**9
_MICRO: Final = 10**6
_BPS: Final = 10_000
_IDEA: Final = timedelta(days=1)  # the oldest rate that may still give an idea of a price
_SHOWN: Final = "rates-shown"


def quote_make(*, collection: Collection, asset: str, base_price: int, now: datetime) -> Quote:
    """A stored quote for one edition at `base_price` nano-coins.

    Raises ApplicationError price_unavailable (503), see quote_of.
    """
    quote = quote_of(collection=collection, asset=asset, base_price=base_price, now=now)
    if quote is None:
        raise errors.price_unavailable()
    quote.save(force_insert=True)
    return quote


def quote_of(*, collection: Collection, asset: str, base_price: int, now: datetime) -> Quote | None:
    """The quote as it would be made now, not stored. None when there is neither a list price nor
    a rate younger than settings.RATE_MAX_AGE.
    """
    listed = ListPrice.objects.filter(collection=collection, asset=asset).first()
    if listed is not None:
        return Quote(
            asset=asset,
            unit_price=listed.unit_price,
            base_price=base_price,
            expires_at=now + LIFETIME,
        )
    rate = rate_fresh(asset, now)
    if rate is None:
        return None
    return Quote(
        asset=asset,
        unit_price=converted(base_price, rate.micros, settings.RATE_SPREAD_BPS),
        base_price=base_price,
        rate=rate,
        spread_bps=settings.RATE_SPREAD_BPS,
        expires_at=now + LIFETIME,
    )


def rate_fresh(asset: str, now: datetime) -> Rate | None:
    """The newest rate of an asset; none when it is stale or its sources contradict each other: no
    price is better than a wrong one.
    """
    if fixed := settings.RATES_FIXED.get(asset):
        return _fixed(asset, fixed, now)
    newest = Rate.objects.filter(asset=asset, at__lte=now).order_by("-id").first()
    if newest is None or newest.at < now - settings.RATE_MAX_AGE:
        return None
    if newest.source == CONTRADICTING:
        return None
    return newest


def rates_shown(now: datetime | None = None) -> dict[str, Any]:
    """What prices are shown by beside the coin: no more than an idea, with its age told.

    Older than a day it is left out, and so is one whose sources contradict each other. One query
    a currency, kept for half a minute.
    """
    kept: dict[str, Any] | None = cache.get(_SHOWN)
    if kept is None:
        now = now or timezone.now()
        found = [_shown(asset, now) for asset in CURRENCIES]
        kept = {"coin": settings.NATIVE_COIN, "rates": [one for one in found if one]}
        cache.set(_SHOWN, kept, 30)
    return kept


def _shown(asset: str, now: datetime) -> dict[str, Any] | None:
    if fixed := settings.RATES_FIXED.get(asset):
        return {"currency": asset, "price": fixed, "at": now, "stale": False}
    newest = Rate.objects.filter(asset=asset, at__lte=now).order_by("-id").first()
    if newest is None or newest.source == CONTRADICTING or newest.at < now - _IDEA:
        return None
    places = Money(asset, 0).decimals + 6  # micros of its minor unit
    price = Decimal(newest.micros).scaleb(-places).normalize()
    stale = newest.at < now - settings.RATE_MAX_AGE
    return {"currency": asset, "price": f"{price:f}", "at": newest.at, "stale": stale}


def _fixed(asset: str, price: str, now: datetime) -> Rate:
    """A rate that the operator set: it never gets old, and every change of it is a row."""
    micros = Money.parse(asset, price).amount * _MICRO
    newest = Rate.objects.filter(asset=asset, source=FIXED).first()
    if newest is not None and newest.micros == micros:
        return newest
    return Rate.objects.create(asset=asset, micros=micros, source=FIXED, at=now)


def converted(nano: int, micros: int, spread_bps: int) -> int:
    """Minor units for `nano` at `micros` (see Rate) with the spread, rounded up."""
    above = nano * micros * (_BPS + spread_bps)
    return -(-above // (_COIN * _MICRO * _BPS))
