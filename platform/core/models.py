"""Audit records (append-only, sealed in a hash chain) and idempotency keys."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.ids import uuid7


class AuditRecord(models.Model):
    """Who did what to which thing, from which value to which, and why. Never changed (trigger)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    # The ground has no key to users: the id as text and the label as it read that day.
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(max_length=160)
    action = models.CharField(max_length=80)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=128)
    target_label = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("target_type", "target_id", "-id"), name="audit_target"),
            models.Index(fields=("actor_id", "-id"), name="audit_actor"),
            models.Index(fields=("action", "-id"), name="audit_action"),
        )

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.target_type} {self.target_id}"


class AuditSeal(models.Model):
    """One batch of audit records bound to all before it: digest = sha256(previous || records)."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField(db_default=Now(), editable=False)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"seal {self.number} of {self.count} records"


class AuditSealed(models.Model):
    """Which seal holds a record, and at which place."""

    record = models.OneToOneField(
        AuditRecord, primary_key=True, on_delete=models.PROTECT, related_name="sealed"
    )
    seal = models.ForeignKey(AuditSeal, on_delete=models.PROTECT, related_name="members")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("seal", "position"), name="audit_sealed_place"),
        )

    def __str__(self) -> str:
        return f"{self.seal_id}.{self.position}"


class IdempotencyKey(models.Model):
    """The answer once given under (scope, key), stored in the transaction of its effect."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.CharField(max_length=160)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True, help_text="JSON as sent: jsonb would reorder its keys")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scope", "key"), name="idempotency_scope_key"),
        )
        indexes = (models.Index(fields=("created_at",), name="idempotency_age"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
