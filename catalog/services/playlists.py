"""Playlists: made, named, opened, given another link, deleted. Each change holds the row's lock."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import (
    Playlist,
    PlaylistEdit,
    PlaylistEntry,
    PlaylistInvitation,
    PlaylistMember,
)
from catalog.playlists import playlist_forbidden, playlist_not_found, role_of
from catalog.validation import require_valid
from core.errors import ApplicationError
from core.live import publish

MAX_PLAYLISTS: Final = 200  # that one person owns
Kind = PlaylistEdit.Kind
Role = PlaylistMember.Role
Visibility = Playlist.Visibility


class Need(IntEnum):
    """What somebody has to be for a change."""

    MEMBER = 1
    EDITOR = 2
    OWNER = 3


_RANK: Final = {Role.VIEWER: Need.MEMBER, Role.EDITOR: Need.EDITOR, Role.OWNER: Need.OWNER}
_WHY_NOT: Final = {
    Need.MEMBER: "Only its members may do this.",
    Need.EDITOR: "Only its owner and who was invited to edit may change it.",
    Need.OWNER: "Only its owner may do this.",
}


@transaction.atomic
def playlist_create(
    *, user: User, title: str, description: str = "", visibility: str = Visibility.PRIVATE
) -> Playlist:
    """An empty playlist of the user's.

    Errors: invalid (400, with fields), too_many_playlists (409).
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one at a time, to be counted
    if Playlist.objects.filter(owner=user, deleted_at__isnull=True).count() >= MAX_PLAYLISTS:
        raise ApplicationError(
            "too_many_playlists",
            detail=f"One person has at most {MAX_PLAYLISTS} playlists. Delete one first.",
            status=409,
        )
    playlist = Playlist(
        owner=user,
        title=title.strip(),
        description=description.strip(),
        visibility=visibility,
    )
    require_valid(playlist)
    playlist.save(force_insert=True)
    PlaylistMember.objects.create(playlist=playlist, user=user, role=Role.OWNER)
    PlaylistEdit.objects.create(playlist=playlist, user=user, kind=Kind.CREATED)
    return playlist


@transaction.atomic
def playlist_update(
    *, user: User, playlist: UUID, title: str | None = None, description: str | None = None
) -> Playlist:
    """Other words; None leaves them as they are. Editors may.

    Errors: invalid (400, with fields), playlist_not_found (404), playlist_forbidden (403).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.EDITOR)
    edits = []
    if title is not None and title.strip() != found.title:
        found.title = title.strip()
        edits.append(PlaylistEdit(kind=Kind.RENAMED))
    if description is not None and description.strip() != found.description:
        found.description = description.strip()
        edits.append(PlaylistEdit(kind=Kind.DESCRIBED))
    require_valid(found)
    return playlist_changed(found, user, edits)


@transaction.atomic
def playlist_visibility_set(*, user: User, playlist: UUID, visibility: str) -> Playlist:
    """Who may see it besides its members. Closed and opened again it has another link.

    Errors: invalid (400), playlist_not_found (404), playlist_forbidden (403: not the owner).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    if visibility == found.visibility:
        return found
    found.visibility = visibility
    require_valid(found)
    before = found.share_token
    if visibility == Visibility.PRIVATE:
        found.share_token = uuid4()
    edit = PlaylistEdit(kind=Kind.OPENED, value=visibility)
    return playlist_changed(found, user, [edit], also=before)


@transaction.atomic
def playlist_relink(*, user: User, playlist: UUID) -> Playlist:
    """Another link; the one before leads nowhere from now on.

    Errors: playlist_not_found (404), playlist_forbidden (403: not the owner).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    before, found.share_token = found.share_token, uuid4()
    return playlist_changed(found, user, [PlaylistEdit(kind=Kind.SHARED)], also=before)


@transaction.atomic
def playlist_cover_set(*, user: User, playlist: UUID, entry: UUID | None) -> Playlist:
    """The cover of this entry's release for the whole playlist; None: a mosaic again.

    Errors: entry_not_found (404), playlist_not_found (404), playlist_forbidden (403).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.EDITOR)
    cover = None
    if entry is not None:
        row = found.entries.filter(pk=entry).select_related("track__release__cover").first()
        if row is None:
            raise entry_not_found()
        cover = row.track.release.cover
    if cover == found.cover:
        return found
    found.cover = cover
    return playlist_changed(found, user, [PlaylistEdit(kind=Kind.COVERED)])


@transaction.atomic
def playlist_delete(*, user: User, playlist: UUID) -> None:
    """Gone for everybody. The row stays, empty, because its log does.

    Errors: playlist_not_found (404), playlist_forbidden (403: not the owner).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    before = found.share_token
    for rows in (PlaylistEntry, PlaylistInvitation, PlaylistMember):
        rows.objects.filter(playlist=found).delete()
    found.title = found.description = ""
    found.visibility, found.cover, found.share_token = Visibility.PRIVATE, None, uuid4()
    found.deleted_at = timezone.now()
    playlist_changed(found, user, [PlaylistEdit(kind=Kind.DELETED)], also=before)


def playlist_lock(*, user: User, playlist: UUID, need: Need) -> Playlist:
    """The row, locked to the end of the transaction, for a user who is at least `need`.

    Errors: playlist_not_found (404: none, or one that the user may not see by its id),
    playlist_forbidden (403).
    """
    found = (
        Playlist.objects.select_for_update(of=("self",))
        .select_related("cover")
        .filter(pk=playlist, deleted_at__isnull=True)
        .first()
    )
    if found is None:
        raise playlist_not_found()
    role = role_of(found, user)
    if not role and found.visibility != Visibility.PUBLIC:
        raise playlist_not_found()
    if not role or _RANK[Role(role)] < need:
        raise playlist_forbidden(_WHY_NOT[need])
    return found


def playlist_changed(
    playlist: Playlist, user: User, edits: Sequence[PlaylistEdit], *, also: UUID | None = None
) -> Playlist:
    """Save the locked row, write its log, and tell whoever watches; nothing without `edits`.

    The event tells the number of the version alone: whoever may still see the playlist asks for
    it, and whoever may not has learnt nothing. also: a link's token that has just ended.
    """
    if not edits:
        return playlist
    playlist.version += 1
    playlist.changed_at = timezone.now()
    playlist.save()
    for edit in edits:
        edit.playlist, edit.user = playlist, user
    PlaylistEdit.objects.bulk_create(edits)
    for key in {playlist.pk, playlist.share_token, also or playlist.pk}:
        publish(f"playlist:{key}", "playlist.changed", {"version": playlist.version})
    return playlist


def entry_not_found() -> ApplicationError:
    return ApplicationError(
        "entry_not_found", detail="This track does not lie in the playlist any more.", status=404
    )
