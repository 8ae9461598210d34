"""Double entry. Append-only, and balanced per entry and asset: triggers of the database prove it.

Whole minor units per asset, one sign: debits above zero, credits below.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.database import CurrentTransaction, TodayUTC
from core.ids import uuid7
from payments.models.attempts import PaymentAttempt
from payments.models.orders import Order


class LedgerAccount(models.Model):
    """Where amounts of one asset are kept: a kind, and whose (an id as text; "" is the shop)."""

    class Kind(models.TextChoices):
        TON_HOT = "ton_hot", "The hub's coins"
        ARTIST_DIRECT = "artist_direct", "Paid to the artist on chain"
        ARTIST_REVENUE = "artist_revenue", "Artist's revenue"
        PLATFORM_REVENUE = "platform_revenue", "Platform's revenue"
        REFERRAL_PAYABLE = "referral_payable", "Owed to a referrer"
        HUB_GAS = "hub_gas", "Gas money that the hub did not need"
        PSP_CLEARING = "psp_clearing", "At the provider, not paid out to us yet"
        BANK = "bank", "At the bank"
        ORDER_LIABILITY = "order_liability", "Paid for and not delivered"
        REFUNDS_DUE = "refunds_due", "On its way back to a buyer"
        TELEGRAM_SHARE = "telegram_share", "Telegram's share of Stars"
        PSP_FEES = "psp_fees", "Providers' fees"
        TAX_VAT = "tax_vat", "VAT owed"
        ARTIST_PAYABLE = "artist_payable", "Owed to artists and collaborators"
        DISPUTE_RESERVE = "dispute_reserve", "Withheld because of disputes"
        PAYOUTS_IN_FLIGHT = "payouts_in_flight", "Approved and not confirmed"
        FX = "fx", "Exchanged between assets"
        ROUNDING = "rounding", "Rounding"
        LOSSES = "losses", "Losses: disputes lost, goodwill"
        RULE_DIFFERENCE = "rule_difference", "Fees and shares that differ from our rules"

    id = models.BigAutoField(primary_key=True)
    asset = models.CharField(max_length=8)
    kind = models.CharField(max_length=32, choices=Kind)
    owner = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["asset", "kind", "owner"], name="account_once"),
        )

    def __str__(self) -> str:
        owner = f":{self.owner}" if self.owner else ""
        return f"{self.kind}{owner} {self.asset}"


class LedgerEntry(models.Model):
    """One thing that happened to money. The key says what it was: the same key posts nothing.

    accounting_on: the day (UTC) to whose month it counts. The database moves a day in a closed
    month to today and says so in the memo.
    """

    class Kind(models.TextChoices):
        SALE = "sale", "Sale"
        REVERSAL = "reversal", "Reversal"
        PAYMENT = "payment", "Payment"
        REFUND = "refund", "Refund"
        DISPUTE = "dispute", "Dispute"
        FEE = "fee", "Fee"
        CLEARING = "clearing", "Paid out by a provider"
        PAYOUT = "payout", "Payout"
        EXCHANGE = "exchange", "Exchange"
        CORRECTION = "correction", "Correction"
        GAS = "gas", "Gas"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=24, choices=Kind)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    attempt = models.ForeignKey(
        PaymentAttempt, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    memo = models.CharField(max_length=200, blank=True)
    posted_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    accounting_on = models.DateField(db_default=TodayUTC(), editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "ledger entries"
        indexes = (models.Index(fields=["accounting_on", "id"], name="entry_accounting_on"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Leg(models.Model):
    """An amount into (+) or out of (-) one account, in the account's asset.

    xact: the database transaction that wrote it, stamped by a trigger, whatever was given.
    Ids are handed out before transactions end, xact says which legs can no longer appear late.
    """

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="legs")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="legs")
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    xact = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        constraints = (models.CheckConstraint(name="leg_moves_something", condition=~Q(amount=0)),)
        indexes = (
            models.Index(fields=["account", "xact"], name="leg_of_account", include=["amount"]),
            models.Index(fields=["xact"], name="leg_by_transaction"),
        )

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.asset}"


class LedgerSnapshot(models.Model):
    """The sum of an account's legs (account is none: of an asset's) up to one moment. Append-only.

    It holds every leg with xact < up_to, a number below which no transaction runs any more, so
    that no leg can appear behind it. cluster: the database system that counted so; a dump that is
    restored elsewhere counts anew, and its snapshots are not used there.
    """

    id = models.BigAutoField(primary_key=True)
    cluster = models.BigIntegerField()
    account = models.ForeignKey(
        LedgerAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="snapshots"
    )
    asset = models.CharField(max_length=8)
    up_to = models.BigIntegerField()
    amount = models.BigIntegerField()
    legs = models.BigIntegerField()  # how many are in it
    taken_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["account", "cluster", "up_to"],
                condition=Q(account__isnull=False),
                name="snapshot_once",
            ),
            models.UniqueConstraint(
                fields=["asset", "cluster", "up_to"],
                condition=Q(account__isnull=True),
                name="snapshot_of_asset_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id or self.asset} up to {self.up_to}: {self.amount}"
