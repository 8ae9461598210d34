"""The off-chain JSON of a release (TEP-64): what wallets, markets and indexers show.

It belongs to all editions alike; name and number of an edition are added by the contract's getter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from django.conf import settings

from catalog.models import Release, Track

ATTRIBUTE_LENGTH: Final = 127  # markets cut longer values off


def release_metadata(release: Release, tracks: Sequence[Track], published_at: datetime) -> bytes:
    """Canonical JSON (sorted keys): equal releases have equal CIDs. No master's bytes are named
    by an address that can be opened, only by their digests."""
    cover = release.cover
    if cover is None:
        raise ValueError("a release without cover has no metadata")
    document: dict[str, Any] = {
        "name": release.title,
        "description": release.description,
        "image": f"ipfs://{cover.cid}",
        "image_mime_type": cover.content_type,
        "external_url": f"{settings.PUBLIC_URL}/app/drops/{release.pk}",
        "attributes": _attributes(release, tracks, published_at),
        "tracks": [_track(track) for track in tracks],
    }
    previews = (track.recording.preview for track in tracks)
    if first := next((one for one in previews if one), None):
        document["audio_url"] = document["animation_url"] = f"ipfs://{first.cid}"
        document["audio_mime_type"] = first.content_type
    if release.clip:
        document["content_url"] = f"ipfs://{release.clip.cid}"
        document["content_type"] = release.clip.content_type
    if settings.TELEGRAM_BOT_USERNAME:
        document["buttons"] = [{"label": "Listen", "uri": _deep_link(release)}]
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _attributes(
    release: Release, tracks: Sequence[Track], published_at: datetime
) -> list[dict[str, str]]:
    pairs = [
        ("Artist", release.artist.name),
        ("Release", release.title),
        ("Track", tracks[0].title if len(tracks) == 1 else ""),
        ("Tracks", str(len(tracks)) if len(tracks) > 1 else ""),
        ("Genre", release.genre),
        ("ISRC", tracks[0].isrc if len(tracks) == 1 else ""),
        ("Release date", published_at.date().isoformat()),
    ]
    return [
        {"trait_type": kind, "value": value[:ATTRIBUTE_LENGTH]} for kind, value in pairs if value
    ]


def _track(track: Track) -> dict[str, Any]:
    recording = track.recording
    if recording.master is None:
        raise ValueError("a track without a master has no metadata")
    entry: dict[str, Any] = {
        "position": track.position,
        "title": track.title,
        "duration_ms": recording.duration_ms,
        "master": {"cid": recording.master.cid, "sha256": recording.master.sha256},
    }
    if recording.preview:
        entry["preview"] = f"ipfs://{recording.preview.cid}"
    return entry


def _deep_link(release: Release) -> str:
    bot, app = settings.TELEGRAM_BOT_USERNAME, settings.TELEGRAM_APP_NAME
    return f"https://t.me/{bot}/{app}?startapp=d{release.pk.hex}"
