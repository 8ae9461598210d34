"""Stored bytes on the desk."""

from __future__ import annotations

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.media.models import Asset
from catalog.media.selectors import asset_url
from catalog.media.thumbnails import thumbnail
from core.desk.options import ReadOnlyAdmin


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin[Asset]):
    list_display = ("picture", "kind", "access", "cid", "content_type", "length", "created_at")
    list_display_links = ("cid",)
    list_filter = ("kind", "access", "content_type")
    search_fields = ("=cid", "=sha256", "storage_name")
    readonly_fields = ("picture", "link")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description="cover")
    def picture(self, asset: Asset) -> SafeString | str:
        return thumbnail(asset if asset.kind == Asset.Kind.COVER else None)

    @admin.display(description="size", ordering="size")
    def length(self, asset: Asset) -> str:
        return filesizeformat(asset.size)

    @admin.display(description="bytes")
    def link(self, asset: Asset) -> SafeString | str:
        if asset.access != Asset.Access.OPEN:
            return "for holders only"
        return format_html('<a href="{0}">{0}</a>', asset_url(asset.cid))
