"""The JSON of releases and tracks out of model rows, as lists of a person's own music need it."""

from __future__ import annotations

from typing import Any, Final

from catalog.media.selectors import asset_url
from catalog.models import Artist, PlayCount, Release, Track

BARS: Final = 72  # of a waveform in a list: as many as the player draws
# What track_card and release_card read of a track, for select_related.
TRACK_JOINS: Final = (
    "recording__preview",
    "play_count",
    "release__artist",
    "release__cover",
)


def release_shown(release: Release) -> bool:
    """Whether it is in the shop: published, and its artist not hidden."""
    return (
        release.state == Release.State.PUBLISHED and release.artist.status == Artist.Status.ACTIVE
    )


def release_card(release: Release) -> dict[str, Any]:
    """A release with a cover: every one that was ever published has one."""
    artist, cover = release.artist, release.cover
    return {
        "id": release.pk,
        "title": release.title,
        "artist": {
            "id": artist.pk,
            "slug": artist.slug,
            "name": artist.name,
            "verified": artist.verified_at is not None,
        },
        "cover": {
            "url": asset_url(cover.cid) if cover else "",
            "width": cover.width if cover else 0,
        },
        "colours": {"deep": release.colour_deep, "bright": release.colour_bright},
        "genre": release.genre,
    }


def track_card(track: Track) -> dict[str, Any]:
    """A track wherever it lies. What is not in the shop any more has no preview."""
    recording = track.recording
    preview = recording.preview if release_shown(track.release) else None
    count: PlayCount | None = getattr(track, "play_count", None)
    return {
        "id": track.pk,
        "title": track.title,
        "position": track.position,
        "duration_ms": recording.duration_ms,
        "preview_url": asset_url(preview.cid) if preview else None,
        "waveform": coarse(bytes(recording.waveform)) or None,
        "full": recording.access,
        "plays": count.plays if count else 0,
    }


def placed_track(track: Track) -> dict[str, Any]:
    """A track with its release, and whether it can still be had."""
    return {
        "track": track_card(track),
        "release": release_card(track.release),
        "available": release_shown(track.release),
    }


def coarse(peaks: bytes, count: int = BARS) -> list[int]:
    """The loudest of each of `count` equal stretches; what is shorter stays as it is."""
    if len(peaks) <= count:
        return list(peaks)
    edges = [place * len(peaks) // count for place in range(count + 1)]
    return [max(peaks[edges[place] : edges[place + 1]]) for place in range(count)]
