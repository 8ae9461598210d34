"""Who an artist is: applied for by the artist, looked at by people, told by a badge."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.artists import Artist
from core.ids import uuid7


class Verification(models.Model):
    """One application to be known as an artist. Moved by services.verification alone.

    Everything in it is private: the person who applies and the staff who decide read it, and
    nobody else ever does. answer: what staff last said to the artist.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Being written"
        SUBMITTED = "submitted", "Waits for us"
        IN_REVIEW = "in_review", "Somebody looks at it"
        MORE_INFO = "more_info", "We asked for more"
        APPROVED = "approved", "Verified"
        REJECTED = "rejected", "Not verified"
        REVOKED = "revoked", "Taken back"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="verifications"
    )
    # None: the page is made when it is approved, under `name`.
    artist = models.ForeignKey(
        Artist, null=True, blank=True, on_delete=models.SET_NULL, related_name="verifications"
    )
    name = models.CharField(max_length=120)
    links = models.JSONField(default=list, blank=True)  # addresses, at most ten
    proof = models.TextField(max_length=4000, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    OPEN: ClassVar = (State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.MORE_INFO)

    class Meta:
        ordering = ("-id",)
        permissions = (("decide_verification", "Can decide who is verified as an artist"),)
        indexes = (
            models.Index(
                fields=["submitted_at"],
                name="verification_queue",
                condition=Q(state__in=("submitted", "in_review")),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state__in=(
                        "draft", "submitted", "in_review", "more_info", "approved", "rejected",
                        "revoked",
                    )
                ),
                name="verification_state_known",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=("draft", "submitted", "in_review", "more_info")),
                name="verification_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False),
                name="verification_submitted_since",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("in_review", "approved", "rejected"))
                | Q(reviewer__isnull=False),
                name="verification_has_reviewer",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display().lower()})"


class VerificationFile(models.Model):
    """A picture or a paper that an artist sent as evidence. Kept private, and for as long as the
    application is open: a decision drops its bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="files")
    filename = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.filename
