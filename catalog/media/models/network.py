"""Where our bytes are kept on IPFS, and by which gateways they come back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalog.media.models.assets import Asset
from core.ids import uuid7


class Pin(models.Model):
    """One asset at one pinning service. service: a name of core.ipfs.pinning.

    due_at: when it is looked at next. leaving_at: when it may be taken off, after the grace.
    busy_until: while somebody sees to it nobody else does; over when they died on the way.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        WORKING = "working", "Being pinned"
        PINNED = "pinned", "Pinned"
        LOST = "lost", "Lost"
        FAILED = "failed", "Failed"
        LEAVING = "leaving", "To be unpinned"
        GONE = "gone", "Unpinned"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="pins")
    service = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    remote_id = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    busy_until = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    leaving_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("asset", "service"), name="pin_once_per_service"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "working",
                        "pinned",
                        "lost",
                        "failed",
                        "leaving",
                        "gone",
                    ]
                ),
                name="pin_state_known",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                name="pin_due",
                condition=~Q(state="gone"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.asset_id} at {self.service} ({self.state})"


class Gateway(models.Model):
    """A server that gives bytes of IPFS over HTTP. Lower tiers are asked first.

    trustless: it answers single blocks (format=raw); others give whole files and parts of them.
    Quarantine is for having given a wrong byte; only a person ends it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=32, unique=True)
    url = models.URLField(max_length=200)
    tier = models.PositiveSmallIntegerField(default=0)
    trustless = models.BooleanField(default=True)
    enabled = models.BooleanField(default=True)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    quarantine_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("tier", "name")

    def __str__(self) -> str:
        return self.name


class GatewayMinute(models.Model):
    """What one gateway did in one minute: requests, how many failed, time to the first byte."""

    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    first_byte_ms = models.BigIntegerField(default=0)  # summed over the successful ones
    bytes = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("gateway", "minute"), name="gateway_minute_once"),
        )

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.minute:%H:%M}"


class GatewayEvent(models.Model):
    """What became of a gateway, for ever: opened, closed, quarantined, released. Append-only."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Circuit opened"
        CLOSED = "closed", "Back in use"
        QUARANTINED = "quarantined", "Quarantined"
        RELEASED = "released", "Released"

    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = (models.Index(fields=("gateway", "-id"), name="gateway_event_list"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["opened", "closed", "quarantined", "released"]),
                name="gateway_event_kind_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.kind}"
