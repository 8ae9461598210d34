"""One try to pay an order with one provider, and the append-only story of both."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.money import Money
from payments.models.orders import Order


class PaymentAttempt(models.Model):
    """One try with one provider. `confirmed` is absorbing: a trigger refuses to leave it.

    amount: what was asked; paid: what arrived (minor units of asset). handoff: what the payer was
    given to act on, as handed out ({"kind": "ton_connect", "transaction": {...}} and the like).
    """

    class State(models.TextChoices):
        CREATED = "created", "Created"
        SUBMITTING = "submitting", "Submitting"
        OPEN = "open", "Open"
        UNKNOWN = "unknown", "Unknown"
        PROCESSING = "processing", "Processing"
        CONFIRMED = "confirmed", "Confirmed"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"
        CANCELLED = "cancelled", "Cancelled"

    class Flag(models.TextChoices):
        """What was odd about the money. Flags, not states: the money is there all the same."""

        LATE = "late"  # after the attempt had expired
        LOWER = "lower"  # the price fell between quote and payment; the rest went back
        SHORT = "short"
        OVER = "over"
        DUPLICATE = "duplicate"
        FOREIGN_CURRENCY = "foreign_currency"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    provider = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=State, default=State.CREATED)
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    paid = models.BigIntegerField(null=True, blank=True)
    wallet = models.CharField(max_length=66, blank=True)  # raw address that is to pay (ton)
    valid_until = models.DateTimeField()
    handoff = models.JSONField(default=dict)
    # The provider's own name of the payment: for ton the hash of the hub's transaction, in hex.
    external_id = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001
    chain_lt = models.BigIntegerField(null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=["valid_until"],
                name="attempt_due",
                condition=Q(state__in=("created", "submitting", "open", "unknown", "processing")),
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="attempt_state_known",
                condition=Q(
                    state__in=(
                        "created",
                        "submitting",
                        "open",
                        "unknown",
                        "processing",
                        "confirmed",
                        "failed",
                        "expired",
                        "cancelled",
                    )
                ),
            ),
            models.CheckConstraint(
                name="attempt_confirmed_whole",
                condition=~Q(state="confirmed")
                | Q(paid__isnull=False, external_id__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="attempt_amounts_sane",
                condition=Q(amount__gte=0) & (Q(paid__isnull=True) | Q(paid__gte=0)),
            ),
            models.UniqueConstraint(
                fields=["provider", "external_id"], name="attempt_external_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} attempt {self.id} ({self.state})"

    @property
    def asked(self) -> Money:
        return Money(self.asset, self.amount)


class PaymentEvent(models.Model):
    """One move of an order (attempt is none) or of an attempt, with its cause. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    attempt = models.ForeignKey(
        PaymentAttempt, null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    cause = models.CharField(max_length=160)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} -> {self.to_state}: {self.cause}"
