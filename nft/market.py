"""Where an edition may be sold on, and the lowest price there: links and figures of others.

Nothing is shown that is not configured: MARKET_URL gives the links, MARKET_API the floor.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core.http import Client, TooLarge, Unavailable
from core.ton.addresses import friendly
from nft.drops import coin

log = structlog.get_logger(__name__)
FLOOR_KEPT: Final = 3600  # seconds; an older figure is not shown at all
_TIMEOUT: Final = 5.0
_ANSWER: Final = 65_536  # bytes


def item_url(collection: str, item: str) -> str | None:
    """Where the edition can be listed; raw addresses."""
    return _filled(settings.MARKET_URL, collection=friendly(collection), item=friendly(item))


def of_collection(collection: str) -> dict[str, Any] | None:
    """Where a drop's editions are sold on, and the floor there; a raw address."""
    url = _filled(settings.MARKET_URL, collection=friendly(collection), item="")
    return {"url": url.rstrip("/"), "floor": floor_of(collection)} if url else None


def explorer_url(address: str) -> str | None:
    """A page of somebody else's that shows the contract; a raw address."""
    return _filled(settings.TON_EXPLORER_URL, address=friendly(address))


def floor_of(collection: str) -> dict[str, Any] | None:
    """The lowest asking price that was last heard, with its time; None when there is none."""
    kept = cache.get(_key(collection)) if settings.MARKET_API else None
    if not isinstance(kept, dict) or not kept["amount"]:
        return None
    return {"price": coin(kept["amount"]), "at": kept["at"]}


def floor_fetch(collection: str) -> int | None:
    """Ask the source for a drop's floor and keep it: nano, None when nothing is listed there.

    Asks over the network. A source that is silent or talks nonsense changes nothing.
    """
    url = _filled(settings.MARKET_API, collection=friendly(collection), item="")
    if url is None:
        return None
    try:
        with Client(timeout=_TIMEOUT, attempts=1, max_bytes=_ANSWER) as http:
            answer = http.request("GET", url)
            amount = _amount(answer.json()) if answer.status_code == 200 else None
    except (Unavailable, TooLarge, ValueError, KeyError, TypeError) as error:
        log.warning("floor_unread", collection=collection, error=str(error))
        return None
    now: datetime = timezone.now()
    cache.set(_key(collection), {"amount": amount or 0, "at": now}, FLOOR_KEPT)
    return amount


def floor_known(collection: str) -> bool:
    """Whether the source was heard about this drop within the hour."""
    return cache.get(_key(collection)) is not None


def _amount(answer: dict[str, Any]) -> int | None:
    """{"floor": "2500000000"}: nano as a decimal string, or null."""
    floor = answer["floor"]
    if floor is None:
        return None
    amount = int(str(floor))
    if not 0 < amount < 2**63:
        raise ValueError(f"a floor of {amount}")
    return amount


def _filled(template: str, **values: str) -> str | None:
    return template.format(**values) if template else None


def _key(collection: str) -> str:
    return f"floor:{collection}"
