"""What artists, collaborators and referrers have earned on its way to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.ids import random_u63, uuid7
from core.money import Money
from payments.models.orders import Order
from payments.models.quotes import Rate


class PayoutChoice(models.Model):
    """How somebody wants what he earned in other assets: as it came, or exchanged into coins."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="payout_choice",
    )
    in_coins = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}: {'coins' if self.in_coins else 'as earned'}"


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
        FAILED = "failed", "Its number went to another message"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=8, choices=Channel)
    asset = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    hub = models.CharField(max_length=66, blank=True)
    number = models.BigIntegerField(null=True, blank=True)
    body = models.BinaryField(default=bytes)  # BoC of pay_out's body, from the approval on
    value = models.BigIntegerField(default=0)  # nano to attach
    # Until when the message that was last handed to the payer's wallet may reach the chain.
    handed_until = models.DateTimeField(null=True, blank=True)
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
                condition=Q(state__in=("draft", "approved", "confirmed", "cancelled", "failed")),
            ),
            models.CheckConstraint(
                name="payout_four_eyes",
                condition=Q(state__in=("draft", "cancelled"))
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("created_by"))),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.asset} ({self.state})"

    @property
    def standing(self) -> str:
        """Where it is, in words: what was handed to a wallet and not seen may be signed again."""
        if self.state != self.State.APPROVED:
            return str(self.get_state_display())
        if self.channel == self.Channel.EXPORT:
            return "On its way by file"
        if self.handed_until is None:
            return "Waits for the payer's signature"
        if timezone.now() <= self.handed_until:
            return "With the payer's wallet"
        return "Signed or not, the chain has not seen it: sign it again"


class Payout(models.Model):
    """One payee's part of a batch, out of one of his accounts in the ledger.

    With `coins` it is exchanged: that many nano are paid instead, at `rate` less the spread.
    Of kind `losses` it is goodwill for an order, to its buyer, who may be unknown to us.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="payouts")
    chain_id = models.BigIntegerField(unique=True, default=random_u63, editable=False)
    kind = models.CharField(max_length=32)  # of the ledger account that it empties
    owner = models.CharField(max_length=64)
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    address = models.CharField(max_length=66, blank=True)  # raw, with TON
    coins = models.BigIntegerField(null=True, blank=True)
    rate = models.ForeignKey(Rate, null=True, blank=True, on_delete=models.PROTECT)
    spread_bps = models.PositiveIntegerField(default=0)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="goodwill"
    )
    note = models.CharField(max_length=300, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)  # by the bank
    returned_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("batch", "id")
        constraints = (
            models.UniqueConstraint(fields=["batch", "kind", "owner", "asset"], name="payout_once"),
            models.CheckConstraint(name="payout_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payout_exchange_whole",
                condition=Q(coins__isnull=True, rate__isnull=True)
                | Q(coins__gt=0, rate__isnull=False),
            ),
            models.CheckConstraint(
                name="payout_has_payee",
                condition=Q(payee__isnull=False) | Q(kind="losses", order__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.money} to {self.owner}"

    @property
    def money(self) -> Money:
        """What it takes out of the account."""
        return Money(self.asset, self.amount)

    @property
    def paid(self) -> Money:
        """What the payee gets."""
        return self.money if self.coins is None else Money(settings.NATIVE_COIN, self.coins)

    @property
    def standing(self) -> str:
        return "Returned by the bank" if self.returned_at else self.batch.standing
