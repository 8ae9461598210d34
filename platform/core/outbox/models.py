"""Promises to do something after commit, written in the transaction that made them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.ids import uuid7


class OutboxEvent(models.Model):
    """One message for one Celery task, delivered at least once until the task marks it done.

    pending -> sent (handed to the broker) -> done (its task committed). A sent event that nobody
    finished in time is sent again: the broker may lose everything, the promise stays.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        DONE = "done"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The full name of a Celery task; it is called with (event_id, **payload).
    topic = models.CharField(max_length=160)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  unique or none
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    # When the relay takes it next: pending, to send it; sent, to send it again.
    due_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("topic", "key"), name="outbox_topic_key"),
            models.CheckConstraint(
                name="outbox_state_known",
                condition=models.Q(state__in=("pending", "sent", "done", "dead")),
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                name="outbox_due",
                condition=models.Q(state__in=("pending", "sent")),
            ),
            models.Index(
                fields=("created_at",), name="outbox_dead", condition=models.Q(state="dead")
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic} ({self.state})"
