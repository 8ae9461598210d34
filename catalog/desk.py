"""The catalogue on the desk's home, and what roles may do here."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from catalog.models import Artist, Release
from core.desk.registry import Reading, grant, queue, tile

grant(
    "moderator",
    "catalog.view_artist",
    "catalog.add_artist",
    "catalog.change_artist",
    "catalog.verify_artist",
    "catalog.view_release",
    "catalog.view_track",
    "media.view_asset",
)
grant("finance", "catalog.view_artist", "catalog.view_release")


@tile(
    "Releases",
    link="admin:catalog_release_changelist",
    permission="catalog.view_release",
    order=60,
)
def releases() -> Reading:
    week = timezone.now() - timedelta(days=7)
    published = Release.objects.filter(state=Release.State.PUBLISHED)
    fresh = published.filter(published_at__gt=week).count()
    return Reading(published.count(), f"{fresh} in seven days")


@queue(
    "Unverified artists",
    link="admin:catalog_artist_changelist?verified_at__isempty=1",
    permission="catalog.verify_artist",
    order=40,
)
def unverified() -> int:
    """Artists who have published and wait to be verified."""
    return (
        Artist.objects.filter(
            verified_at__isnull=True,
            status=Artist.Status.ACTIVE,
            releases__state=Release.State.PUBLISHED,
        )
        .distinct()
        .count()
    )
