"""Chores of the outbox."""

from __future__ import annotations

from celery import shared_task

from core.celery_app import Schedule
from core.outbox import services


@shared_task(name="outbox.sweep")
def sweep() -> int:
    return services.sweep()


BEAT: Schedule = {"outbox-sweep": {"task": "outbox.sweep", "schedule": 3600.0}}
