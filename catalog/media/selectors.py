"""Reads of assets."""

from __future__ import annotations

from catalog.media.models import Asset
from core.ipfs.cid import CidInvalid, parse


def open_asset(text: str) -> Asset | None:
    """The open asset of a CID; None for another text, an unknown CID, or one for holders only."""
    try:
        cid = str(parse(text))
    except CidInvalid:
        return None
    return Asset.objects.filter(cid=cid, access=Asset.Access.OPEN).select_related("key").first()


def asset_url(cid: str) -> str:
    """The path under which our origin serves an open asset."""
    return f"/ipfs/{cid}"
