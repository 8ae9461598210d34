"""What the page of a draft shows: its tracks with all their states, its cover, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Prefetch

from catalog.media import tus
from catalog.media.inspection.reasons import WORDS
from catalog.media.models import Recording, Step, Upload
from catalog.media.selectors import asset_url
from catalog.media.services import PREVIEW_MS
from catalog.media.sizes import size_words
from catalog.models import Release, Track
from core.errors import ApplicationError

_BARS: Final = 200
_HEIGHT: Final = 64
# How a cover was refused, by the code of catalog.media.covers.
COVER_REASONS: Final = {
    "cover_too_large": "It is too large: at most 30 MB and 40 megapixels.",
    "cover_too_small": "It is too small: each side needs 300 pixels, better 1000 or more.",
    "cover_unreadable": "It could not be read. Use JPEG, PNG or WebP.",
    "cover_moving": WORDS["cover_moving"],
    "cover_tail": WORDS["cover_tail"],
    "cover_profile": "It carries a huge colour profile. Save it in sRGB.",
    "hidden_file": "Another file is hidden in it. Save it again.",
    "release_published": "The release was published before it arrived.",
}
# What was noticed about a master. Hints: nothing of it keeps a release from going out.
FLAGS: Final = {
    "clipping": "Clipped: some peaks hit the ceiling and are cut flat",
    "silence_start": "Begins with silence",
    "silence_inside": "There is a long silence in it",
    "silence_end": "Ends with silence",
}
STAGES: Final = {
    Recording.State.WORKING: "works",
    Recording.State.READY: "ready",
    Recording.State.REFUSED: "refused",
    Recording.State.FAILED: "failed",
}
_CHANNELS: Final = {1: "mono", 2: "stereo"}


def tracks_of(release: Release) -> list[dict[str, Any]]:
    """The tracks of a draft in their order, each as its row shows it."""
    rows = (
        Track.objects.filter(release=release)
        .select_related("recording__upload", "recording__preview", "release")
        .prefetch_related(Prefetch("recording__steps", Step.objects.order_by("position")))
        .order_by("position")
    )
    return [row_of(track) for track in rows]


def row_of(track: Track) -> dict[str, Any]:
    """One track with what may be done about it."""
    recording = track.recording
    upload = recording.upload
    stage = stage_of(recording)
    shown = bool(recording.preview and recording.duration_ms and recording.waveform)
    return {
        "track": track,
        "recording": recording,
        "stage": stage,
        "busy": stage == "works" or _cutting(recording),
        "cutting": stage == "ready" and _cutting(recording),
        "upload": _arriving(upload) if upload and stage == "arriving" else None,
        "steps": [_step(step) for step in recording.steps.all()],
        "length": length_of(recording.duration_ms) if recording.duration_ms else "",
        "facts": facts_of(recording),
        "hints": [FLAGS.get(one, str(one).replace("_", " ")) for one in recording.flags],
        "preview": asset_url(recording.preview.cid) if recording.preview else "",
        "wave": _wave(recording) if shown else None,
        "may_choose_access": stage in ("arriving", "absent"),
    }


def stage_of(recording: Recording) -> str:
    """arriving, absent, works, ready, refused or failed: where a recording stands."""
    upload = recording.upload
    if recording.state != Recording.State.WAITING:
        return STAGES[Recording.State(recording.state)]
    if upload is None or upload.state in (Upload.State.EXPIRED, Upload.State.CANCELLED):
        return "absent"
    return "arriving" if upload.state == Upload.State.RECEIVING else "works"


def _cutting(recording: Recording) -> bool:
    """The preview is being made anew although all else is ready."""
    return recording.state == Recording.State.READY and any(
        step.name == Step.Name.PREVIEW and step.state in (Step.State.WAITING, Step.State.RUNNING)
        for step in recording.steps.all()
    )


def _arriving(upload: Upload) -> dict[str, Any]:
    try:
        said = tus.metadata_of(upload.metadata)
    except ApplicationError:
        said = {}
    return {
        "id": upload.pk,
        "name": upload.filename,
        "length": upload.length,
        "offset": upload.offset,
        "percent": upload.offset * 100 // upload.length,
        "modified": said.get("modified", ""),
        "here": size_words(upload.offset),
        "whole": size_words(upload.length),
        "expires": upload.expires_at,
    }


def _step(step: Step) -> dict[str, str]:
    words = {"waiting": "waiting", "running": "now", "done": "done", "failed": "failed"}
    return {
        "name": step.get_name_display(),
        "state": step.state,
        "word": words[step.state],
        "error": step.error if step.state == Step.State.FAILED else "",
    }


def length_of(milliseconds: int) -> str:
    """Minutes and seconds: "3:05"."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def facts_of(recording: Recording) -> list[tuple[str, str]]:
    """What was measured, as pairs of a name and words."""
    sound = [
        recording.codec.upper() if recording.codec else "",
        f"{recording.sample_rate / 1000:g} kHz" if recording.sample_rate else "",
        f"{recording.bit_depth} bit" if recording.bit_depth else "",
        _CHANNELS.get(recording.channels or 0, ""),
    ]
    pairs = [("File", ", ".join(filter(None, sound)))]
    if recording.loudness is not None:
        pairs.append(("Loudness", f"{recording.loudness:.1f} LUFS"))
    if recording.true_peak is not None:
        pairs.append(("True peak", f"{recording.true_peak:.1f} dBTP"))
    return [pair for pair in pairs if pair[1]]


