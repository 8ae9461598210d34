"""What likes, follows and playlists hold of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg

from accounts.models import User
from catalog import services
from catalog.models import (
    Artist,
    Follow,
    FollowCount,
    Like,
    Playlist,
    PlaylistEdit,
    PlaylistEntry,
    PlaylistInvitation,
    PlaylistMember,
)
from core import privacy

privacy.holds(Like, Follow, PlaylistMember, PlaylistInvitation, PlaylistEntry)
privacy.holds(Playlist, kept="a deleted playlist is an empty row: its log points at it")
privacy.holds(PlaylistEdit, kept="a shared playlist's log only grows; it then names nobody")


@privacy.on_export("catalog.library")
def export(user_id: UUID) -> dict[str, Any]:
    inside = ArrayAgg("entries__track__title", order_by="entries__rank", default=[])
    return {
        "likes": list(
            Like.objects.filter(user_id=user_id).values("track", "track__title", "created_at")
        ),
        "follows": list(
            Follow.objects.filter(user_id=user_id).values("artist__name", "created_at")
        ),
        "playlists": list(
            Playlist.objects.filter(owner_id=user_id, deleted_at__isnull=True)
            .annotate(tracks=inside)
            .values("id", "title", "description", "visibility", "created_at", "tracks")
        ),
        "shared_with_me": list(
            PlaylistMember.objects.filter(user_id=user_id)
            .exclude(role=PlaylistMember.Role.OWNER)
            .values("playlist", "playlist__title", "role", "joined_at")
        ),
        "edits": list(
            PlaylistEdit.objects.filter(user_id=user_id).values("playlist", "kind", "at")
        ),
    }


@privacy.on_erase("catalog.library")
def erase(user_id: UUID) -> None:
    """Own playlists go for everybody who shared them; what was added to others' stays, unsigned."""
    user = User.objects.get(pk=user_id)
    services.likes_forget(user=user)
    for playlist in Playlist.objects.filter(owner=user, deleted_at__isnull=True).order_by("id"):
        services.playlist_delete(user=user, playlist=playlist.pk)
    for member in PlaylistMember.objects.filter(user=user).order_by("playlist"):
        services.member_remove(user=user, playlist=member.playlist_id, member=member.pk)
    PlaylistEntry.objects.filter(added_by=user).update(added_by=None)
    # Pages without a release go with their owner, whoever followed them.
    pages = Artist.objects.filter(owner=user, releases__isnull=True)
    Follow.objects.filter(artist__in=pages).delete()
    FollowCount.objects.filter(artist__in=pages).delete()
