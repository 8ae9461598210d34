"""Whether the services that take payments answer, as all processes know it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ProviderHealth(models.Model):
    """The breaker of one acquirer. A row appears with its first failure.

    closed: it answers. open: it did not, again and again; it takes no new payments until it is
    asked again (probe_at). trying: it is being asked.
    """

    class State(models.TextChoices):
        CLOSED = "closed", "Answers"
        OPEN = "open", "Does not answer"
        TRYING = "trying", "Being asked again"

    acquirer = models.CharField(max_length=16, primary_key=True)
    state = models.CharField(max_length=8, choices=State, default=State.CLOSED)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failed_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    probes = models.PositiveIntegerField(default=0)  # that failed since it opened
    probe_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "provider_health"
        ordering = ("acquirer",)
        verbose_name_plural = "provider health"
        constraints = (
            models.CheckConstraint(
                name="health_open_is_asked_again",
                condition=Q(state="closed") | Q(opened_at__isnull=False, probe_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.acquirer}: {self.get_state_display().lower()}"
