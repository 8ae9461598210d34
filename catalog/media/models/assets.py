"""Bytes with a content identifier: what is listened to is what was published."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7


class AccessKey(models.Model):
    """The secret of one recording, kept only wrapped by a master key of the environment.

    wrapped: nonce (12 bytes), ciphertext and tag of AES-256-GCM (catalog.media.keys). master: the
    name of the wrapping key in MEDIA_MASTER_KEYS.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wrapped = models.BinaryField()
    master = models.CharField(max_length=32, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    rewrapped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"key {self.pk}"


class Asset(models.Model):
    """One immutable file, named by its CID. The CID's parameters are stored beside it.

    size: bytes. sha256: of the plain bytes, hex. cid: CIDv1, base32, as computed by us with the
    profile's chunk size and width (UnixFS, raw leaves; core.ipfs). The bytes of an asset for
    holders are encrypted (AES-256-CTR with `key` and `nonce`) before they are named and stored: its
    CID is that of the ciphertext, which is as long as the plain bytes.
    """

    class Kind(models.TextChoices):
        MASTER = "master", "Master"
        STREAM = "stream", "Stream"
        PREVIEW = "preview", "Preview"
        CLIP = "clip", "Clip"
        COVER = "cover", "Cover"
        PICTURE = "picture", "Sized cover"
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
    # sha2-256 of every chunk, 32 bytes each: any part can be checked without the whole.
    leaves = models.BinaryField(default=bytes)
    key = models.ForeignKey(
        AccessKey, null=True, blank=True, on_delete=models.PROTECT, related_name="assets"
    )
    nonce = models.BinaryField(max_length=12, null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)  # pixels, images only
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "master",
                        "stream",
                        "preview",
                        "clip",
                        "cover",
                        "picture",
                        "metadata",
                    ]
                ),
                name="asset_kind_known",
            ),
            models.CheckConstraint(condition=Q(size__gte=0), name="asset_size_not_negative"),
            models.CheckConstraint(
                condition=Q(access="open", key__isnull=True, nonce__isnull=True)
                | Q(access="holders", key__isnull=False, nonce__isnull=False),
                name="asset_holders_only_is_encrypted",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.cid}"


class Rendition(models.Model):
    """A cover in another size and format, as pages ask for it. width: pixels."""

    class Format(models.TextChoices):
        AVIF = "avif", "AVIF"
        WEBP = "webp", "WebP"
        JPEG = "jpeg", "JPEG"

    source = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    width = models.PositiveIntegerField()
    format = models.CharField(max_length=8, choices=Format)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source", "width", "format"), name="rendition_once_per_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.width} px {self.format} of {self.source_id}"
