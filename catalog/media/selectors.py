"""Reads of assets."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.media.models import Asset
from core.ipfs.cid import CidInvalid, parse


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """Where an open asset's bytes lie. size: bytes."""

    cid: str
    size: int
    content_type: str
    storage_name: str


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


def asset_url(cid: str) -> str:
    """The path under which our origin serves an open asset."""
    return f"/ipfs/{cid}"
