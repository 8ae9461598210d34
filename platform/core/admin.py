"""The audit trail and the stored answers, to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from core.desk.options import ReadOnlyAdmin
from core.models import AuditRecord, AuditSeal, IdempotencyKey

_LIST: Final = "admin:core_auditrecord_changelist"


def _known(column: str) -> list[str]:
    """Every value of a column that leads an index, in a step each: the trail only grows."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE step AS ((SELECT {column} FROM core_auditrecord ORDER BY {column}"  # noqa: S608
            f" LIMIT 1) UNION ALL SELECT (SELECT {column} FROM core_auditrecord WHERE {column} >"
            f" step.{column} ORDER BY {column} LIMIT 1) FROM step WHERE step.{column} IS NOT NULL)"
            f" SELECT {column} FROM step WHERE {column} IS NOT NULL"
        )
        return [str(row[0]) for row in cursor.fetchall()]


def in_words(action: str) -> str:
    """ "payments.refund_approved" -> "Refund approved"."""
    return action.partition(".")[2].replace("_", " ").capitalize() or action


class RoomFilter(admin.SimpleListFilter):
    title = "room"
    parameter_name = "room"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        del request, model_admin
        return [
            (room, room) for room in sorted({one.partition(".")[0] for one in _known("action")})
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditRecord]
    ) -> QuerySet[AuditRecord]:
        del request
        return queryset.filter(action__startswith=f"{self.value()}.") if self.value() else queryset


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        del model_admin
        room = request.GET.get("room", "")
        return [(one, in_words(one)) for one in _known("action") if one.startswith(room)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditRecord]
    ) -> QuerySet[AuditRecord]:
        del request
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """Staff by name; parts of ours (the follower, the clock) have no id and are one entry.

    Fans act too: their names in the list lead to all that they did.
    """

    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        del request, model_admin
        staff = get_user_model()._default_manager.filter(is_staff=True)  # noqa: SLF001
        people = sorted((str(one), str(one.pk)) for one in staff)
        return [("-", "the shop itself"), *((key, name) for name, key in people)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditRecord]
    ) -> QuerySet[AuditRecord]:
        del request
        if not self.value():
            return queryset
        return queryset.filter(actor_id="" if self.value() == "-" else self.value())


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin[AuditRecord]):
    """Who did what to which thing, from which value to which, and why."""

    list_display = ("when", "who", "what", "target", "changes", "reason")
    list_display_links = ("when",)
    list_filter = (ActorFilter, RoomFilter, ActionFilter, "target_type")
    search_fields = ("actor_label", "actor_id", "target_id", "target_label", "reason", "request_id")
    search_help_text = "A name, an id, a word of the reason"
    date_hierarchy = "at"
    show_full_result_count = False
    change_form_template = "admin/audit_record.html"

    @admin.display(description="when", ordering="id")
    def when(self, row: AuditRecord) -> str:
        return f"{row.at:%d %b %Y, %H:%M:%S}"

    @admin.display(description="who")
    def who(self, row: AuditRecord) -> str:
        if row.actor_id:
            return _filtered(row.actor_label, who=row.actor_id)
        return _filtered(row.actor_label, actor_label__exact=row.actor_label)

    @admin.display(description="did what")
    def what(self, row: AuditRecord) -> str:
        return _filtered(in_words(row.action), what=row.action)

    @admin.display(description="to what")
    def target(self, row: AuditRecord) -> str:
        shown = row.target_label or f"{row.target_type} {row.target_id}"
        return _filtered(shown, target_type__exact=row.target_type, target_id__exact=row.target_id)

    @admin.display(description="what changed")
    def changes(self, row: AuditRecord) -> str:
        shown = [
            f"{one['name']}: {one['before']} → {one['after']}" if one["before"] else
            f"{one['name']}: {one['after']}"
            for one in changed(row)
            if one["differs"]
        ]  # fmt: skip
        return "; ".join(shown)[:160]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(request, {"title": "Audit log", **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = AuditRecord.objects.filter(pk=object_id).first()
        more: dict[str, Any] = {}
        if row is not None:
            more = {
                "record": row,
                "in_words": in_words(row.action),
                "changes": changed(row),
                "target_page": _page_of(row),
                "same_target": _address(target_type__exact=row.target_type,
                                        target_id__exact=row.target_id),
                "same_request": row.request_id and _address(request_id__exact=row.request_id),
                "seal": getattr(row, "sealed", None),
            }  # fmt: skip
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})


def changed(row: AuditRecord) -> list[dict[str, Any]]:
    """Name by name what it was and what it became; `differs` where both are not the same."""
    before: Mapping[str, Any] = row.before or {}
    after: Mapping[str, Any] = row.after or {}
    return [
        {
            "name": name,
            "before": _plain(before.get(name)),
            "after": _plain(after.get(name)),
            "differs": before.get(name) != after.get(name),
        }
        for name in dict.fromkeys([*before, *after])
    ]


def _plain(value: Any) -> str:
    """As a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(inner) for inner in value)
    return str(value)


def _address(**query: str) -> str:
    return f"{reverse(_LIST)}?{urlencode(query)}"


def _filtered(text: str, **query: str) -> str:
    return format_html('<a href="{}">{}</a>', _address(**query), text)


def _page_of(row: AuditRecord) -> str:
    """The admin's page of the thing itself, where there is one."""
    try:
        model = apps.get_model(row.target_type)
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"  # noqa: SLF001
        return reverse(name, args=[row.target_id])
    except (LookupError, ValueError, NoReverseMatch):
        return ""


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin[AuditSeal]):
    list_display = ("number", "sealed_at", "count", "digest")


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin[IdempotencyKey]):
    list_display = ("created_at", "scope", "key", "status")
    search_fields = ("key", "scope")
