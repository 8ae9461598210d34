"""An artist's files: what they become is decided when they are begun."""

from __future__ import annotations

import re
from typing import Final

from django.db import transaction

from accounts.models import User
from catalog.media.covers import MAX_BYTES as MAX_COVER_BYTES
from catalog.media.models import Asset, Upload
from catalog.media.services import (
    recording_create,
    recording_discard,
    upload_begin,
    upload_cancel,
    upload_open,
    upload_refuse,
    upload_taken,
)
from catalog.models import Release, Track
from catalog.services.drafts import release_draft
from catalog.services.releases import release_cover_set
from catalog.services.tracks import track_add, track_remove
from core import audit
from core.errors import ApplicationError

_NUMBER: Final = re.compile(r"^(?:\d{1,3}\s*[-._)]+\s*|0\d\s+)(?=\S)")
_MAX_TITLE: Final = 120


@transaction.atomic
def track_upload_begin(
    *,
    actor: User,
    release: Release,
    filename: str,
    length: int,
    access: Asset.Access = Asset.Access.HOLDERS,
    track: Track | None = None,
    metadata: str = "",
) -> Upload:
    """Room for a track's file, and the track, named after the file, that waits for it.

    With `track` the file takes the place of one that was refused or never arrived. Errors: those of
    upload_begin, track_add; track_has_file (409).
    """
    release = release_draft(actor, release)
    upload = upload_begin(
        owner=actor,
        artist=release.artist_id,
        release=release.pk,
        purpose=Upload.Purpose.AUDIO,
        filename=filename,
        length=length,
        metadata=metadata,
    )
    if track is None:
        recording = recording_create(artist=release.artist_id, access=access, upload=upload)
        title = title_of(upload.filename)
        track_add(actor=actor, release=release, title=title, recording=recording)
    else:
        _replace(actor, track, upload)
    return upload


def _replace(actor: User, track: Track, upload: Upload) -> None:
    before = track.recording
    if not before.replaceable:
        raise ApplicationError(
            "track_has_file", detail="This track has its file: remove it first.", status=409
        )
    track.recording = recording_create(
        artist=before.artist, access=Asset.Access(before.access), upload=upload
    )
    track.save(update_fields=["recording"])
    recording_discard(recording=before)
    audit.record(
        actor=actor,
        action="catalog.track_replace",
        target=track,
        before={"recording": str(before.pk)},
        after={"recording": str(track.recording.pk)},
    )


@transaction.atomic
def cover_upload_begin(
    *, actor: User, release: Release, filename: str, length: int, metadata: str = ""
) -> Upload:
    """Room for a draft's cover; one still on its way gives way. Errors: those of upload_begin."""
    release = release_draft(actor, release)
    for earlier in Upload.objects.filter(
        release=release.pk, purpose=Upload.Purpose.COVER, state=Upload.State.RECEIVING
    ):
        upload_cancel(upload=earlier)
    return upload_begin(
        owner=actor,
        artist=release.artist_id,
        release=release.pk,
        purpose=Upload.Purpose.COVER,
        filename=filename,
        length=length,
        metadata=metadata,
        limit=MAX_COVER_BYTES,
    )


@transaction.atomic
def upload_drop(*, actor: User, upload: Upload) -> None:
    """Its sender does not want it any more: a track's goes with its track. Drafts only."""
    track = Track.objects.filter(recording__upload=upload).select_related("release").first()
    if track is not None:
        track_remove(actor=actor, track=track)
    else:
        upload_cancel(upload=upload)


def cover_take(*, upload: Upload) -> bool:
    """Make the cover out of a file that has arrived. False: refused, with its reason, or ended."""
    if upload.release is None or upload.state != Upload.State.RECEIVED:
        return False
    release = Release.objects.get(pk=upload.release)
    try:
        with upload_open(upload) as data:
            release_cover_set(actor=upload.owner, release=release, data=data)
    except ApplicationError as error:
        if error.status >= 500:  # our own trouble: tried again
            raise
        upload_refuse(upload=upload, reason=error.code)
        return False
    return upload_taken(upload=upload)


def title_of(filename: str) -> str:
    """ "03 - first_crossing.wav" as "first crossing"."""
    stem = filename.rpartition(".")[0] or filename
    words = " ".join(_NUMBER.sub("", stem).replace("_", " ").split())
    return words[:_MAX_TITLE].strip() or "Untitled"
