"""What of each sale goes where: dated rules, one kind at a time, never changed, only followed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7


class ShareRule(models.Model):
    """A share of a method's sales from `starts_on` on (UTC), until a later rule takes over.

    bps: basis points of the gross (provider's fee, Telegram's share), or of the price without it
    (VAT). fixed: minor units of `asset` on top, for providers that charge per payment.
    """

    class Kind(models.TextChoices):
        VAT = "vat", "VAT (within the price)"
        PROVIDER_FEE = "provider_fee", "Provider's fee"
        TELEGRAM_SHARE = "telegram_share", "Telegram's share"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    method = models.CharField(max_length=16)
    asset = models.CharField(max_length=8)
    kind = models.CharField(max_length=16, choices=Kind)
    bps = models.PositiveIntegerField(default=0)
    fixed = models.BigIntegerField(default=0)
    starts_on = models.DateField()
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("method", "asset", "kind", "-starts_on")
        constraints = (
            models.UniqueConstraint(
                fields=["method", "asset", "kind", "starts_on"], name="share_rule_once"
            ),
            models.CheckConstraint(
                name="share_rule_in_range", condition=Q(bps__lte=10_000, fixed__gte=0)
            ),
            models.CheckConstraint(
                name="share_rule_kind_known",
                condition=Q(kind__in=("vat", "provider_fee", "telegram_share")),
            ),
            models.CheckConstraint(name="share_rule_reason_given", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.method} from {self.starts_on}: {self.bps} bps"
