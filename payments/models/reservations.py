"""Editions kept for who pays elsewhere, out of the hub quota that the chain keeps for us."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.ids import uuid7
from nft.models import Collection
from payments.models.orders import Order


class DropQuota(models.Model):
    """How much of a drop's hub quota is given away: reserved, owed and minted together.

    quota: the contract's figure as it was when something was taken last. One conditional UPDATE
    takes (payments.services.reservations); the CHECK makes overselling impossible all the same.
    """

    collection = models.OneToOneField(
        Collection, on_delete=models.PROTECT, primary_key=True, related_name="quota"
    )
    quota = models.BigIntegerField()
    taken = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="quota_never_oversold", condition=Q(taken__gte=0, taken__lte=F("quota"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.taken} of {self.quota} taken"


class Reservation(models.Model):
    """An order's part of a quota. Held until paid for (used) or given back (released)."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        USED = "used", "Used"  # a claim right stands for it now
        RELEASED = "released", "Released"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="reservation")
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        indexes = (
            models.Index(fields=["expires_at"], name="reservation_due", condition=Q(state="held")),
        )
        constraints = (
            models.CheckConstraint(
                name="reservation_state_known",
                condition=Q(state__in=("held", "used", "released")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} reserved ({self.state})"
