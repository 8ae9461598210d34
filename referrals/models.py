"""Who brought whom, and on what terms. Rewards themselves are ledger legs (payments)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.ids import uuid7


class Code(models.Model):
    """A fan's personal referral code, part of share links (startapp=...)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="referral_code"
    )
    code = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code


class Attribution(models.Model):
    """First touch: the referrer whose signed start_param opened the user's first session."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attribution"
    )
    referrer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="referred"
    )
    start_param = models.CharField(max_length=512)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(user=models.F("referrer")), name="attribution_not_self"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} by {self.referrer_id}"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self, now: datetime) -> CampaignQuerySet:
        """Those whose rate holds at this moment."""
        return self.filter(starts_at__lte=now, ends_at__gt=now)


class Campaign(models.Model):
    """A time in which referrers get more. rate_bps: basis points of the platform's part."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rate_bps = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[CampaignQuerySet] = CampaignQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-starts_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_at__lte=F("ends_at")), name="campaign_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(rate_bps__lte=10_000), name="campaign_rate_a_share"),
        )

    def __str__(self) -> str:
        return self.name


class FraudFlag(models.Model):
    """Why a reward may not be earned honestly. Rewards of its attribution wait for a decision.

    evidence: what was seen, for the person who decides: addresses, counts, times.
    """

    class Kind(models.TextChoices):
        SELF_WALLET = "self_wallet", "Referrer and buyer share a wallet"
        RING = "ring", "A ring of referrals"
        SAME_PAYER = "same_payer", "One wallet pays for several people"
        VELOCITY = "velocity", "Too many people in an hour"
        FRESH = "fresh", "Accounts made only to buy"

    class State(models.TextChoices):
        OPEN = "open", "Waits for a decision"
        CLEARED = "cleared", "Honest"
        CONFIRMED = "confirmed", "Fraud"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attribution = models.ForeignKey(Attribution, on_delete=models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    evidence = models.JSONField(default=dict)
    found_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["-id"], name="flag_queue", condition=Q(state="open")),)
        constraints = (
            models.UniqueConstraint(fields=["attribution", "kind"], name="flag_once"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "cleared", "confirmed")), name="flag_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(reason="")),
                name="flag_decided_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display().lower()})"
