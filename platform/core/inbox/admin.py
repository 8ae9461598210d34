"""Outside events, to look at and to try again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from core import audit
from core.desk.options import ReadOnlyAdmin
from core.inbox import services
from core.inbox.models import InboxEvent


@admin.register(InboxEvent)
class InboxEventAdmin(ReadOnlyAdmin[InboxEvent]):
    list_display = ("received_at", "source", "key", "state", "reason", "attempts", "deliveries")
    list_filter = ("source", "state")
    search_fields = ("key", "reason")
    exclude = ("body", "headers")
    actions = ("try_again",)

    @admin.action(description="Try again (dead events)", permissions=["revive"])
    def try_again(self, request: HttpRequest, rows: QuerySet[InboxEvent]) -> None:
        revived = 0
        for event in rows:
            with transaction.atomic():
                if services.revive(event_id=event.pk):
                    audit.record(actor=request.user, action="inbox.event_revived", target=event)
                    revived += 1
        self.message_user(request, f"{revived} of {len(rows)} will be tried again.", messages.INFO)

    def has_revive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("inbox.change_inboxevent")
