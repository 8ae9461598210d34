"""Artists, their releases and tracks. Writes go through catalog.services."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.media.models import Asset, Recording
from core.ids import uuid7


class Artist(models.Model):
    """A person or band that publishes. Owned by one user; teams come by object permissions."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        HIDDEN = "hidden", "Hidden"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="artists"
    )
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    bio = models.TextField(max_length=4000, blank=True)
    links = models.JSONField(default=list, blank=True)  # [{"label", "url"}], at most ten
    picture = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["active", "hidden"]), name="artist_status_known"
            ),
        )
        indexes = (models.Index(fields=["status", "-id"], name="artist_list"),)
        permissions = (
            ("manage_artist", "Can publish in the artist's name"),  # given per artist (guardian)
            ("verify_artist", "Can say that an artist is who they say"),
        )

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """Music published together under one cover: a single, an EP, an album."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="releases")
    slug = models.SlugField(max_length=100)
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=500, blank=True)
    genre = models.CharField(max_length=40, blank=True)
    cover = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The NFT's off-chain JSON (TEP-64): published before the collection can be prepared.
    metadata = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Cover and preview as one short film, for marketplaces that play only those (content_url).
    clip = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The two colours of the cover, "#rrggbb", contrast-checked at 4.5:1 on both themes.
    colour_deep = models.CharField(max_length=7, default="#1c1c24")
    colour_bright = models.CharField(max_length=7, default="#7c5cff")
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["artist", "slug"], name="release_slug_per_artist"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "withdrawn"]),
                name="release_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(cover__isnull=False, metadata__isnull=False, published_at__isnull=False),
                name="release_published_is_complete",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Track(models.Model):
    """One piece of music of a release."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="tracks")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    isrc = models.CharField(max_length=12, blank=True)
    recording = models.OneToOneField(Recording, on_delete=models.PROTECT, related_name="track")

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["release", "position"], name="track_position_once"),
        )

    def __str__(self) -> str:
        return self.title


class Play(models.Model):
    """One listener heard one track on one day (UTC): 30 seconds of it or half. Append-only.

    listener: "user:<id>", or a keyed digest of a guest's address that changes every day.
    """

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="plays")
    listener = models.CharField(max_length=80)
    day = models.DateField()
    whole = models.BooleanField(default=False)  # of the full track, not of the preview
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("track", "day", "listener"), name="play_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.track_id} on {self.day}"


class PlayCount(models.Model):
    """How many plays a track has: their rows, counted when they come."""

    track = models.OneToOneField(
        Track, primary_key=True, on_delete=models.PROTECT, related_name="play_count"
    )
    plays = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(plays__gte=0), name="play_count_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.plays} of {self.track_id}"
