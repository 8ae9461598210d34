"""Tracks of a draft: added, described, put in order, removed."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max

from accounts.models import User
from catalog.media.models import Asset, Recording
from catalog.media.services import (
    preview_move,
    recording_access_set,
    recording_again,
    recording_discard,
)
from catalog.models import Release, Track
from catalog.services.drafts import release_draft
from catalog.validation import require_valid
from core import audit
from core.errors import ApplicationError

MAX_TRACKS: Final = 40


@transaction.atomic
def track_add(
    *,
    actor: User,
    release: Release,
    title: str,
    recording: Recording,
    isrc: str = "",
) -> Track:
    """Append a track to a draft. Its recording may still wait for its file.

    Errors: recording_foreign (another artist's, or one of another track), too_many_tracks.
    """
    release = release_draft(actor, release)
    if recording.artist != release.artist_id or Track.objects.filter(recording=recording).exists():
        raise ApplicationError(
            "recording_foreign", detail="This recording belongs elsewhere.", status=409
        )
    last = release.tracks.aggregate(last=Max("position"))["last"] or 0
    if last >= MAX_TRACKS:
        raise ApplicationError("too_many_tracks", detail=f"At most {MAX_TRACKS} tracks.")
    track = Track(
        release=release,
        position=last + 1,
        title=title.strip(),
        isrc=isrc.strip().upper(),
        recording=recording,
    )
    require_valid(track)
    track.save(force_insert=True)
    audit.record(actor=actor, action="catalog.track_add", target=track)
    return track


@transaction.atomic
def track_update(
    *, actor: User, track: Track, title: str, isrc: str, access: Asset.Access | None = None
) -> Track:
    """What a track of a draft is called, and who may hear all of it.

    Errors: invalid, recording_stored (409: `access` is decided once the file is here, because what
    is for holders is encrypted before it is stored).
    """
    track, _ = _of_draft(actor, track)
    before = _said(track)
    track.title, track.isrc = title.strip(), isrc.strip().upper().replace("-", "")
    require_valid(track)
    track.save(update_fields=["title", "isrc"])
    if access is not None and access != track.recording.access:
        recording_access_set(recording=track.recording, access=access)
    audit.record(
        actor=actor,
        action="catalog.track_update",
        target=track,
        before=before,
        after=_said(track),
    )
    return track


def _said(track: Track) -> dict[str, Any]:
    return {"title": track.title, "isrc": track.isrc, "access": track.recording.access}


@transaction.atomic
def track_move(*, actor: User, track: Track, position: int) -> Track:
    """Put a track of a draft at another place, counted from 1; the others make room."""
    track, release = _of_draft(actor, track)
    order = [one.pk for one in release.tracks.all() if one.pk != track.pk]
    place = min(max(position, 1), len(order) + 1)
    before = track.position
    if place != before:
        order.insert(place - 1, track.pk)
        _number(release, order)
        track.position = place
        audit.record(
            actor=actor,
            action="catalog.track_move",
            target=track,
            before={"position": before},
            after={"position": place},
        )
    return track


@transaction.atomic
def track_remove(*, actor: User, track: Track) -> Release:
    """Take a track out of a draft, and its upload with it; the others close up."""
    track, release = _of_draft(actor, track)
    audit.record(
        actor=actor, action="catalog.track_remove", target=track, before={"title": track.title}
    )
    recording = track.recording
    track.delete()
    recording_discard(recording=recording)
    _number(release, list(release.tracks.values_list("pk", flat=True)))
    return release


@transaction.atomic
def track_preview_move(*, actor: User, track: Track, start_ms: int) -> Track:
    """Where the 30 seconds for everyone begin; the preview is made anew.

    Errors: recording_unready (409: the file is not checked yet), preview_out_of_range.
    """
    track, _ = _of_draft(actor, track)
    before = track.recording.preview_start_ms
    if start_ms != before:
        preview_move(recording=track.recording, start_ms=start_ms)
        audit.record(
            actor=actor,
            action="catalog.track_preview_move",
            target=track,
            before={"preview_start_ms": before},
            after={"preview_start_ms": start_ms},
        )
    return track


@transaction.atomic
def track_retry(*, actor: User, track: Track) -> Track:
    """Try once more what failed. Errors: recording_not_failed (409)."""
    track, _ = _of_draft(actor, track)
    recording_again(recording=track.recording)
    audit.record(actor=actor, action="catalog.track_retry", target=track)
    return track


def _of_draft(actor: User, track: Track) -> tuple[Track, Release]:
    """The track as it is now, under the lock of its release, which has to be a draft."""
    release = release_draft(actor, track.release)
    fresh = release.tracks.select_related("recording__upload", "recording__key").get(pk=track.pk)
    return fresh, release


def _number(release: Release, order: list[Any]) -> None:
    """Positions 1, 2, 3 ... in this order; by way of numbers that no track has."""
    release.tracks.update(position=F("position") + MAX_TRACKS * 2)
    for position, pk in enumerate(order, start=1):
        release.tracks.filter(pk=pk).update(position=position)
