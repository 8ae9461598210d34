"""Chores of notices."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from core.celery_app import Schedule
from core.outbox.services import consumer
from notices import services
from notices.models import Notice
from notices.services.sending import DELIVER


@consumer(DELIVER, atomic=False)
def deliver(notice_id: str) -> None:
    services.notice_deliver(notice_id=UUID(notice_id))


@shared_task(name="notices.sweep")
def sweep() -> int:
    """Forget what was told three months ago."""
    over = (Notice.State.SENT, Notice.State.DROPPED, Notice.State.UNSURE)
    old = timezone.now() - timedelta(days=90)
    removed, _ = Notice.objects.filter(state__in=over, created_at__lt=old).delete()
    return removed


BEAT: Schedule = {"notices-sweep": {"task": "notices.sweep", "schedule": 3600.0}}
