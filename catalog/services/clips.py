"""The film of a release: its cover and its first preview, for marketplaces that play only films."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.storage import default_storage

from catalog.media import encoding
from catalog.media.confine import ConfineFailed, scratch
from catalog.media.models import Asset
from catalog.media.programs import ffmpeg
from catalog.media.services import asset_store
from catalog.models import Release

log = structlog.get_logger(__name__)
_MP4: Final = "audio/mp4"


@dataclass(frozen=True, slots=True)
class Film:
    """A clip, and what it shows and plays."""

    clip: Asset
    cover: UUID
    preview: UUID


def film_of(release: Release) -> Film | None:
    """Film a release as it is now; the same again gives the same asset.

    None while its cover or its first preview is missing, or when it cannot be filmed here: a
    release can do without.
    """
    track = release.tracks.select_related("recording__preview").first()
    preview = track.recording.preview if track else None
    if release.cover is None or preview is None or preview.content_type != _MP4:
        return None
    try:
        clip = _filmed(release.cover, preview)
    except (encoding.EncodingFailed, ConfineFailed, OSError) as error:
        log.warning("release_unfilmed", release=str(release.pk), error=str(error)[:300])
        return None
    return Film(clip, release.cover.pk, preview.pk) if clip else None


def _filmed(cover: Asset, preview: Asset) -> Asset | None:
    with scratch(settings.MEDIA_SCRATCH_DIR) as place:
        picture, sound = place.inward / "cover.jpg", place.inward / "preview.m4a"
        _copy(preview, sound)
        with sound.open("rb") as start:
            if start.read(8)[4:] != b"ftyp":
                return None
        _copy(cover, picture)
        with encoding.clip(picture, sound, place, ffmpeg()).open("rb") as data:
            return asset_store(kind=Asset.Kind.CLIP, data=data, content_type="video/mp4")


def _copy(asset: Asset, path: Path) -> None:
    with default_storage.open(asset.storage_name) as stored, path.open("wb") as file:
        shutil.copyfileobj(stored, file)
    path.chmod(0o444)