def _wave(recording: Recording) -> dict[str, Any]:
    """The waveform as a path, and where in it the preview lies. Milliseconds are its x."""
    peaks, whole = bytes(recording.waveform), recording.duration_ms
    count = min(_BARS, len(peaks))
    middle = _HEIGHT // 2
    lines = []
    for place in range(count):
        part = peaks[place * len(peaks) // count : (place + 1) * len(peaks) // count]
        high = max(1, max(part) * (middle - 2) // 255)
        lines.append(f"M{(place * 2 + 1) * whole // (count * 2)} {middle - high}v{high * 2}")
    return {
        "path": "".join(lines),
        "whole": whole,
        "start": recording.preview_start_ms,
        "window": min(PREVIEW_MS, whole),
        "latest": max(0, whole - PREVIEW_MS),
    }


@dataclass(frozen=True, slots=True)
class Want:
    """A line of the list before publishing. must: without it nothing is published."""

    done: bool
    words: str
    must: bool = True


def cover_of(release: Release) -> dict[str, Any]:
    """The cover that hangs, and the newest one on its way or refused."""
    newest = (
        Upload.objects.filter(release=release.pk, purpose=Upload.Purpose.COVER)
        .exclude(state__in=(Upload.State.CANCELLED, Upload.State.EXPIRED))
        .order_by("-id")
        .first()
    )
    state = newest.state if newest else ""
    return {
        "url": asset_url(release.cover.cid) if release.cover else "",
        "upload": _arriving(newest) if newest and state == Upload.State.RECEIVING else None,
        "looking": state == Upload.State.RECEIVED,
        "refused": COVER_REASONS.get(newest.reason, "It could not be taken.")
        if newest and state == Upload.State.REFUSED
        else "",
        "failed_at": newest.touched_at if newest and state == Upload.State.REFUSED else None,
    }


def wants_of(release: Release, tracks: list[dict[str, Any]]) -> list[Want]:
    """What a release needs before it is published, in the order in which one does it."""
    late = [row["track"].title for row in tracks if row["stage"] != "ready"]
    cutting = any(row["cutting"] for row in tracks)
    ready = bool(tracks) and not late and not cutting
    words = "Every track is ready"
    if late:
        words = f"Every track is ready; not yet: {', '.join(late)}"
    return [
        Want(release.cover is not None, "A cover"),
        Want(bool(tracks), "At least one track"),
        Want(ready, words),
        Want(bool(release.genre), "A genre, so that it is found", must=False),
        Want(bool(release.description), "A description", must=False),
    ]
