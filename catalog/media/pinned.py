"""How well our files are kept: reads for the portal, the desk and the scraper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q
from prometheus_client import Counter

from catalog.media.models import Asset, Pin
from core.ipfs import pinning
from core.metrics import gauge

GIVEN_UP: Final = (Pin.State.LEAVING, Pin.State.GONE)
_KEEP: Final = 60  # seconds: it reads a whole table
pins_lost: Final = Counter("pins_lost", "Pins that a service had and has no longer", ["service"])


@dataclass(frozen=True, slots=True)
class Standing:
    """Of some files: how many are pinned often enough. trouble: an error that a service gave."""

    ready: int
    total: int
    trouble: bool = False

    @property
    def complete(self) -> bool:
        return self.ready == self.total


def replicas() -> int:
    """Pins that a file needs: IPFS_REPLICAS, but not more than there are services."""
    return min(settings.IPFS_REPLICAS, len(pinning.services()))


def standing(assets: Iterable[Asset | None]) -> Standing:
    """One query, none without services. None among the assets is passed over."""
    wanted = {asset.pk for asset in assets if asset is not None}
    needed = replicas()
    if not needed:
        return Standing(len(wanted), len(wanted))
    rows = _counted(Q(asset__in=wanted)).values_list("pinned", "troubled")
    found = list(rows)
    ready = sum(pinned >= needed for pinned, _ in found)
    return Standing(ready, len(wanted), trouble=any(troubled for _, troubled in found))


def assets_ready(assets: Iterable[Asset | None]) -> bool:
    return standing(assets).complete


def _counted(where: Q):  # type: ignore[no-untyped-def]  # a queryset of dictionaries
    here = Q(service__in=list(pinning.services()))
    return (
        Pin.objects.filter(where, here)
        .values("asset")
        .annotate(
            pinned=Count("id", filter=Q(state=Pin.State.PINNED)),
            troubled=Count("id", filter=~Q(error="")),
        )
        .order_by()
    )


def below_target() -> list[UUID]:
    """Assets that should be kept and have too few pins."""
    kept = ~Q(state__in=GIVEN_UP)
    found = _counted(kept).filter(pinned__lt=replicas()).values_list("asset", flat=True)
    return list(found)


@gauge("pin_replicas_below_target", "Files that are pinned at fewer services than they should be")
def count_below_target() -> float:
    return float(cache.get_or_set("media.pins_below", lambda: len(below_target()), _KEEP) or 0)
