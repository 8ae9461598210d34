"""Releases and their tracks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalog.media.models import Asset, Recording
from catalog.models.artists import Artist
from core.ids import uuid7


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
