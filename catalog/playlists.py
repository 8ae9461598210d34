"""Who may see a playlist, and what it shows. Writes go through catalog.services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import User
from accounts.selectors import public_name
from catalog.cards import TRACK_JOINS, placed_track, release_shown
from catalog.media.selectors import asset_url
from catalog.models import Playlist, PlaylistEdit, PlaylistEntry, PlaylistMember
from core.errors import ApplicationError

Role = PlaylistMember.Role
Visibility = Playlist.Visibility
MOSAIC: Final = 4
EDITORS: Final = (Role.EDITOR, Role.OWNER)

# The first covers of each playlist that are not the same picture, in the order of its tracks.
_COVERS: Final = """
    SELECT p.id, c.cid FROM unnest(%s::uuid[]) AS p(id) CROSS JOIN LATERAL (
        SELECT a.cid, min(e.rank COLLATE "C") AS rank FROM catalog_playlistentry e
        JOIN catalog_track t ON t.id = e.track_id
        JOIN catalog_release r ON r.id = t.release_id
        JOIN catalog_artist w ON w.id = r.artist_id
        JOIN media_asset a ON a.id = r.cover_id
        WHERE e.playlist_id = p.id AND r.state = 'published' AND w.status = 'active'
        GROUP BY a.cid ORDER BY 2 LIMIT %s
    ) c"""


class Seen(NamedTuple):
    """A playlist as one person meets it. role: "" for who is no member."""

    playlist: Playlist
    role: str


def playlist_seen(key: UUID, user: User | None) -> Seen:
    """By its id, or by the token of its link. Raises playlist_not_found (404) for whoever may not.

    The id opens a public one for everyone, others for members; the token every one but private
    ones.
    """
    found = (
        Playlist.objects.filter(Q(pk=key) | Q(share_token=key), deleted_at__isnull=True)
        .select_related("owner__preferences", "cover")
        .first()
    )
    if found is None:
        raise playlist_not_found()
    role = role_of(found, user)
    by_link = found.share_token == key and found.visibility != Visibility.PRIVATE
    if not (role or by_link or found.visibility == Visibility.PUBLIC):
        raise playlist_not_found()
    return Seen(found, role)


def playlist_joined(key: UUID, user: User) -> Seen:
    """For members alone. Raises playlist_not_found (404), playlist_forbidden (403)."""
    seen = playlist_seen(key, user)
    if not seen.role:
        raise playlist_forbidden()
    return seen


def role_of(playlist: Playlist, user: User | None) -> str:
    """A PlaylistMember.Role, "" for who is no member."""
    if user is None:
        return ""
    members = PlaylistMember.objects.filter(playlist=playlist, user=user)
    return members.values_list("role", flat=True).first() or ""


def link_key(playlist: Playlist) -> UUID | None:
    """What a link to it carries: the id when public, its token when by link, none when private."""
    if playlist.visibility == Visibility.PRIVATE:
        return None
    return playlist.pk if playlist.visibility == Visibility.PUBLIC else playlist.share_token


def memberships_of(user: User, track: UUID | None = None) -> QuerySet[PlaylistMember]:
    """The playlists that the user made or joined; `holds`: whether `track` lies in it."""
    rows = PlaylistMember.objects.filter(user=user, playlist__deleted_at__isnull=True)
    inside = PlaylistEntry.objects.filter(playlist=OuterRef("playlist"), track=track)
    return rows.select_related("playlist__owner__preferences", "playlist__cover").annotate(
        holds=Exists(inside)
    )


def playlist_cards(seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """The JSON of playlists in a list. Two queries."""
    keys = [one.playlist.pk for one in seen]
    rows = PlaylistEntry.objects.filter(playlist__in=keys).values_list("playlist")
    sums = rows.annotate(count=Count("id"), length=Sum("track__recording__duration_ms"))
    counted = {key: (count, length) for key, count, length in sums}
    covers = _mosaics(keys)
    return [
        _card(one, *counted.get(one.playlist.pk, (0, 0)), covers.get(one.playlist.pk, []))
        for one in seen
    ]


def playlist_card(seen: Seen) -> dict[str, Any]:
    """The JSON of one. Two queries."""
    return playlist_cards([seen])[0]


def playlist_page(seen: Seen) -> dict[str, Any]:
    """The JSON of a playlist with all that lies in it. Two queries."""
    entries = list(
        PlaylistEntry.objects.filter(playlist=seen.playlist)
        .select_related("added_by__preferences", *(f"track__{join}" for join in TRACK_JOINS))
        .order_by("rank")
    )
    length = sum(entry.track.recording.duration_ms for entry in entries)
    return {
        **_card(seen, len(entries), length, _first_covers(entries)),
        "description": seen.playlist.description,
        "created_at": seen.playlist.created_at,
        "cover_chosen": seen.playlist.cover_id is not None,
        "members": PlaylistMember.objects.filter(playlist=seen.playlist).count(),
        "entries": [entry_json(entry, seen) for entry in entries],
    }


def entry_json(entry: PlaylistEntry, seen: Seen) -> dict[str, Any]:
    """Who added it is told to members."""
    by = name_for(entry.added_by, seen) if seen.role and entry.added_by else ""
    return {
        "id": entry.pk,
        **placed_track(entry.track),
        "added_by": by,
        "added_at": entry.added_at,
    }


def name_for(user: User, seen: Seen) -> str:
    """Members know each other by name; to others only those have one who want to be shown."""
    if seen.role and user.is_active:
        return user.first_name or (f"@{user.username}" if user.username else "")
    return public_name(user)


def members_of(seen: Seen) -> list[dict[str, Any]]:
    """The owner first, then as they came. One query."""
    rows = PlaylistMember.objects.filter(playlist=seen.playlist)
    found = sorted(
        rows.select_related("user__preferences").order_by("id"),
        key=lambda one: one.role != Role.OWNER,
    )
    return [
        {
            "id": one.pk,
            "name": name_for(one.user, seen),
            "photo_url": one.user.photo_url,
            "role": one.role,
            "joined_at": one.joined_at,
            "user": one.user_id,
        }
        for one in found
    ]


def edits_of(playlist: Playlist) -> QuerySet[PlaylistEdit]:
    """Its log with the names that it tells, newest first."""
    return PlaylistEdit.objects.filter(playlist=playlist).select_related(
        "user__preferences", "member__preferences", "track"
    )


def edit_json(edit: PlaylistEdit, seen: Seen) -> dict[str, Any]:
    return {
        "id": edit.pk,
        "kind": edit.kind,
        "by": name_for(edit.user, seen),
        "track": edit.track.title if edit.track else "",
        "member": name_for(edit.member, seen) if edit.member else "",
        "place": edit.place,
        "value": edit.value,
        "at": edit.at,
    }


def playlist_not_found() -> ApplicationError:
    return ApplicationError("playlist_not_found", detail="There is no such playlist.", status=404)


def playlist_forbidden(detail: str = "Only its members may do this.") -> ApplicationError:
    return ApplicationError("playlist_forbidden", detail=detail, status=403)


def _card(seen: Seen, count: int, length: int, covers: Sequence[str]) -> dict[str, Any]:
    playlist = seen.playlist
    chosen = [asset_url(playlist.cover.cid)] if playlist.cover else None
    return {
        "id": playlist.pk,
        "title": playlist.title,
        "owner": name_for(playlist.owner, seen),
        "visibility": playlist.visibility,
        "role": seen.role or None,
        "link": link_key(playlist),
        "tracks": count,
        "duration_ms": length,
        "covers": chosen or list(covers),
        "version": playlist.version,
        "changed_at": playlist.changed_at,
    }


def _mosaics(keys: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COVERS, [list(keys), MOSAIC])
        for key, cid in cursor.fetchall():
            found.setdefault(key, []).append(asset_url(cid))
    return found


def _first_covers(entries: Sequence[PlaylistEntry]) -> list[str]:
    releases = (entry.track.release for entry in entries)
    cids = dict.fromkeys(
        one.cover.cid for one in releases if one.cover is not None and release_shown(one)
    )
    return [asset_url(cid) for cid in list(cids)[:MOSAIC]]
