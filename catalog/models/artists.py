"""Who publishes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.media.models import Asset
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
