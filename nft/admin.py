"""Drops and editions on the desk: what we know, and when we last asked the chain."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from catalog.media.thumbnails import thumbnail
from core.desk.options import ReadOnlyAdmin
from core.money import Money
from core.ton.addresses import friendly
from core.ton.client import ChainError
from nft import services
from nft.models import Collection, Item, Split, SplitShare
from nft.selectors import supply_now


@admin.register(Collection)
class CollectionAdmin(ReadOnlyAdmin[Collection]):
    list_display = ("art", "release", "artist", "state", "cost", "sold", "starts_at", "ends_at")
    list_display_links = ("release",)
    list_filter = ("state", "paused", "starts_at")
    list_select_related = ("release__artist", "release__cover")
    search_fields = ("=address", "=owner", "release__title", "release__artist__name")
    exclude = ("state_init", "deploy_body", "content")
    readonly_fields = ("friendly_address", "supply")
    ordering = ("-id",)
    actions = ("look",)

    @admin.display(description="cover")
    def art(self, collection: Collection) -> SafeString | str:
        return thumbnail(collection.release.cover)

    @admin.display(ordering="release__artist__name")
    def artist(self, collection: Collection) -> str:
        return collection.release.artist.name

    @admin.display(description="price", ordering="price")
    def cost(self, collection: Collection) -> str:
        return str(Money("TON", collection.price))

    @admin.display(description="minted, as read", ordering="minted")
    def sold(self, collection: Collection) -> str:
        return f"{collection.minted} / {collection.max_supply or 'open'}"

    @admin.display(description="address, as wallets show it")
    def friendly_address(self, collection: Collection) -> str:
        return friendly(collection.address)

    @admin.display
    def supply(self, collection: Collection) -> str:
        now = supply_now(collection)
        return f"{now.minted} minted, {now.reserved} reserved, {now.left} left"

    @admin.action(description="Ask the chain now", permissions=["look"])
    def look(self, request: HttpRequest, rows: QuerySet[Collection]) -> None:
        """Verify what is prepared, refresh what is live."""
        asked = 0
        for collection in rows:
            try:
                seen = services.collection_verify(collection=collection)
                services.terms_refresh(collection=seen)
            except ChainError as error:
                self.message_user(request, f"{collection}: {error}", messages.ERROR)
                continue
            asked += 1
        self.message_user(request, f"{asked} drops were read.", messages.INFO)

    def has_look_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("nft.view_collection")


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin[Item]):
    list_display = ("edition", "release", "owner", "minted_at", "acquired_at", "owner_read_at")
    list_filter = ("minted_at",)
    list_select_related = ("collection__release",)
    search_fields = ("=address", "=owner", "collection__release__title")
    readonly_fields = ("friendly_address",)
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("look",)

    @admin.display(description="no.", ordering="index")
    def edition(self, item: Item) -> int:
        return item.index + 1

    @admin.display(ordering="collection__release__title")
    def release(self, item: Item) -> str:
        return item.collection.release.title

    @admin.display(description="address, as wallets show it")
    def friendly_address(self, item: Item) -> str:
        return friendly(item.address)

    @admin.action(description="Ask the chain who owns them", permissions=["look"])
    def look(self, request: HttpRequest, rows: QuerySet[Item]) -> None:
        try:
            moved = services.items_owner_refresh(items=rows)
        except ChainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{moved} changed hands.", messages.INFO)

    def has_look_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("nft.view_item")


class ShareInline(admin.TabularInline[Any, Any]):
    model = SplitShare
    extra = 0
    can_delete = False
    fields = readonly_fields = ("position", "name", "user", "bps", "wallet", "confirmed_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        del request, obj
        return False


@admin.register(Split)
class SplitAdmin(ReadOnlyAdmin[Split]):
    list_display = ("release", "version", "state", "changed_at", "frozen_at")
    list_filter = ("state",)
    list_select_related = ("release",)
    search_fields = ("release__title", "release__artist__name")
    inlines = (ShareInline,)
