"""What was heard."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalog.models.releases import Track


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
        indexes = (
            models.Index(fields=("day", "track"), name="play_of_day"),
            models.Index(fields=("listener", "-id"), name="play_of_listener"),
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
