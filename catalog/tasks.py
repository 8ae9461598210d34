"""What becomes of files that have arrived, and of those that were published."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from catalog import services
from catalog.media.models import Upload
from core.celery_app import Schedule
from core.outbox.services import consumer


@consumer("catalog.cover_take", atomic=False)
def cover_take(upload: str, release: str) -> None:
    """Decode a cover that has arrived, and hang it."""
    del release  # stands in the upload's row
    row = Upload.objects.select_related("owner").filter(pk=UUID(upload)).first()
    if row is not None:
        services.cover_take(upload=row)


@shared_task(name="catalog.releases_keep")
def releases_keep() -> int:
    """Pin what is public at services that were added later; how many releases."""
    return services.releases_keep()


@shared_task(name="catalog.search_weigh")
def search_weigh() -> int:
    """What was heard more stands higher among what is found; how many moved."""
    return services.search_weigh()


BEAT: Schedule = {
    "catalog-releases-keep": {"task": "catalog.releases_keep", "schedule": 300.0},
    "catalog-search-weigh": {"task": "catalog.search_weigh", "schedule": 3600.0},
}
