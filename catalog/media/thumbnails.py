"""Small pictures for staff pages."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.media.models import Asset
from catalog.media.selectors import asset_url


def thumbnail(asset: Asset | None, side: int = 40) -> SafeString | str:
    """The open picture at `side` pixels, a dash when there is none."""
    if asset is None or asset.access != Asset.Access.OPEN:
        return "-"
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="" loading="lazy">',
        asset_url(asset.cid),
        side,
        side,
    )
