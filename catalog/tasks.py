"""What becomes of files that have arrived."""

from __future__ import annotations

from uuid import UUID

from catalog import services
from catalog.media.models import Upload
from core.outbox.services import consumer


@consumer("catalog.cover_take", atomic=False)
def cover_take(upload: str, release: str) -> None:
    """Decode a cover that has arrived, and hang it."""
    del release  # stands in the upload's row
    row = Upload.objects.select_related("owner").filter(pk=UUID(upload)).first()
    if row is not None:
        services.cover_take(upload=row)
