"""The catalogue on the desk's home, and what roles may do here."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from catalog.media.models import Pin
from catalog.media.pinned import below_target, replicas
from catalog.models import Artist, Release, Verification
from core.desk.registry import Reading, grant, place, queue, tile

grant(
    "moderator",
    "catalog.view_artist",
    "catalog.add_artist",
    "catalog.change_artist",
    "catalog.verify_artist",
    "catalog.view_verification",
    "catalog.decide_verification",
    "catalog.view_release",
    "catalog.view_track",
    "catalog.view_playlist",
    "catalog.view_playlistedit",
    "catalog.view_playlistentry",
    "catalog.view_playlistmember",
    "media.view_asset",
    "media.view_pin",
)
grant("finance", "catalog.view_artist", "catalog.view_release")
grant("operator", "media.view_asset", "media.view_pin", "media.change_pin")
place(
    "Playlists",
    link="admin:catalog_playlist_changelist",
    permission="catalog.view_playlist",
    words="public shared lists of people, who added what",
)
place(
    "Pins on IPFS",
    link="admin:media_pin_changelist",
    permission="media.view_pin",
    words="cid kubo pinata storage kept lost",
)


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


@tile(
    "Pins below target",
    link="admin:media_pin_changelist?state__in=waiting,working,lost,failed",
    permission="media.view_pin",
    order=65,
)
def pins() -> Reading:
    """Files kept at fewer places than they should be; lost and failed ones need a look."""
    short, needed = len(below_target()), replicas()
    if not needed:
        return Reading("off", "no pinning service is configured")
    bad = Pin.objects.filter(state__in=(Pin.State.LOST, Pin.State.FAILED)).count()
    note = f"{bad} lost or failed" if bad else f"each file at {needed} places"
    return Reading(short, note, "bad" if bad else "warn" if short else "good")


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


@queue(
    "Artists who want to be verified",
    link="admin:catalog_verification_changelist?state__in=submitted,in_review",
    permission="catalog.decide_verification",
    order=40,
)
def verifications() -> int:
    """Handed in, and those that somebody has taken and not answered."""
    waiting = (Verification.State.SUBMITTED, Verification.State.IN_REVIEW)
    return Verification.objects.filter(state__in=waiting).count()
