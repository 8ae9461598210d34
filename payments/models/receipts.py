"""What every buyer gets in writing: numbered receipts, and credit notes for what went back."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.money import Money
from payments.models.attempts import PaymentAttempt
from payments.models.orders import Order
from payments.models.refunds import Refund


class Receipt(models.Model):
    """One numbered paper, written once. Append-only; the database refuses a gap in the numbers.

    Each kind is a series of its own in each year, from 1 on. content: everything that stands on
    it, as it was then (see services.receipts); nothing is looked up again when it is shown.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Receipt"
        CREDIT_NOTE = "credit_note", "Credit note"
        WITHDRAWN = "withdrawn", "Credit note withdrawn"  # the refund failed after it was done

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="receipts")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="receipts")
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="receipts"
    )
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()  # gross, minor units
    vat = models.BigIntegerField()  # of it
    content = models.JSONField()
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["kind", "year", "number"], name="receipt_number_once"),
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(kind="receipt"), name="receipt_once"
            ),
            models.CheckConstraint(
                name="receipt_kind_known",
                condition=Q(kind__in=("receipt", "credit_note", "withdrawn")),
            ),
            models.CheckConstraint(
                name="receipt_refund_named",
                condition=Q(kind="receipt", refund__isnull=True)
                | (~Q(kind="receipt") & Q(refund__isnull=False)),
            ),
            models.CheckConstraint(
                name="receipt_amounts_sane", condition=Q(amount__gte=0, vat__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"

    @property
    def label(self) -> str:
        """The number as it is printed: "R-2026-000042"."""
        return label_of(self.kind, self.year, self.number)

    @property
    def money(self) -> Money:
        return Money(self.asset, self.amount)


_SERIES: Final = {"receipt": "R", "credit_note": "C", "withdrawn": "W"}


def label_of(kind: str, year: int, number: int) -> str:
    """A receipt's number in its printed form."""
    return f"{_SERIES[kind]}-{year}-{number:06d}"
