"""What an order costs in another asset than the native coin, for a while."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7
from nft.models import Collection


class Rate(models.Model):
    """What one native coin cost at a time, said by a source.

    micros: the price of one whole coin in millionths of the asset's minor unit (a whole number).
    """

    id = models.BigAutoField(primary_key=True)
    asset = models.CharField(max_length=8)
    micros = models.BigIntegerField()
    source = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["asset", "-at"], name="rate_latest"),)
        constraints = (models.CheckConstraint(name="rate_positive", condition=Q(micros__gt=0)),)

    def __str__(self) -> str:
        return f"{self.asset} {self.micros} by {self.source}"


class Quote(models.Model):
    """The price of one edition in an asset, as it was told to a buyer, and how it came about.

    Either from a rate (rate, spread_bps) or from the artist's own list (rate is none).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.CharField(max_length=8)
    unit_price = models.BigIntegerField()  # minor units of asset
    base_price = models.BigIntegerField()  # nano-coins
    rate = models.ForeignKey(Rate, null=True, blank=True, on_delete=models.PROTECT)
    spread_bps = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="quote_prices_sane", condition=Q(unit_price__gte=0, base_price__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_price} {self.asset}"


class ListPrice(models.Model):
    """The artist's own price of one edition in an asset; it goes before any rate."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="list_prices")
    asset = models.CharField(max_length=8)
    unit_price = models.BigIntegerField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["collection", "asset"], name="list_price_once"),
            models.CheckConstraint(name="list_price_positive", condition=Q(unit_price__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.unit_price} {self.asset}"
