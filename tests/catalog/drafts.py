"""Drafts with a track in each state that an artist may see; made by the services where they can."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from catalog import services
from catalog.media.models import Recording, Step, Upload
from catalog.media.services import (
    recording_describe,
    recording_move,
    recording_store,
    upload_receive,
)
from catalog.models import Artist, Release, Track

WAVE = bytes(
    int(40 + 200 * abs(math.sin(place / 31)) * (0.4 + 0.6 * abs(math.sin(place / 7))))
    for place in range(800)
)


def empty(artist: Artist, title: str = "Low Water") -> Release:
    return services.release_create(actor=artist.owner, artist=artist, title=title)


def full(artist: Artist, title: str = "Ebb and Flow") -> Release:
    """A cover, and seven tracks, one in each state."""
    release = services.release_create(
        actor=artist.owner, artist=artist, title=title, genre="Ambient", description="For late."
    )
    out = io.BytesIO()
    Image.linear_gradient("L").resize((400, 400)).convert("RGB").save(out, "PNG")
    out.seek(0)
    services.release_cover_set(actor=artist.owner, release=release, data=out)
    for name, make in MAKERS.items():
        track = arriving(release, f"{name}.wav")
        make(track)
    return release


def arriving(release: Release, filename: str, length: int = 52_428_800) -> Track:
    """A track whose file is announced; half of a kilobyte of it is here."""
    upload = services.track_upload_begin(
        actor=release.artist.owner, release=release, filename=filename, length=length
    )
    upload_receive(upload=upload, offset=0, data=ContentFile(b"x" * min(512, length - 1)))
    return Track.objects.select_related("recording", "release").get(recording__upload=upload)


def ready(track: Track) -> None:
    """A file that came through, with everything that was found out about it."""
    recording = track.recording
    _arrived(track)
    for field, kind in (("master", "audio/flac"), ("preview", "audio/mp4")):
        data = io.BytesIO(f"{field} of {recording.pk}".encode())
        recording_store(recording=recording, field=field, data=data, content_type=kind)
    facts = {
        "duration_ms": 204_000, "codec": "wav", "sample_rate": 44_100, "channels": 2,
        "bit_depth": 24, "loudness": "-9.20", "true_peak": "0.30", "flags": ["clipping"],
        "waveform": WAVE,
    }  # fmt: skip
    recording_describe(recording=recording, facts=facts)
    recording.steps.update(state=Step.State.DONE)
    recording_move(recording=recording, state=Recording.State.READY)


def _arrived(track: Track) -> None:
    Upload.objects.filter(recording=track.recording).update(state=Upload.State.TAKEN)


def _works(track: Track) -> None:
    _arrived(track)
    steps = track.recording.steps
    steps.filter(name__in=("inspect", "master")).update(state=Step.State.DONE)
    steps.filter(name="streams").update(state=Step.State.RUNNING, started_at=timezone.now())
    recording_move(recording=track.recording, state=Recording.State.WORKING)


def _refused(track: Track) -> None:
    Upload.objects.filter(recording=track.recording).update(state=Upload.State.REFUSED)
    detail = "This file says that it lasts four hours, and holds two seconds of sound."
    recording_move(
        recording=track.recording, state=Recording.State.REFUSED, reason="duration", detail=detail
    )


def _failed(track: Track) -> None:
    _arrived(track)
    track.recording.steps.filter(name="inspect").update(state=Step.State.FAILED)
    recording_move(recording=track.recording, state=Recording.State.FAILED, reason="disk_full")


def _waits(track: Track) -> None:
    Upload.objects.filter(recording=track.recording).update(state=Upload.State.RECEIVED)


def _absent(track: Track) -> None:
    Upload.objects.filter(recording=track.recording).update(state=Upload.State.EXPIRED)


MAKERS: dict[str, Callable[[Track], None]] = {
    "01 First Light": ready,
    "02 Outbound": lambda _: None,
    "03 Spring Tide": _works,
    "04 Slack Water": _waits,
    "05 Undertow": _refused,
    "06 Breakwater": _failed,
    "07 Homeward": _absent,
}


def publishable(artist: Artist, title: str = "High Water") -> Release:
    """A draft that only waits for its button."""
    release = full(artist, title)
    for track in release.tracks.exclude(position=1).order_by("-position"):
        services.track_remove(actor=artist.owner, track=track)
    return Release.objects.get(pk=release.pk)


def picture(side: int = 400, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, kind)
    return out.getvalue()


def order(release: Release) -> list[tuple[int, str]]:
    return list(release.tracks.values_list("position", "title"))


def three(page: Artist) -> Release:
    release = empty(page)
    for name in ("One", "Two", "Three"):
        arriving(release, f"{name}.wav")
    return release
