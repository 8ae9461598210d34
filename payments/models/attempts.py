"""One try to pay an order with one provider, and the append-only story of both."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.money import Money
from payments.models.orders import Order
from payments.models.quotes import Quote


class PaymentAttempt(models.Model):
    """One try with one provider. `confirmed` is absorbing: a trigger refuses to leave it.

    amount: what was asked; paid: what arrived (minor units of asset). handoff: what the payer was
    given to act on, as handed out ({"kind": "ton_connect", "transaction": {...}},
    {"kind": "redirect", "url": ...}, {"kind": "invoice", "url": ...}).
    key: the idempotency key of the provider's create call, stored before it is made.
    reference: the provider's own name of what `create` made; external_id: of the payment itself.
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
    provider = models.CharField(max_length=16)  # the method's name
    acquirer = models.CharField(max_length=16, blank=True)  # who handles it: usually the same
    state = models.CharField(max_length=12, choices=State, default=State.CREATED)
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    paid = models.BigIntegerField(null=True, blank=True)
    fee = models.BigIntegerField(null=True, blank=True)  # the provider's, once it tells
    quote = models.ForeignKey(Quote, null=True, blank=True, on_delete=models.PROTECT)
    key = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001
    wallet = models.CharField(max_length=66, blank=True)  # raw address that is to pay (ton)
    valid_until = models.DateTimeField()
    handoff = models.JSONField(default=dict)
    # The provider's own name of the payment: for ton the hash of the hub's transaction, in hex.
    external_id = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001
    chain_lt = models.BigIntegerField(null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)
    error = models.CharField(max_length=200, blank=True)  # why the provider refused, its code first
    poll_at = models.DateTimeField(null=True, blank=True)  # when to ask the provider next
    polls = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    receipted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=["confirmed_at"],
                name="attempt_receipt_due",
                condition=Q(state="confirmed", receipted_at__isnull=True),
            ),
            models.Index(
                fields=["valid_until"],
                name="attempt_due",
                condition=Q(state__in=("created", "submitting", "open", "unknown", "processing")),
            ),
            models.Index(
                fields=["poll_at"], name="attempt_poll", condition=Q(poll_at__isnull=False)
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
            models.UniqueConstraint(fields=["acquirer", "reference"], name="attempt_known_once"),
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
