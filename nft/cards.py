"""Tracks, releases, artists and playlists as they stand in lists: asked for by id, many at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from catalog.media.selectors import asset_url
from nft import sql_found as sql
from nft.drops import coin, release_json, state_of, supply_of
from nft.sql import rows

PEAKS: Final = 100  # of a waveform in a list; a track's own page has all
_OFFER: Final = 8  # columns


def offer_json(row: Sequence[Any], now: datetime) -> dict[str, Any] | None:
    """How a release is sold, in short. None: it is not on chain yet."""
    key, price, starts_at, ends_at, paused, *supply_of_it = row
    if key is None:
        return None
    supply = supply_of(*supply_of_it)
    state = state_of(supply, starts_at=starts_at, ends_at=ends_at, paused=paused, now=now)
    return {
        "id": key,
        "state": state.value,
        "price": coin(price),
        "starts_at": starts_at,
        "left": supply.left,
    }


def track_card(row: Sequence[Any], now: datetime, *, peaks: int | None = PEAKS) -> dict[str, Any]:
    """The JSON of a track with what it is on, from sql_found.TRACK_CARDS."""
    key, title, position, duration, cid, waveform, access, plays = row[:8]
    points = bytes(waveform)
    return {
        "id": key,
        "title": title,
        "position": position,
        "duration_ms": duration,
        "preview_url": asset_url(cid) if cid else None,
        "waveform": list(coarse(points, peaks) if peaks else points) or None,
        "full": access,
        "plays": plays,
        "release": release_json(row[8:19]),
        "drop": offer_json(row[19:], now),
    }


def coarse(points: bytes, peaks: int) -> bytes:
    """The loudest of each stretch, so that as many stretches are left."""
    if len(points) <= peaks:
        return points
    edges = [at * len(points) // peaks for at in range(peaks + 1)]
    return bytes(max(points[edges[at] : edges[at + 1]]) for at in range(peaks))


def release_card(row: Sequence[Any], now: datetime) -> dict[str, Any]:
    """The JSON of a release with how it is sold, from sql_found.RELEASE_CARDS."""
    return release_json(row[:11]) | {"drop": offer_json(row[11 : 11 + _OFFER], now)}


def _artist_card(row: Sequence[Any], _now: datetime) -> dict[str, Any]:
    key, slug, name, verified, cid = row
    picture = asset_url(cid) if cid else None
    return {"id": key, "slug": slug, "name": name, "verified": verified, "picture_url": picture}


def _playlist_card(row: Sequence[Any], _now: datetime) -> dict[str, Any]:
    """Its own cover, or those of what lies first in it."""
    key, title, number, own, covers = row
    shown = [own] if own else covers
    return {
        "id": key,
        "title": title,
        "tracks": number,
        "covers": [asset_url(one) for one in shown],
    }


_Made = Callable[[Sequence[Any], datetime], dict[str, Any]]
_KINDS: Final[Mapping[str, tuple[str, _Made]]] = {
    "track": (sql.TRACKS_NAMED, track_card),
    "release": (sql.RELEASES_NAMED, release_card),
    "artist": (sql.ARTISTS_NAMED, _artist_card),
    "playlist": (sql.PLAYLISTS_NAMED, _playlist_card),
}


def cards(kind: str, keys: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Those of these that are shown, by id. One query, none for no ids."""
    if not keys:
        return {}
    statement, made = _KINDS[kind]
    now = timezone.now()
    told = [made(row, now) for row in rows(statement, {"keys": list(keys)})]
    return {one["id"]: one for one in told}
