"""A paid right to editions that are not minted yet. Never an NFT in our custody."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import uuid7
from nft.models import Collection
from payments.models.orders import Order
from payments.models.settlement import SettlementPart


class ClaimRight(models.Model):
    """What an order paid off chain is owed: `quantity` editions, for its holder's wallet.

    It joins a settlement when the hold is over (Stars may be taken back until then), nothing
    freezes it, and its holder has proved a wallet. A gift is a claim whose holder is whoever
    opens its link first; until then nobody but the buyer sees it.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SETTLING = "settling", "In a settlement"
        SETTLED = "settled", "Settled"
        REVOKED = "revoked", "Revoked"  # refunded before the mint

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="claim")
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="claims")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="claims",
    )
    quantity = models.PositiveSmallIntegerField()
    # How it was paid; gross in minor units of the asset, as the hub's totals count it.
    provider = models.CharField(max_length=16)
    asset = models.CharField(max_length=8)
    gross = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    hold_until = models.DateTimeField()
    frozen = models.BooleanField(default=False)  # a dispute is open
    # Raw address, fixed when the claim joins a settlement.
    recipient = models.CharField(max_length=66, blank=True)
    part = models.ForeignKey(
        SettlementPart, null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    first_index = models.BigIntegerField(null=True, blank=True)
    # sha256 of the gift link's secret, in hex; none: not a gift.
    gift_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    gift_expires_at = models.DateTimeField(null=True, blank=True)
    gift_note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=["hold_until"], name="claim_due", condition=Q(state="open")),
            models.Index(fields=["holder", "-id"], name="claim_of_holder"),
            models.Index(
                fields=["gift_expires_at"],
                name="claim_gift_due",
                condition=Q(state="open", holder__isnull=True),
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="claim_state_known",
                condition=Q(state__in=("open", "settling", "settled", "revoked")),
            ),
            models.CheckConstraint(
                name="claim_settling_whole",
                condition=~Q(state__in=("settling", "settled"))
                | (Q(part__isnull=False, holder__isnull=False) & ~Q(recipient="")),
            ),
            models.CheckConstraint(
                name="claim_settled_whole",
                condition=~Q(state="settled")
                | Q(first_index__isnull=False, settled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_unheld_is_gift",
                condition=Q(holder__isnull=False)
                | Q(gift_hash__isnull=False, gift_expires_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"claim to {self.quantity} ({self.state})"
