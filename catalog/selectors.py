"""Reads of artists and releases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from guardian.shortcuts import get_objects_for_user

from accounts.models import User
from catalog.media.models import Asset
from catalog.media.selectors import asset_url
from catalog.models import Artist, Follow, FollowCount, Like, LikeCount, Release, Track


def artists_public() -> QuerySet[Artist]:
    """Artists that are shown and have published something."""
    published = Release.objects.filter(artist=OuterRef("pk"), state=Release.State.PUBLISHED)
    return (
        Artist.objects.filter(Exists(published), status=Artist.Status.ACTIVE)
        .select_related("picture")
        .only("id", "slug", "name", "verified_at", "picture__cid")
    )


def artist_card(artist: Artist) -> dict[str, Any]:
    """The JSON of an artist in a list."""
    return {
        "id": artist.pk,
        "slug": artist.slug,
        "name": artist.name,
        "verified": artist.verified_at is not None,
        "picture_url": asset_url(artist.picture.cid) if artist.picture else None,
    }


def artist_page(slug: str) -> dict[str, Any] | None:
    """The JSON of a shown artist's page, without drops. None if unknown or hidden.

    The artist's id is as good as the slug.
    """
    artist = (
        Artist.objects.filter(_named(slug), status=Artist.Status.ACTIVE)
        .select_related("picture")
        .annotate(followers=Sum("follow_counts__followers", default=0))
        .first()
    )
    if artist is None:
        return None
    return {
        **artist_card(artist),
        "bio": artist.bio,
        "links": artist.links,
        "followers": artist.followers,
    }


def _named(slug: str) -> Q:
    try:
        return Q(pk=UUID(slug))
    except ValueError:
        return Q(slug=slug)


def artists_managed(user: User) -> QuerySet[Artist]:
    """Artists in whose name the user may publish: own ones and those shared with the user."""
    shared = get_objects_for_user(
        user, "catalog.manage_artist", Artist, with_superuser=False, accept_global_perms=False
    )
    return (
        Artist.objects.filter(Q(owner=user) | Q(pk__in=shared.values("pk")))
        .select_related("picture")
        .order_by("name")
    )


def releases_managed(user: User) -> QuerySet[Release]:
    """Releases of those artists, newest first, with cover, artist and number of tracks."""
    return (
        Release.objects.filter(artist__in=artists_managed(user).values("pk"))
        .select_related("artist", "cover")
        .annotate(track_count=Count("tracks"))
        .order_by("-id")
    )


def release_managed(user: User, release: UUID) -> Release | None:
    """One of those releases; None for one that is unknown or somebody else's."""
    return releases_managed(user).filter(pk=release).first()


def assets_shown(release: Release) -> list[Asset]:
    """What everybody has to find by the editions on chain: metadata, cover, clip, previews."""
    recordings = [track.recording for track in release.tracks.select_related("recording__preview")]
    found = [release.metadata, release.cover, release.clip, *(one.preview for one in recordings)]
    return [asset for asset in found if asset is not None]


def release_assets(release: Release) -> list[Asset]:
    """All that is kept on IPFS of a release: what is shown, and masters and streams as stored."""
    tracks = release.tracks.select_related("recording__master", "recording__aac", "recording__opus")
    sound = [
        asset
        for track in tracks
        for asset in (track.recording.master, track.recording.aac, track.recording.opus)
    ]
    return [*assets_shown(release), *(asset for asset in sound if asset is not None)]


def tracks_shown() -> QuerySet[Track]:
    """Tracks that are in the shop: published, and their artist not hidden."""
    return Track.objects.filter(
        release__state=Release.State.PUBLISHED, release__artist__status=Artist.Status.ACTIVE
    )


def marks(user: User, tracks: Sequence[UUID], artists: Sequence[UUID]) -> dict[str, list[UUID]]:
    """Which of these tracks the user likes, and which of these artists they follow."""
    liked = Like.objects.filter(user=user, track__in=tracks).values_list("track_id", flat=True)
    followed = Follow.objects.filter(user=user, artist__in=artists)
    return {
        "liked": list(liked) if tracks else [],
        "followed": list(followed.values_list("artist_id", flat=True)) if artists else [],
    }


def likes_of(tracks: Sequence[UUID]) -> dict[UUID, int]:
    """How many like each of these tracks; those that nobody likes are left out. One query."""
    rows = LikeCount.objects.filter(track__in=tracks).values_list("track")
    return dict(rows.annotate(sum=Sum("likes")).filter(sum__gt=0))


def followers_of(artists: Sequence[UUID]) -> dict[UUID, int]:
    """How many follow each of these artists; those without followers are left out. One query."""
    rows = FollowCount.objects.filter(artist__in=artists).values_list("artist")
    return dict(rows.annotate(sum=Sum("followers")).filter(sum__gt=0))
