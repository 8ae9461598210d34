"""Promises, to look at and to try again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from core import audit
from core.desk.options import ReadOnlyAdmin
from core.outbox import services
from core.outbox.models import OutboxEvent


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin[OutboxEvent]):
    list_display = ("created_at", "topic", "state", "attempts", "due_at", "error")
    list_filter = ("state", "topic")
    search_fields = ("topic", "key", "error")
    actions = ("try_again",)

    @admin.action(description="Try again (dead events)", permissions=["revive"])
    def try_again(self, request: HttpRequest, rows: QuerySet[OutboxEvent]) -> None:
        revived = 0
        for event in rows:
            with transaction.atomic():
                if services.revive(event_id=event.pk):
                    audit.record(actor=request.user, action="outbox.event_revived", target=event)
                    revived += 1
        self.message_user(request, f"{revived} of {len(rows)} will be tried again.", messages.INFO)

    def has_revive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.change_outboxevent")
