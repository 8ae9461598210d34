"""What the catalogue holds of a person: his artist pages, and what he has heard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from catalog import library_privacy  # noqa: F401  registers its own part
from catalog.models import Artist, Play, Release, Verification
from core import privacy
from core.privacy import Obstacle

privacy.holds(Artist, Verification)


@privacy.on_export("catalog")
def export(user_id: UUID) -> dict[str, Any]:
    return {
        "artists": list(
            Artist.objects.filter(owner_id=user_id).values(
                "id", "slug", "name", "bio", "links", "verified_at", "created_at"
            )
        ),
        "releases": list(
            Release.objects.filter(artist__owner_id=user_id).values(
                "id", "artist__name", "title", "state", "created_at", "published_at"
            )
        ),
        "verifications": list(
            Verification.objects.filter(user_id=user_id).values(
                "name", "links", "proof", "state", "answer", "submitted_at", "decided_at"
            )
        ),
        "plays": list(
            Play.objects.filter(listener=f"user:{user_id}").values("track__title", "day", "whole")
        ),
    }


@privacy.on_erase("catalog")
def erase(user_id: UUID) -> None:
    """Only pages without a release are there by now, see `published`. What was heard stays
    counted, under a number that names nobody.
    """
    Verification.objects.filter(user_id=user_id).delete()
    Artist.objects.filter(owner_id=user_id).delete()


@privacy.on_erase_refused("catalog")
def published(user_id: UUID) -> list[Obstacle]:
    """Collectors hold editions of an artist's releases: somebody has to stand for them."""
    count = Artist.objects.filter(owner_id=user_id, releases__isnull=False).distinct().count()
    if not count:
        return []
    detail = "You have an artist page with releases. Ask support to hand it over or to close it."
    return [Obstacle("artist_page", detail, count, "/portal/")]
