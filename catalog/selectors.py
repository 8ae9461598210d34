"""Reads of artists and releases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from accounts.models import User
from catalog.media.models import Asset
from catalog.media.selectors import asset_url
from catalog.models import Artist, Release


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
    """The JSON of a shown artist's page, without drops. None if unknown or hidden."""
    artist = (
        Artist.objects.filter(slug=slug, status=Artist.Status.ACTIVE)
        .select_related("picture")
        .first()
    )
    if artist is None:
        return None
    return {**artist_card(artist), "bio": artist.bio, "links": artist.links}


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
