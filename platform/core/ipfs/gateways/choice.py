"""Who is asked first: lower tiers, and within a tier by lot, the better ones more often."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from core.ipfs.gateways.base import Gateway
from core.ipfs.gateways.health import Health

_UNKNOWN: Final = 0.05  # seconds: the first byte of one who was never asked, when nobody was
_draw: Final = random.SystemRandom().random


def ranked(
    gateways: Iterable[Gateway],
    healths: Mapping[str, Health],
    *,
    now: float,
    draw: Callable[[], float] = _draw,
) -> list[Gateway]:
    """The gateways that may be asked now, in the order of asking.

    The lot keeps exploring: one that was slow an hour ago is still tried now and then. An unknown
    one is credited with the best first byte of the others.
    """
    may = [one for one in gateways if not healths[one.name].resting(now)]
    known = [healths[one.name].first_byte for one in may if healths[one.name].first_byte]
    unknown = min(known, default=_UNKNOWN)

    def place(gateway: Gateway) -> tuple[int, float]:
        # Efraimidis and Spirakis (2006): to sort by these is to draw by weight.
        lot = -math.log(max(draw(), 1e-12)) / healths[gateway.name].weight(unknown)
        return gateway.tier, lot

    return sorted(may, key=place)


def shortest_rest(gateways: Iterable[Gateway], healths: Mapping[str, Health], now: float) -> float:
    """Seconds until the first of them may be asked again."""
    return min((healths[one.name].resting(now) for one in gateways), default=0.0)
