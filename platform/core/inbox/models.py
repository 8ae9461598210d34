"""Outside events, stored raw before anyone looks at them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.ids import uuid7


class InboxEvent(models.Model):
    """One delivery from outside (a webhook, an update): received once per (source, key)."""

    class State(models.TextChoices):
        RECEIVED = "received"
        VERIFIED = "verified"
        APPLIED = "applied"
        IGNORED = "ignored"
        PARKED = "parked"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    # Events of one lane are applied one at a time; those with a number also in its order.
    lane = models.CharField(max_length=80, blank=True, default="", db_default="")
    number = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    deliveries = models.PositiveIntegerField(default=1)
    retry_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "key"), name="inbox_source_key"),
            models.CheckConstraint(
                name="inbox_state_known",
                condition=models.Q(
                    state__in=("received", "verified", "applied", "ignored", "parked", "dead")
                ),
            ),
            models.CheckConstraint(
                name="inbox_parked_has_time",
                condition=~models.Q(state="parked") | models.Q(retry_at__isnull=False),
            ),
        )
        indexes = (
            models.Index(
                fields=("retry_at",), name="inbox_due", condition=models.Q(state="parked")
            ),
            models.Index(
                fields=("received_at",),
                name="inbox_open",
                condition=models.Q(state__in=("received", "verified")),
            ),
            models.Index(
                fields=("lane", "number"),
                name="inbox_lane",
                condition=models.Q(number__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.key} ({self.state})"
