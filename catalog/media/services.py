"""The one door through which bytes become assets."""

from __future__ import annotations

import hashlib
import io
from typing import IO, Final

from django.core.files.base import File
from django.core.files.storage import default_storage

from catalog.media.covers import Cover, cover_read
from catalog.media.models import Asset
from core.errors import ApplicationError
from core.ipfs.cid import CHUNK, CidBuilder

CONTENT_TYPES: Final = {
    Asset.Kind.MASTER: frozenset({"audio/flac", "audio/wav", "audio/mpeg"}),
    Asset.Kind.SAMPLE: frozenset({"audio/mpeg", "audio/mp4"}),
    Asset.Kind.COVER: frozenset({"image/jpeg"}),
    Asset.Kind.METADATA: frozenset({"application/json"}),
}


def asset_store(
    *,
    kind: Asset.Kind,
    data: IO[bytes],
    content_type: str,
    access: Asset.Access = Asset.Access.OPEN,
    width: int | None = None,
    height: int | None = None,
) -> Asset:
    """Store a seekable file; the asset of the same CID when its bytes are known already.

    The row is written after the bytes, so an asset never lacks them. Errors: content_type_refused
    (415), asset_access_conflict (409: the same bytes are already public, or only for holders).
    """
    if content_type not in CONTENT_TYPES[kind]:
        raise ApplicationError(
            "content_type_refused", detail=f"{content_type} cannot be a {kind}.", status=415
        )
    sha256, tree = hashlib.sha256(), CidBuilder()
    data.seek(0)
    while piece := data.read(CHUNK):
        sha256.update(piece)
        tree.update(piece)
    cid = str(tree.cid())
    if known := Asset.objects.filter(cid=cid).first():
        return _same_access(known, access)
    data.seek(0)
    stored = default_storage.save(f"assets/{cid[-2:]}/{cid}", File(data))
    asset, created = Asset.objects.get_or_create(
        cid=cid,
        defaults={
            "kind": kind,
            "access": access,
            "sha256": sha256.hexdigest(),
            "size": tree.size,
            "content_type": content_type,
            "storage_name": stored,
            "width": width,
            "height": height,
        },
    )
    if not created:  # another process stored the same bytes meanwhile
        default_storage.delete(stored)
    return _same_access(asset, access)


def _same_access(asset: Asset, access: Asset.Access) -> Asset:
    if asset.access != access:
        raise ApplicationError(
            "asset_access_conflict",
            detail="These bytes are already stored under another access.",
            status=409,
        )
    return asset


def cover_store(*, data: IO[bytes]) -> tuple[Asset, Cover]:
    """Decode, crop, encode and store an uploaded cover. Errors: of covers.cover_read."""
    cover = cover_read(data)
    asset = asset_store(
        kind=Asset.Kind.COVER,
        data=io.BytesIO(cover.data),
        content_type="image/jpeg",
        width=cover.side,
        height=cover.side,
    )
    return asset, cover
