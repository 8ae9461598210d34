"""Base classes for the rooms' admin pages."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from core import audit

Row = TypeVar("Row", bound=Model)


class ReadOnlyAdmin(admin.ModelAdmin[Row]):
    """To look at: rows are written by services alone."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        del request, obj
        return False


class AuditedAdmin(admin.ModelAdmin[Row]):
    """To edit by hand: every change is audited in its own transaction; nothing is deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        del request, obj
        return False

    def save_model(
        self, request: HttpRequest, obj: Row, form: ModelForm[Row], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        name = obj._meta.label_lower  # noqa: SLF001  Django's public API
        audit.record(
            actor=request.user,
            action=f"{name}_{'changed' if change else 'added'}",
            target=obj,
            before={name: _shown(form.initial.get(name)) for name in form.changed_data},
            after={name: _shown(form.cleaned_data.get(name)) for name in form.changed_data},
        )


def _shown(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value.pk)
    return value if isinstance(value, str | int | bool | None) else str(value)
