"""Bytes with a content identifier: what is listened to is what was published."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7


class Asset(models.Model):
    """One immutable file, named by its CID. The CID's parameters are stored beside it.

    size: bytes. sha256: of the plain bytes, hex. cid: CIDv1, base32, as computed by us with the
    profile's chunk size and width (UnixFS, raw leaves; core.ipfs).
    """

    class Kind(models.TextChoices):
        MASTER = "master", "Master"
        SAMPLE = "sample", "Sample"
        COVER = "cover", "Cover"
        METADATA = "metadata", "Metadata"

    class Access(models.TextChoices):
        OPEN = "open", "Open"
        HOLDERS = "holders", "Holders only"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    access = models.CharField(max_length=16, choices=Access, default=Access.OPEN)
    cid = models.CharField(max_length=80, unique=True)
    profile = models.CharField(max_length=40, default="unixfs-v1-262144-174")
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=80)
    storage_name = models.CharField(max_length=200)
    width = models.PositiveIntegerField(null=True, blank=True)  # pixels, images only
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["master", "sample", "cover", "metadata"]),
                name="asset_kind_known",
            ),
            models.CheckConstraint(condition=Q(size__gte=0), name="asset_size_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.cid}"
