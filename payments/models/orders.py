"""An order: what a fan wants, at the terms he saw."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.ids import random_u63, uuid7
from core.money import Money
from nft.models import Collection


class Order(models.Model):
    """Some editions of one drop at one price. Moved only by payments.services.

    Prices are minor units of `asset`. They are what the buyer was quoted until the order is paid,
    then what the chain charged (never more than quoted). With TON nothing is reserved: the first
    message on chain wins. An order of origin `chain` records a purchase made past the shop.
    """

    class State(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment", "Awaiting payment"
        PAID = "paid", "Paid"
        FULFILLING = "fulfilling", "Fulfilling"
        FULFILLED = "fulfilled", "Fulfilled"
        EXPIRED = "expired", "Expired"
        CANCELLED = "cancelled", "Cancelled"
        NEEDS_ATTENTION = "needs_attention", "Needs attention"

    class Origin(models.TextChoices):
        SHOP = "shop", "Shop"
        CHAIN = "chain", "Directly on chain"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # What the buyer's message carries on chain as query_id; not unique there, only a hint.
    query_id = models.BigIntegerField(unique=True, default=random_u63, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="orders",
    )
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="orders")
    quantity = models.PositiveSmallIntegerField()
    # Raw addresses. recipient: none means the buyer's own wallet; buyer: who paid, once known.
    recipient = models.CharField(max_length=66, null=True, blank=True)  # noqa: DJ001
    buyer = models.CharField(max_length=66, null=True, blank=True)  # noqa: DJ001
    # Where the buyer's session was opened ("telegram" or "web"), and for the policy and receipts:
    context = models.CharField(max_length=8, blank=True)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166, as the buyer said
    email = models.EmailField(blank=True)  # where the receipt goes, when the law asks for one
    gift = models.BooleanField(default=False)  # bought off chain to be claimed by a link
    asset = models.CharField(max_length=8, default=settings.NATIVE_COIN)
    unit_price = models.BigIntegerField()
    total = models.BigIntegerField()
    platform_bps = models.PositiveIntegerField()
    referrer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="referred_orders",
    )
    referral_bps = models.PositiveIntegerField(default=0)  # of the platform's part
    state = models.CharField(max_length=16, choices=State, default=State.AWAITING_PAYMENT)
    reason = models.CharField(max_length=40, blank=True)  # a code of payments.reasons
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SHOP)
    first_index = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    expires_at = models.DateTimeField()
    fulfilled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["user", "-id"], name="order_of_user"),
            models.Index(
                fields=["expires_at"],
                name="order_due",
                condition=Q(state="awaiting_payment"),
            ),
            models.Index(
                fields=["-id"], name="order_attention", condition=Q(state="needs_attention")
            ),
            models.Index(fields=["collection", "first_index"], name="order_items"),
            models.Index(
                fields=["created_at"], name="order_referred", condition=Q(referrer__isnull=False)
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="order_state_known",
                condition=Q(
                    state__in=(
                        "awaiting_payment",
                        "paid",
                        "fulfilling",
                        "fulfilled",
                        "expired",
                        "cancelled",
                        "needs_attention",
                    )
                ),
            ),
            models.CheckConstraint(
                name="order_origin_known", condition=Q(origin__in=("shop", "chain"))
            ),
            models.CheckConstraint(
                name="order_shop_has_user", condition=Q(origin="chain") | Q(user__isnull=False)
            ),
            models.CheckConstraint(
                name="order_total_adds_up",
                condition=Q(
                    quantity__gt=0, unit_price__gte=0, total=F("unit_price") * F("quantity")
                ),
            ),
            models.CheckConstraint(
                name="order_shares_in_range",
                condition=Q(platform_bps__lte=10_000, referral_bps__lte=10_000),
            ),
            models.CheckConstraint(
                name="order_referral_whole",
                condition=Q(referrer__isnull=False) | Q(referral_bps=0),
            ),
            models.CheckConstraint(
                name="order_chain_earns_none",
                condition=Q(origin="shop") | Q(referrer__isnull=True),
            ),
            models.CheckConstraint(
                name="order_not_own_referrer",
                condition=Q(referrer__isnull=True) | ~Q(user=F("referrer")),
            ),
            models.CheckConstraint(
                name="order_fulfilled_whole",
                condition=~Q(state="fulfilled")
                | Q(
                    fulfilled_at__isnull=False,
                    first_index__isnull=False,
                    buyer__isnull=False,
                    recipient__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="order_reason_given",
                condition=~Q(state__in=("cancelled", "needs_attention")) | ~Q(reason=""),
            ),
        )

    def __str__(self) -> str:
        return f"Order {self.id} ({self.state})"

    @property
    def price(self) -> Money:
        """One edition."""
        return Money(self.asset, self.unit_price)

    @property
    def cost(self) -> Money:
        """All editions together."""
        return Money(self.asset, self.total)
