"""Chores of the inbox."""

from __future__ import annotations

from celery import shared_task

from core.celery_app import Schedule
from core.inbox import services


@shared_task(name="inbox.process_due")
def process_due() -> int:
    return services.process_due()


BEAT: Schedule = {"inbox-process-due": {"task": "inbox.process_due", "schedule": 5.0}}
