"""Which method may be used where: a table that staff edit, each cell with its reason."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7

ANY = "*"


class PaymentMethodPolicy(models.Model):
    """One cell. The most specific row that fits decides; where none fits, the answer is no.

    context: how the buyer's session was opened. smallest, largest: minor units of `asset`, which
    they need. Binance Pay inside Telegram is refused by the database itself (bot terms 7.4).
    """

    class Context(models.TextChoices):
        TELEGRAM = "telegram", "Inside Telegram"
        WEB = "web", "Web"

    class Goods(models.TextChoices):
        NFT = "nft", "Editions"
        ACCESS = "access", "Digital access"
        PHYSICAL = "physical", "Physical goods"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    context = models.CharField(max_length=8, choices=Context)
    goods = models.CharField(max_length=8, choices=Goods, default=Goods.NFT)
    method = models.CharField(max_length=16)
    country = models.CharField(max_length=2, default=ANY, help_text="ISO 3166, or * for all")
    asset = models.CharField(max_length=8, default=ANY, help_text="or * for all")
    smallest = models.BigIntegerField(null=True, blank=True)
    largest = models.BigIntegerField(null=True, blank=True)
    allowed = models.BooleanField()
    reason = models.CharField(max_length=300)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("context", "goods", "method", "country", "asset")
        verbose_name = "payment method policy"
        verbose_name_plural = "payment method policy"
        constraints = (
            models.UniqueConstraint(
                fields=["context", "goods", "method", "country", "asset"], name="policy_cell_once"
            ),
            models.CheckConstraint(name="policy_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(
                name="policy_no_binance_in_telegram",
                condition=~Q(context="telegram", method="binance", allowed=True),
            ),
            models.CheckConstraint(
                name="policy_amounts_have_asset",
                condition=Q(smallest__isnull=True, largest__isnull=True) | ~Q(asset=ANY),
            ),
        )

    def __str__(self) -> str:
        word = "on" if self.allowed else "off"
        return f"{self.method} {word} in {self.context} for {self.goods}"


class MethodSwitch(models.Model):
    """A method (or one acquirer of it) that is switched off for new attempts, and why."""

    method = models.CharField(max_length=16, primary_key=True)
    on = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "method switches"
        constraints = (
            models.CheckConstraint(
                name="switch_off_has_reason", condition=Q(on=True) | ~Q(reason="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.method} is {'on' if self.on else 'off'}"
