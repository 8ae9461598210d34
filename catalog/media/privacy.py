"""What the files' room holds of a person: the uploads that he began."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from catalog.media.models import Upload
from core import privacy

privacy.holds(Upload)


@privacy.on_export("catalog.media")
def export(user_id: UUID) -> dict[str, Any]:
    mine = Upload.objects.filter(owner_id=user_id)
    return {"uploads": list(mine.values("id", "filename", "length", "state", "created_at"))}


@privacy.on_erase("catalog.media")
def erase(user_id: UUID) -> None:
    """Pieces without a row are swept like those of an upload that was given up."""
    Upload.objects.filter(owner_id=user_id).delete()
