"""What a purchase has to bring, also on the day when the network changes its fees.

Our figures are those of the network's prices as committed (contracts/fees.py). A chore compares
them with what a contract answers; while they differ, every purchase is asked of its contract.
"""

from __future__ import annotations

from typing import Final

import structlog
from django.core.cache import cache

from contracts import collection as contract
from contracts import fees
from core.ton import sources
from nft.models import Collection
from nft.services import terms_refresh
from payments.models import Order

log = structlog.get_logger(__name__)
_DRIFT: Final = "payments.ton.fee_drift"
_KEEP: Final = 3600


def attach(order: Order, *, gift: bool, referred: bool) -> int:
    """Nano to attach for all editions of the order; what is not needed comes back.

    Raises ChainError only while fees differ and the contract cannot be asked.
    """
    if not cache.get(_DRIFT):
        return _figure(order.quantity, order.unit_price, gift=gift, referred=referred)
    drop = order.collection
    asked = _asked(drop, order.quantity, gift=gift, referred=referred)
    return asked + (order.unit_price - drop.price) * order.quantity


def fees_check() -> int:
    """How many nano our figure for one edition is below the contract's; 0 when all is well.

    Raises ChainError when no source answers; the last finding then stays.
    """
    drop = Collection.objects.filter(state=Collection.State.LIVE).order_by("-live_at").first()
    if drop is None:
        return 0
    drop = terms_refresh(collection=drop)
    drift = _asked(drop, 1, gift=False, referred=False) - _figure(
        1, drop.price, gift=False, referred=False
    )
    if drift:
        log.error("network_fees_changed", drift=drift, drop=drop.address)
    cache.set(_DRIFT, drift, _KEEP)
    return drift


def _figure(quantity: int, price: int, *, gift: bool, referred: bool) -> int:
    return fees.mint_cost(quantity, gift=gift, referred=referred, price=price)


def _asked(drop: Collection, quantity: int, *, gift: bool, referred: bool) -> int:
    stack = [quantity, -int(gift), -int(referred)]
    return contract.parse_number(sources.client().run_get(drop.address, "get_mint_cost", stack))
