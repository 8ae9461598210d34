"""Who brought whom. Rewards themselves are ledger legs (payments)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

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
