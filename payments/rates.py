"""What public sources say one native coin costs. Nothing is written here; see services.rates.

A source is a form of answer at an address of the settings (RATE_SOURCES, "form:address").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from core import http
from core.money import CURRENCIES, Money

_COIN: Final = "the-open-network"
_MICRO: Final = 10**6
_MICROS_OF_A_CENT: Final = 10_000


class RateError(Exception):
    """A source that does not answer, or answers what is no rate."""


@dataclass(frozen=True, slots=True)
class Said:
    """One source's prices: millionths of minor units of one whole coin, by asset."""

    source: str
    at: datetime
    micros: Mapping[str, int]


def ask(source: str, address: str) -> Said:
    """Raises RateError."""
    form = FORMS.get(source)
    if form is None:
        raise RateError(f"no such form of a rate source: {source}")
    try:
        at, prices = form(address)
        micros = {asset: _micros(asset, prices[asset]) for asset in CURRENCIES if asset in prices}
    except (http.Unavailable, http.TooLarge) as error:
        raise RateError(f"{source} does not answer") from error
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise RateError(f"{source} answers no rates: {type(error).__name__}") from error
    if not micros:
        raise RateError(f"{source} knows none of {', '.join(CURRENCIES)}")
    return Said(source, at, {**micros, **_derived(micros)})


def _derived(micros: Mapping[str, int]) -> dict[str, int]:
    """USDT stands for a dollar; a Star is worth what Telegram credits for it."""
    dollars = micros.get("USD")
    if dollars is None:
        return {}
    usdt = dollars * 10 ** (Money("USDT", 0).decimals - Money("USD", 0).decimals)
    return {"USDT": usdt, "XTR": dollars * _MICROS_OF_A_CENT // settings.STAR_USD_MICROS}


def _micros(asset: str, price: Any) -> int:
    if not isinstance(price, Decimal | int) or isinstance(price, bool) or price <= 0:
        raise ValueError(f"a price of {asset}")
    return int(Decimal(price).scaleb(Money(asset, 0).decimals) * _MICRO)


def _get(address: str, path: str, query: Mapping[str, str]) -> Any:
    with http.Client(base_url=address, max_bytes=100_000) as client:
        answer = client.request("GET", path, params=dict(query))
    if answer.status_code != 200:
        raise ValueError(f"status {answer.status_code}")
    return json.loads(answer.content, parse_float=Decimal)


def _coingecko(address: str) -> tuple[datetime, Mapping[str, Any]]:
    """docs.coingecko.com, simple price: it says when each price was made."""
    names = ",".join(CURRENCIES).lower()
    query = {"ids": _COIN, "vs_currencies": names, "include_last_updated_at": "true"}
    found = _get(address, "/simple/price", query)[_COIN]
    prices = {asset: found[asset.lower()] for asset in CURRENCIES if asset.lower() in found}
    return datetime.fromtimestamp(int(found["last_updated_at"]), UTC), prices


def _tonapi(address: str) -> tuple[datetime, Mapping[str, Any]]:
    """docs.tonconsole.com, rates: the present ones, without a time."""
    query = {"tokens": "ton", "currencies": ",".join(CURRENCIES).lower()}
    return timezone.now(), _get(address, "/rates", query)["rates"]["TON"]["prices"]


FORMS: Final[Mapping[str, Callable[[str], tuple[datetime, Mapping[str, Any]]]]] = {
    "coingecko": _coingecko,
    "tonapi": _tonapi,
}
