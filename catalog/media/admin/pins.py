"""Pins on the desk: where each file is kept, and a look at once where one is asked for."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from catalog.media import services
from catalog.media.models import Pin
from core.desk.options import ReadOnlyAdmin


@admin.register(Pin)
class PinAdmin(ReadOnlyAdmin[Pin]):
    list_display = ("file", "service", "state", "kind", "error", "checked_at", "due_at", "attempts")
    list_display_links = ("file",)
    list_filter = ("state", "service", "asset__kind")
    list_select_related = ("asset",)
    search_fields = ("=asset__cid", "=remote_id")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("look", "unpin")

    @admin.display(description="CID", ordering="asset__cid")
    def file(self, pin: Pin) -> SafeString:
        """Short: the states beside it are what one comes for. A search takes the whole."""
        cid = pin.asset.cid
        return format_html('<span title="{}">{}…{}</span>', cid, cid[:6], cid[-6:])

    @admin.display(ordering="asset__kind")
    def kind(self, pin: Pin) -> str:
        return pin.asset.get_kind_display()

    @admin.action(description="Check now", permissions=["view"])
    def look(self, request: HttpRequest, rows: QuerySet[Pin]) -> None:
        asked = services.pins_check(pins=rows)
        self.message_user(request, f"{asked} pins are looked at in a moment.", messages.INFO)

    @admin.action(
        description="Unpin their files everywhere, after the grace", permissions=["unpin"]
    )
    def unpin(self, request: HttpRequest, rows: QuerySet[Pin]) -> None:
        actor = request.user
        if not isinstance(actor, User):
            raise TypeError("staff are users of ours")
        assets = {pin.asset for pin in rows.select_related("asset")}
        left = services.pins_release(*assets, actor=actor, reason="On the desk.")
        self.message_user(request, f"{left} pins will be taken off.", messages.WARNING)

    def has_unpin_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media.change_pin")
