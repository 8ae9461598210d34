"""Tracks to like and to put into playlists, and playlists of the named people."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from catalog import services
from catalog.models import Artist, Playlist, Track
from tests.catalog.people import artist_of, published
from tests.people import person


def artist() -> Artist:
    found = Artist.objects.filter(owner__login="artist").first()
    return found or artist_of(person("artist"))


def track(title: str = "Harbour Lights") -> Track:
    """The first track of a published release of that title."""
    return published(artist(), title).tracks.select_related("release").get()


def tracks(count: int) -> list[UUID]:
    """Their covers have colours that stay apart when they are compressed."""
    return [track(f"{'AUKfz'[number]} songs").pk for number in range(count)]


def playlist(owner: User, *inside: UUID, visibility: str = "private") -> Playlist:
    made = services.playlist_create(user=owner, title="Late ferries", visibility=visibility)
    if inside:
        services.entries_add(user=owner, playlist=made.pk, tracks=inside)
    made.refresh_from_db()
    return made


def share(made: Playlist, user: User, role: str = "editor") -> None:
    """Invited and joined."""
    invitation = services.invitation_make(user=made.owner, playlist=made.pk, role=role)
    services.invitation_accept(user=user, secret=services.invitation_secret(invitation))


def order(made: Playlist) -> list[UUID]:
    """The tracks in the order of their ranks."""
    return list(made.entries.order_by("rank").values_list("track_id", flat=True))
