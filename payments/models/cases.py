"""What reconciliation found to differ, until somebody has settled it; and each run of it."""

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
        PAYOUT = "payout", "The hub paid out what nobody approved"
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


class ReconciliationRun(models.Model):
    """One comparison of our books with every other side, asked for by a person or by the clock.

    sides: in the order in which they are asked, {"name", "state", "found"}; a state is one of
    waiting, asking, done and away (it did not answer, and keeps its cases as they are).
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for the worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        GIVEN_UP = "given_up", "Given up"  # the worker died with it; nothing is half done

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    sides = models.JSONField(default=list)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    began_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="reconciliation_state_known",
                condition=Q(state__in=("waiting", "running", "done", "given_up")),
            ),
        )

    def __str__(self) -> str:
        return f"reconciliation of {self.asked_at:%Y-%m-%d %H:%M} ({self.state})"
