"""What people want to be told, when they want to rest, and what they were told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.ids import uuid7


class Choice(models.Model):
    """Somebody's word on one kind of notice. No row: off, unless the kind is a required one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices"
    )
    kind = models.CharField(max_length=24)
    on = models.BooleanField()
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "kind"), name="notice_choice_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {'on' if self.on else 'off'}"


class QuietHours(models.Model):
    """When somebody rests, every day, by their own clock. Notices wait until the end."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="quiet_hours",
    )
    # Minutes of the day; a start after its end lasts over midnight.
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()
    time_zone = models.CharField(max_length=64, help_text="IANA: Europe/Moscow")

    class Meta:
        verbose_name_plural = "quiet hours"
        constraints = (
            models.CheckConstraint(
                name="quiet_hours_of_a_day",
                condition=models.Q(starts__lt=1440, ends__lt=1440)
                & ~models.Q(starts=models.F("ends")),
            ),
        )

    def __str__(self) -> str:
        return f"quiet from minute {self.starts} to {self.ends} ({self.time_zone})"


class Broadcast(models.Model):
    """One fact that many are told: how far the list of them has been gone through."""

    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=120, help_text="Names the fact within its kind")
    cursor = models.UUIDField(null=True, blank=True)
    told = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("kind", "key"), name="broadcast_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Notice(models.Model):
    """One message of the bot to one person; at most one for (user, kind, key) ever.

    waiting -> sending (a call is being made) -> sent. A call whose end nobody knows leaves it
    unsure: Telegram has no idempotency keys, and a notice is not worth being told twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Not sent"
        UNSURE = "unsure", "Perhaps sent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=120, help_text="Names the fact within its kind")
    values = models.JSONField(default=dict)
    # A path of the Mini App ("drops/<id>"), "" for its start.
    link = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "key"), name="notice_once"),
            models.CheckConstraint(
                name="notice_state_known",
                condition=models.Q(state__in=("waiting", "sending", "sent", "dropped", "unsure")),
            ),
        )
        indexes = (
            models.Index(
                fields=("created_at",),
                name="notice_over",
                condition=models.Q(state__in=("sent", "dropped", "unsure")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
