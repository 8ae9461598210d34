"""What people like and whom they follow, and how many do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.artists import Artist
from catalog.models.releases import Track
from core.ids import uuid7


class Like(models.Model):
    """Somebody likes a track. Gone when they no longer do."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="likes"
    )
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="likes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "track"), name="like_once"),)
        indexes = (models.Index(fields=("user", "-id"), name="like_of_user"),)

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.track_id}"


class Follow(models.Model):
    """Somebody follows an artist. Gone when they no longer do."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="follows"
    )
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="follows")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "artist"), name="follow_once"),)
        indexes = (
            models.Index(fields=("user", "-id"), name="follow_of_user"),
            models.Index(fields=("artist", "id"), name="follow_of_artist"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.artist_id}"


class LikeCount(models.Model):
    """A part of how many like a track: a like moves the part its user falls into.

    The number is the sum of a track's parts: exact at every moment, and a song that everybody
    likes in the same minute makes nobody wait for one row.
    """

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="like_counts")
    part = models.PositiveSmallIntegerField()
    likes = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("track", "part"), name="like_count_part_once"),
            models.CheckConstraint(condition=Q(likes__gte=0), name="like_count_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.likes} of {self.track_id}"


class FollowCount(models.Model):
    """A part of how many follow an artist: see LikeCount."""

    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="follow_counts")
    part = models.PositiveSmallIntegerField()
    followers = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("artist", "part"), name="follow_count_part_once"),
            models.CheckConstraint(condition=Q(followers__gte=0), name="follow_count_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.followers} of {self.artist_id}"
