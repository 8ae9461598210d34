"""The inbox on the desk's home."""

from __future__ import annotations

from core.desk.registry import queue
from core.inbox.models import InboxEvent


@queue(
    "Dead inbox events",
    link="admin:inbox_inboxevent_changelist?state__exact=dead",
    permission="inbox.view_inboxevent",
)
def dead() -> int:
    return InboxEvent.objects.filter(state=InboxEvent.State.DEAD).count()
