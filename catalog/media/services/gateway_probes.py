"""Every gateway is asked now and then, also when nobody listens: so one knows before they do."""

from __future__ import annotations

import random
from concurrent.futures import Future, wait
from typing import Final

from catalog.media import gateways
from catalog.media.models import Asset, Pin
from catalog.media.reading import want_of
from catalog.media.services.gateways import news_note
from core.ipfs.cid import PROFILES
from core.ipfs.dag import Layout
from core.ipfs.gateways import Want
from core.ipfs.gateways.base import GatewayFailed

_draw: Final = random.SystemRandom()


def gateways_probe() -> dict[str, str]:
    """Ask each for the empty block and for a leaf of something of ours that is pinned.

    {gateway: how it went}. Its circuit follows: one that answers again is in use again.
    """
    fetcher, want = gateways.fetcher(), _some_leaf()
    asked: dict[Future[bytes], str] = {}
    for row in gateways.usable_gateways():
        source = gateways.source_of(row)
        if fetcher.may_probe(source):
            asked[fetcher.probe(source, want)] = source.name
    wait(asked, timeout=fetcher.limits.total)
    told = {name: _outcome(future) for future, name in asked.items()}
    news_note()
    return told


def _outcome(future: Future[bytes]) -> str:
    if not future.done():
        return "slow"
    failure = future.exception()
    if failure is None:
        return "ok"
    return failure.outcome if isinstance(failure, GatewayFailed) else type(failure).__name__


def _some_leaf() -> Want | None:
    """Of any asset that is pinned somewhere; none when nothing is."""
    pinned = Pin.objects.filter(state=Pin.State.PINNED)
    number = pinned.count()
    if not number:
        return None
    pin = pinned.order_by("id").select_related("asset")[_draw.randrange(number)]
    asset: Asset = pin.asset
    if not asset.leaves:
        return None
    layout = Layout(asset.size, bytes(asset.leaves), PROFILES[asset.profile])
    return want_of(layout, _draw.randrange(layout.count))
