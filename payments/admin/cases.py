"""Differences that reconciliation found."""

from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from payments.models import Case
from payments.services import reconciliation


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin[Case]):
    list_display = ("opened_at", "kind", "source", "key", "ours", "theirs", "closed_at", "note")
    list_filter = ("kind", "source", "closed_at")
    search_fields = ("key",)
    actions = ("close",)

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_case")

    @admin.action(description="Close (settled by hand)", permissions=["close"])
    def close(self, request: HttpRequest, rows: QuerySet[Case]) -> None:
        actor = cast("User", request.user)
        closed = sum(
            reconciliation.case_close(case_id=row.pk, actor=actor, note="settled on the desk")
            for row in rows
        )
        self.message_user(request, f"{closed} closed.", messages.INFO)
