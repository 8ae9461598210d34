"""Months of the books: closed by one person, confirmed by a second, and never opened again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.ids import uuid7
from payments.models.ledger import LedgerAccount


class AccountingPeriod(models.Model):
    """One calendar month (UTC). Once closed the row stays as it is: the database refuses more.

    digest: SHA-256 of the month's export at the moment of closing (see services.exports).
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waits for a second person"
        CLOSED = "closed", "Closed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    month = models.DateField()  # its first day
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    entries = models.BigIntegerField(default=0)
    legs = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-month", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["month"], condition=~Q(state="withdrawn"), name="period_once"
            ),
            models.CheckConstraint(name="period_is_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="period_state_known",
                condition=Q(state__in=("requested", "closed", "withdrawn")),
            ),
            models.CheckConstraint(
                name="period_four_eyes",
                condition=~Q(state="closed")
                | (
                    Q(confirmed_by__isnull=False, closed_at__isnull=False)
                    & ~Q(confirmed_by=F("requested_by"))
                    & ~Q(digest="")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} ({self.get_state_display().lower()})"


class PeriodBalance(models.Model):
    """What an account stood at when a month was closed, and what moved in it. Append-only.

    Minor units; credits below zero, so that opening + debits + credits = closing.
    """

    id = models.BigAutoField(primary_key=True)
    period = models.ForeignKey(AccountingPeriod, on_delete=models.PROTECT, related_name="balances")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    opening = models.BigIntegerField()
    debits = models.BigIntegerField()
    credits = models.BigIntegerField()
    closing = models.BigIntegerField()

    class Meta:
        ordering = ("account__asset", "account__kind", "account__owner")
        constraints = (
            models.UniqueConstraint(fields=["period", "account"], name="period_balance_once"),
            models.CheckConstraint(
                name="period_balance_adds_up",
                condition=Q(closing=F("opening") + F("debits") + F("credits")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id}: {self.closing}"
