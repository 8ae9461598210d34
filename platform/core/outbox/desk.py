"""The outbox on the desk's home."""

from __future__ import annotations

from core.desk.registry import queue
from core.outbox.models import OutboxEvent


@queue(
    "Dead outbox events",
    link="admin:outbox_outboxevent_changelist?state__exact=dead",
    permission="outbox.view_outboxevent",
)
def dead() -> int:
    return OutboxEvent.objects.filter(state=OutboxEvent.State.DEAD).count()
