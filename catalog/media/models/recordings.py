"""An artist's file on its way in, and what becomes of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.media.models.assets import AccessKey, Asset
from core.ids import uuid7


class Upload(models.Model):
    """A file that arrives in pieces (tus 1.0). offset: bytes that are safe; length: bytes in all.

    artist: whose quota it uses; release: what it is for (catalog has checked the right). metadata:
    Upload-Metadata as it was sent. parts: [[storage name, bytes]].
    """

    class Purpose(models.TextChoices):
        AUDIO = "audio", "Audio"
        COVER = "cover", "Cover"

    class State(models.TextChoices):
        RECEIVING = "receiving", "Receiving"
        RECEIVED = "received", "Received"
        TAKEN = "taken", "Taken in"
        REFUSED = "refused", "Refused"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    artist = models.UUIDField(db_index=True)
    release = models.UUIDField(null=True, blank=True, db_index=True)
    purpose = models.CharField(max_length=8, choices=Purpose)
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVING)
    filename = models.CharField(max_length=255)
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    metadata = models.CharField(max_length=2000, blank=True, db_default="")
    parts = models.JSONField(default=list, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of all bytes, once they are here
    reason = models.CharField(max_length=60, blank=True)  # why refused: a code of ours
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state__in=["receiving", "received", "taken", "refused", "cancelled", "expired"]
                ),
                name="upload_state_known",
            ),
            models.CheckConstraint(
                condition=Q(length__gt=0, offset__gte=0, offset__lte=F("length")),
                name="upload_offset_in_range",
            ),
        )
        indexes = (
            models.Index(
                fields=("expires_at",), name="upload_open", condition=Q(state="receiving")
            ),
        )

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"


class Recording(models.Model):
    """The sound of one track: the artist's master and everything made of it.

    loudness: LUFS of the master (EBU R 128). true_peak: dBTP. waveform: peaks, a byte each.
    preview_start_ms: where the 30 seconds for everyone begin.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for the file"
        WORKING = "working", "In the works"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    artist = models.UUIDField(db_index=True)
    upload = models.OneToOneField(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="recording"
    )
    access = models.CharField(max_length=16, choices=Asset.Access, default=Asset.Access.HOLDERS)
    key = models.OneToOneField(AccessKey, null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True)  # why not: a code of ours
    detail = models.CharField(max_length=300, blank=True)  # the same in the artist's words
    duration_ms = models.PositiveIntegerField(default=0)
    codec = models.CharField(max_length=24, blank=True)
    sample_rate = models.PositiveIntegerField(null=True, blank=True)
    channels = models.PositiveSmallIntegerField(null=True, blank=True)
    bit_depth = models.PositiveSmallIntegerField(null=True, blank=True)
    loudness = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    true_peak = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)  # "clipping", "silence_start", ...
    waveform = models.BinaryField(default=bytes)
    preview_start_ms = models.PositiveIntegerField(default=0)
    master = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    aac = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opus = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    preview = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "working", "ready", "refused", "failed"]),
                name="recording_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(master__isnull=False, duration_ms__gt=0, ready_at__isnull=False),
                name="recording_ready_is_complete",
            ),
        )

    def __str__(self) -> str:
        return f"recording {self.pk} ({self.state})"

    @property
    def replaceable(self) -> bool:
        """Nothing usable is here and nothing is on its way: another file may take the place."""
        gone = self.upload is None or self.upload.state not in ("receiving", "received", "taken")
        return self.state == self.State.REFUSED or (self.state == self.State.WAITING and gone)


class Step(models.Model):
    """One stage of a recording's way, so that the artist sees where it stands."""

    class Name(models.TextChoices):
        INSPECT = "inspect", "Checking the file"
        MASTER = "master", "Keeping the master"
        STREAMS = "streams", "Making it playable"
        PREVIEW = "preview", "Cutting the preview"
        PUBLISH = "publish", "Publishing to IPFS"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=16, choices=Name)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("recording", "name"), name="step_once_per_recording"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed"]),
                name="step_state_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"
