"""Codes and attributions on the desk, to read."""

from __future__ import annotations

from django.contrib import admin

from core.desk.options import ReadOnlyAdmin
from referrals.models import Attribution, Code


@admin.register(Code)
class CodeAdmin(ReadOnlyAdmin[Code]):
    list_display = ("code", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("code", "user__login", "user__username")


@admin.register(Attribution)
class AttributionAdmin(ReadOnlyAdmin[Attribution]):
    list_display = ("user", "referrer", "created_at", "expires_at")
    list_select_related = ("user", "referrer")
    search_fields = ("user__login", "user__username", "referrer__login", "referrer__username")
    date_hierarchy = "created_at"
