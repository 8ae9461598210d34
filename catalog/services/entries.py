"""What lies in a playlist: added, moved, removed. Each change holds the playlist's lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.models import User
from catalog import ranks
from catalog.models import Playlist, PlaylistEdit, PlaylistEntry
from catalog.selectors import tracks_shown
from catalog.services.likes import track_not_found
from catalog.services.playlists import (
    Kind,
    Need,
    entry_not_found,
    playlist_changed,
    playlist_lock,
)
from core.errors import ApplicationError

MAX_ENTRIES: Final = 500
MAX_AT_ONCE: Final = 100


class Place(NamedTuple):
    """Behind which entry; first: before all of them. Neither: at the end."""

    after: UUID | None = None
    first: bool = False


END: Final = Place()


class Added(NamedTuple):
    """skipped: tracks that lay in the playlist already."""

    playlist: Playlist
    entries: list[PlaylistEntry]
    skipped: int


@transaction.atomic
def entries_add(*, user: User, playlist: UUID, tracks: Sequence[UUID], place: Place = END) -> Added:
    """Put tracks in, in this order. Those that are in already stay where they are.

    Errors: track_not_found (404), entry_not_found (404: `place`), playlist_full (409),
    playlist_not_found (404), playlist_forbidden (403). All are added, or none.
    """
    wanted = list(dict.fromkeys(tracks))
    found = playlist_lock(user=user, playlist=playlist, need=Need.EDITOR)
    held = set(found.entries.values_list("track_id", flat=True))
    fresh = [track for track in wanted if track not in held]
    if tracks_shown().filter(pk__in=fresh).count() != len(fresh):
        raise track_not_found()
    if len(held) + len(fresh) > MAX_ENTRIES:
        raise ApplicationError(
            "playlist_full",
            detail=f"A playlist holds at most {MAX_ENTRIES} tracks; this one has {len(held)}.",
            status=409,
        )
    given = _ranks(found, place, len(fresh))
    made = [
        PlaylistEntry(playlist=found, track_id=track, rank=rank, added_by=user)
        for track, rank in zip(fresh, given, strict=True)
    ]
    PlaylistEntry.objects.bulk_create(made)
    edits = [PlaylistEdit(kind=Kind.ADDED, track_id=track) for track in fresh]
    playlist_changed(found, user, edits)
    return Added(found, made, len(wanted) - len(fresh))


@transaction.atomic
def entry_move(*, user: User, playlist: UUID, entry: UUID, place: Place) -> Playlist:
    """Put it behind another one, or first. Where it lies already, nothing changes.

    Errors: entry_not_found (404: it, or its neighbour), playlist_not_found (404),
    playlist_forbidden (403).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.EDITOR)
    row = found.entries.filter(pk=entry).first()
    if row is None or place.after == entry:
        raise entry_not_found()
    order = list(found.entries.order_by("rank").values_list("pk", flat=True))
    was = order.index(entry)
    order.remove(entry)
    now = _index(order, place)
    if was == now:
        return found
    row.rank = _ranks(found, place, 1, without=entry)[0]
    row.save(update_fields=["rank"])
    edit = PlaylistEdit(kind=Kind.MOVED, track_id=row.track_id, place=now + 1)
    return playlist_changed(found, user, [edit])


@transaction.atomic
def entry_remove(*, user: User, playlist: UUID, entry: UUID) -> Playlist:
    """Take it out. Once it is out, nothing changes: two may take out the same.

    Errors: playlist_not_found (404), playlist_forbidden (403).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.EDITOR)
    row = found.entries.filter(pk=entry).select_related("track__release").first()
    if row is None:
        return found
    row.delete()
    cover = found.cover_id
    if cover is not None and not found.entries.filter(track__release__cover=cover).exists():
        found.cover = None  # nothing in it has that cover any more
    edit = PlaylistEdit(kind=Kind.REMOVED, track_id=row.track_id)
    return playlist_changed(found, user, [edit])


def _ranks(
    playlist: Playlist, place: Place, count: int, *, without: UUID | None = None
) -> list[str]:
    """Ranks for `count` entries at this place; when they would grow long, all get new ones."""
    entries = playlist.entries.order_by("rank")
    rows = [row for row in entries.only("id", "rank") if row.pk != without]
    at = _index([row.pk for row in rows], place)
    try:
        return _between(rows, at, count)
    except ranks.Full:
        fresh = ranks.spread(len(rows) + count)
        for row, rank in zip(rows, fresh[:at] + fresh[at + count :], strict=True):
            row.rank = rank
        PlaylistEntry.objects.bulk_update(rows, ["rank"])
        return fresh[at : at + count]


def _between(rows: Sequence[PlaylistEntry], at: int, count: int) -> list[str]:
    low = rows[at - 1].rank if at else None
    high = rows[at].rank if at < len(rows) else None
    given: list[str] = []
    for _ in range(count):
        low = ranks.between(low, high)
        given.append(low)
    return given


def _index(order: Sequence[UUID], place: Place) -> int:
    """How many entries lie before the place. Raises entry_not_found (404)."""
    if place.first:
        return 0
    if place.after is None:
        return len(order)
    if place.after not in order:
        raise entry_not_found()
    return order.index(place.after) + 1
