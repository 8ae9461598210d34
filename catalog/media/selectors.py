"""Reads of assets."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from catalog.media.models import AccessKey, Asset
from core.ipfs.cid import CidInvalid, parse


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """Where an asset's bytes lie. size: bytes. key, nonce: of one that is for holders."""

    cid: str
    size: int
    content_type: str
    storage_name: str
    key: AccessKey | None = None
    nonce: bytes = b""


def open_asset(text: str) -> StoredBytes | None:
    """The open asset of a CID; None for another text, an unknown CID, or one for holders only."""
    try:
        cid = str(parse(text))
    except CidInvalid:
        return None
    row = (
        Asset.objects.filter(cid=cid, access=Asset.Access.OPEN)
        .values_list("cid", "size", "content_type", "storage_name")
        .first()
    )
    return StoredBytes(*row) if row else None


def linked_asset(key: UUID) -> StoredBytes | None:
    """The asset that a signed link is good for, whoever it is meant for."""
    asset = Asset.objects.select_related("key").filter(pk=key).first()
    if asset is None:
        return None
    nonce = bytes(asset.nonce or b"")
    return StoredBytes(
        asset.cid, asset.size, asset.content_type, asset.storage_name, asset.key, nonce
    )


def asset_url(cid: str) -> str:
    """The path under which our origin serves an open asset."""
    return f"/ipfs/{cid}"
