"""Back office: codes and attributions, to read."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from referrals.models import Attribution, Code


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Code)
class CodeAdmin(ReadOnlyAdmin):
    list_display = ("code", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("code", "user__login", "user__username")


@admin.register(Attribution)
class AttributionAdmin(ReadOnlyAdmin):
    list_display = ("user", "referrer", "created_at", "expires_at")
    list_select_related = ("user", "referrer")
    search_fields = ("user__login", "user__username", "referrer__login", "referrer__username")
    date_hierarchy = "created_at"
