"""Chores of media."""

from __future__ import annotations

from celery import shared_task

from catalog.media import services
from core.celery_app import Schedule


@shared_task(name="media.uploads_sweep")
def uploads_sweep() -> int:
    """Throw away what nobody went on with; how many ended."""
    return services.uploads_sweep()


BEAT: Schedule = {"media-uploads-sweep": {"task": "media.uploads_sweep", "schedule": 600.0}}
