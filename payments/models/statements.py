"""What a payee gets in writing, month by month."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.ids import uuid7


class Statement(models.Model):
    """One payee's month, written once. Append-only; the database refuses a gap in the numbers.

    Numbers run from 1 on in each year of writing. content: everything that stands on it (see
    services.statements); nothing is looked up again when it is shown, so its files never change.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="statements"
    )
    month = models.DateField()  # its first day
    content = models.JSONField()
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["year", "number"], name="statement_number_once"),
            models.UniqueConstraint(fields=["payee", "month"], name="statement_month_once"),
        )

    def __str__(self) -> str:
        return f"{self.label} of {self.month:%B %Y}"

    @property
    def label(self) -> str:
        """The number as it is printed: "S-2026-000042"."""
        return f"S-{self.year}-{self.number:06d}"
