"""What reconciliation found to differ, until somebody has settled it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import uuid7


class Case(models.Model):
    """A difference between our books and what a provider or the chain says.

    key names the thing that differs: it has one open case however often it is seen. A case whose
    difference is gone closes by itself; a person may close one with a note.
    """

    class Kind(models.TextChoices):
        MISSED = "missed", "A payment that nobody told us of"
        UNKNOWN_PAYMENT = "unknown_payment", "A provider's payment that we do not know"
        BALANCE = "balance", "A balance that differs from the ledger"
        CHAIN_TOTALS = "chain_totals", "The hub counts other settlements than we"
        SUPPLY = "supply", "A drop has minted more or less than we know of"
        SNAPSHOT = "snapshot", "A stored balance that differs from its entries"
        REPORT = "report", "A line of a provider's report that we cannot place"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    source = models.CharField(max_length=16)  # an acquirer, or "chain"
    key = models.CharField(max_length=160)
    ours = models.CharField(max_length=80, blank=True)
    theirs = models.CharField(max_length=80, blank=True)
    details = models.JSONField(default=dict)
    opened_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "source", "key"],
                condition=Q(closed_at__isnull=True),
                name="case_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source} {self.key}"
