"""What artists and referrers have earned on its way to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.ids import random_u63, uuid7
from core.money import Money


class PayoutBatch(models.Model):
    """Payouts that one person put together and another approves.

    ton: one `pay_out` of the hub, signed by the payer's wallet; `number` is the hub's payout_no.
    export: a file for the bank or the provider; somebody says when it is done.
    """

    class Channel(models.TextChoices):
        TON = "ton", "The hub, on chain"
        EXPORT = "export", "A file"

    class State(models.TextChoices):
        DRAFT = "draft", "Waits for a second person"
        APPROVED = "approved", "Approved"
        CONFIRMED = "confirmed", "Paid"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=8, choices=Channel)
    asset = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    hub = models.CharField(max_length=66, blank=True)
    number = models.BigIntegerField(null=True, blank=True)
    body = models.BinaryField(default=bytes)  # BoC of pay_out's body, from the approval on
    value = models.BigIntegerField(default=0)  # nano to attach
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(max_length=128, blank=True)  # the hub's transaction, the bank's id
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    approved_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "payout batches"
        constraints = (
            models.UniqueConstraint(
                fields=["hub", "number"],
                condition=Q(state__in=("approved", "confirmed")) & ~Q(hub=""),
                name="payout_number_once",
            ),
            models.CheckConstraint(
                name="payout_batch_state_known",
                condition=Q(state__in=("draft", "approved", "confirmed", "cancelled")),
            ),
            models.CheckConstraint(
                name="payout_four_eyes",
                condition=Q(state__in=("draft", "cancelled"))
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("created_by"))),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.asset} ({self.state})"


class Payout(models.Model):
    """One payee's part of a batch, out of one of his accounts in the ledger."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="payouts")
    chain_id = models.BigIntegerField(unique=True, default=random_u63, editable=False)
    kind = models.CharField(max_length=32)  # of the ledger account that it empties
    owner = models.CharField(max_length=64)
    payee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    address = models.CharField(max_length=66, blank=True)  # raw, with TON

    class Meta:
        ordering = ("batch", "id")
        constraints = (
            models.UniqueConstraint(fields=["batch", "kind", "owner"], name="payout_once"),
            models.CheckConstraint(name="payout_positive", condition=Q(amount__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.money} to {self.owner}"

    @property
    def money(self) -> Money:
        return Money(self.asset, self.amount)
