"""Assets, and gateways that give them back."""

from __future__ import annotations

import io
import random

from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.media.models import Asset, Gateway, Pin
from catalog.media.services import asset_store, key_create
from tests.core.ipfs.gateway import Node

SOUND = random.Random(11).randbytes(1_500_000)  # six chunks


def stored(data: bytes = SOUND, *, secret: bool = False, kind: str = "") -> Asset:
    """An asset in our storage; a secret one is a stream for holders."""
    chosen = Asset.Kind(kind) if kind else Asset.Kind.STREAM if secret else Asset.Kind.PREVIEW
    return asset_store(
        kind=chosen,
        data=io.BytesIO(data),
        content_type="audio/flac" if chosen == Asset.Kind.MASTER else "audio/mp4",
        key=key_create() if secret else None,
    )


def pinned(asset: Asset, *nodes: Node, keep: bool = False) -> Asset:
    """The stored bytes lie at these gateways, and no longer with us unless `keep`."""
    raw = default_storage.open(asset.storage_name).read()
    for node in nodes:
        assert str(node.has(raw).root) == asset.cid
        Gateway.objects.get_or_create(
            name=node.name,
            defaults={
                "url": node.gateway.url,
                "tier": node.tier,
                "trustless": node.trustless,
            },
        )
    Pin.objects.create(asset=asset, service="one", state=Pin.State.PINNED, pinned_at=timezone.now())
    if not keep:
        default_storage.delete(asset.storage_name)
    return asset
