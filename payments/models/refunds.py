"""Money that goes back: refunds that we make, refunds that others made, and disputes."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.ids import uuid7
from core.money import Money
from payments.models.attempts import PaymentAttempt


class Refund(models.Model):
    """One return of (part of) one confirmed attempt. Minor units of the attempt's asset.

    `id` in hex is the idempotency key that the provider gets, stored before the call. `done` may
    still become `failed` (Stripe): the books are then turned back by a new entry.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for approval"
        APPROVED = "approved", "Approved"
        SUBMITTING = "submitting", "Submitting"
        UNKNOWN = "unknown", "Unknown"
        PENDING = "pending", "Pending at the provider"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    # In these states nothing goes back.
    DEAD: ClassVar = (State.FAILED, State.CANCELLED)

    class Origin(models.TextChoices):
        STAFF = "staff", "Staff"
        SHOP = "shop", "The shop itself"  # money for what could not be given
        EXTERNAL = "external", "Outside"  # made in the provider's dashboard or by a bank

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="refunds")
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    origin = models.CharField(max_length=8, choices=Origin)
    reason = models.CharField(max_length=40)  # a code of payments.reasons
    note = models.CharField(max_length=300, blank=True)
    after_mint = models.BooleanField(default=False)
    acquirer = models.CharField(max_length=16)
    external_id = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001
    error = models.CharField(max_length=200, blank=True)
    needs_second = models.BooleanField(default=False)  # above the limit: four eyes
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    done_at = models.DateTimeField(null=True, blank=True)
    poll_at = models.DateTimeField(null=True, blank=True)
    polls = models.PositiveIntegerField(default=0)
    noted = models.BooleanField(default=False, db_default=False, editable=False)  # a credit note

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["done_at"],
                name="refund_note_due",
                condition=Q(state="done", noted=False) | Q(state="failed", noted=True),
            ),
            models.Index(
                fields=["poll_at"],
                name="refund_due",
                condition=Q(state__in=("approved", "submitting", "unknown", "pending")),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["acquirer", "external_id"], name="refund_once"),
            models.CheckConstraint(name="refund_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="refund_state_known",
                condition=Q(
                    state__in=(
                        "requested", "approved", "submitting", "unknown", "pending", "done",
                        "failed", "cancelled",
                    )
                ),
            ),
            models.CheckConstraint(
                name="refund_four_eyes",
                condition=Q(needs_second=False)
                | Q(state__in=("requested", "cancelled"))
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("requested_by"))),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"refund of {self.money} ({self.state})"

    @property
    def money(self) -> Money:
        return Money(self.asset, self.amount)


class Dispute(models.Model):
    """A payer's bank (or Telegram) asks for money back. Independent of refunds."""

    class State(models.TextChoices):
        OPENED = "opened", "Opened"
        FUNDS_WITHDRAWN = "withdrawn", "Funds withdrawn"
        ANSWERED = "answered", "Answered"
        WON = "won", "Won"
        LOST = "lost", "Lost"
        PREVENTED = "prevented", "Prevented"
        CLOSED_WARNING = "closed", "Warning closed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="disputes")
    acquirer = models.CharField(max_length=16)
    external_id = models.CharField(max_length=128)
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPENED)
    reason = models.CharField(max_length=80, blank=True)  # in the provider's words
    answer_by = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["acquirer", "external_id"], name="dispute_once"),
            models.CheckConstraint(name="dispute_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="dispute_state_known",
                condition=Q(
                    state__in=(
                        "opened", "withdrawn", "answered", "won", "lost", "prevented", "closed",
                    )
                ),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"dispute {self.external_id} ({self.state})"
