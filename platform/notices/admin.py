"""What people were told, to look at."""

from __future__ import annotations

from django.contrib import admin

from core.desk.options import ReadOnlyAdmin
from notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin[Notice]):
    list_display = ("created_at", "user", "kind", "state", "reason", "sent_at")
    list_filter = ("state", "kind")
    list_select_related = ("user",)
    search_fields = ("key", "user__login")
