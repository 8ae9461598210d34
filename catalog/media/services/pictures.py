"""Covers: taken in through the limited child, kept, and made in the sizes that pages ask for."""

from __future__ import annotations

import io
import shutil
from typing import IO, Final

from django.conf import settings
from django.core.files.storage import default_storage

from catalog.media.confine import ConfineFailed, scratch
from catalog.media.covers import Cover
from catalog.media.inspection.worker import FileRefused
from catalog.media.models import Asset, Rendition
from catalog.media.picturing import cover_from, sizes_made
from catalog.media.services.assets import asset_store
from core.errors import ApplicationError

_TYPES: Final = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}
_TOO_LARGE: Final = 413


def cover_store(*, data: IO[bytes]) -> tuple[Asset, Cover]:
    """Decode, crop, encode and store an uploaded cover. Errors: those of cover_open."""
    cover = cover_open(data=data)
    return cover_keep(cover=cover), cover


def cover_open(*, data: IO[bytes]) -> Cover:
    """Decode, crop and encode an uploaded cover.

    Errors: the codes of covers.cover_read (400; cover_too_large 413), with words for whoever sent
    it; picture_room_closed (503: no limited child can be made here).
    """
    try:
        return cover_from(data, settings.MEDIA_SCRATCH_DIR)
    except FileRefused as refused:
        status = _TOO_LARGE if refused.code == "cover_too_large" else 400
        raise ApplicationError(refused.code, detail=refused.detail, status=status) from None
    except ConfineFailed as error:
        raise ApplicationError(
            "picture_room_closed", "Not possible now", "Pictures cannot be opened now.", 503
        ) from error


def cover_keep(*, cover: Cover) -> Asset:
    """Store a cover that is decoded already."""
    return asset_store(
        kind=Asset.Kind.COVER,
        data=io.BytesIO(cover.data),
        content_type="image/jpeg",
        width=cover.side,
        height=cover.side,
    )


def renditions_make(*, cover: Asset) -> int:
    """Every size and format of a cover; how many are new. The same again changes nothing."""
    made = 0
    with scratch(settings.MEDIA_SCRATCH_DIR) as place:
        path = place.inward / "cover.jpg"
        with default_storage.open(cover.storage_name) as stored, path.open("wb") as file:
            shutil.copyfileobj(stored, file)
        path.chmod(0o444)
        for width, name, picture in sizes_made(path, place):
            with picture.open("rb") as data:
                asset = asset_store(
                    kind=Asset.Kind.PICTURE,
                    data=data,
                    content_type=_TYPES[name],
                    width=width,
                    height=width,
                )
            _, new = Rendition.objects.get_or_create(
                source=cover, width=width, format=name, defaults={"asset": asset}
            )
            made += new
    return made


def renditions_due(*, limit: int = 5) -> int:
    """Make the sizes of covers that have none yet, the newest first; how many covers."""
    plain = Asset.objects.filter(kind=Asset.Kind.COVER, renditions__isnull=True)
    covers = list(plain.order_by("-id")[:limit])
    for cover in covers:
        renditions_make(cover=cover)
    return len(covers)
