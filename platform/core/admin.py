"""The audit trail and the stored answers, to look at."""

from __future__ import annotations

from django.contrib import admin

from core.desk.options import ReadOnlyAdmin
from core.models import AuditRecord, AuditSeal, IdempotencyKey


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin[AuditRecord]):
    list_display = ("at", "actor_label", "action", "target_type", "target_label", "reason")
    list_filter = ("action", "target_type")
    search_fields = ("actor_label", "actor_id", "target_id", "target_label", "reason", "request_id")
    date_hierarchy = "at"


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin[AuditSeal]):
    list_display = ("number", "sealed_at", "count", "digest")


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin[IdempotencyKey]):
    list_display = ("created_at", "scope", "key", "status")
    search_fields = ("key", "scope")
