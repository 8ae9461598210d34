"""Ways to pay for a drop, as a page may show them: what each would ask, and who may use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from core.money import Money
from nft.models import Collection
from payments.providers import offered, provider
from payments.providers.base import Capabilities
from payments.services import policy, pricing

# TON first; the rest as people know them.
_ORDER: Final = ("ton", "stripe", "sbp", "binance", "stars")


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to pay. amount: for all editions asked for; reserves: out of the hub quota."""

    method: str
    amount: Money
    needs_email: bool
    reserves: bool


def offers_of(
    *,
    collection: Collection,
    unit_price: int,
    quantity: int,
    context: str,
    now: datetime,
    country: str = "",
) -> list[Offer]:
    """What would be taken now, in the order to show it. unit_price in nano-coins.

    Left out: methods that are not configured, switched off, not allowed here, without a price, or
    for which the amount is too small or too large. The server decides again when one is chosen.
    """
    found = []
    for method in sorted(offered(), key=_ORDER.index):
        able = provider(method).capabilities
        amount = _amount(collection, able, unit_price, quantity, now)
        if amount is None or not _takes(able, amount):
            continue
        decision = policy.decide(
            method=method,
            context=context,
            country=country,
            asset=amount.asset,
            amount=amount.amount,
        )
        if decision.allowed:
            found.append(Offer(method, amount, able.needs_email, able.reserves))
    return found


def _amount(
    collection: Collection, able: Capabilities, unit_price: int, quantity: int, now: datetime
) -> Money | None:
    if settings.NATIVE_COIN in able.assets:
        return Money(settings.NATIVE_COIN, unit_price * quantity)
    asset = min(able.assets)
    quote = pricing.quote_of(collection=collection, asset=asset, base_price=unit_price, now=now)
    return None if quote is None else Money(asset, quote.unit_price * quantity)


def _takes(able: Capabilities, amount: Money) -> bool:
    smallest = able.smallest.get(amount.asset, 0)
    return smallest <= amount.amount <= able.largest.get(amount.asset, amount.amount)
