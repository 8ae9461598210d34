"""The follower's state: readable and searchable by staff, written by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.ton.models import ChainCursor, ChainTransaction

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = admin.ModelAdmin


class _ReadOnly(_Base):
    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Any = None,  # noqa: ARG002
    ) -> bool:
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Any = None,  # noqa: ARG002
    ) -> bool:
        return False


@admin.register(ChainCursor)
class ChainCursorAdmin(_ReadOnly):
    list_display = ("account", "lt", "mc_seqno", "head_seqno", "gap_since", "checked_at")
    search_fields = ("account", "hash")


@admin.register(ChainTransaction)
class ChainTransactionAdmin(_ReadOnly):
    list_display = ("lt", "account", "state", "reason", "utime", "attempts", "handled_at")
    list_filter = ("state",)
    search_fields = ("=lt", "account", "hash", "reason")
    exclude = ("boc",)
    readonly_fields = ("boc_hex",)
    ordering = ("-lt",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChainTransaction]:
        found: QuerySet[ChainTransaction] = super().get_queryset(request)
        return (
            found
            if request.resolver_match and "object_id" in request.resolver_match.kwargs
            else found.defer("boc")
        )

    @admin.display(description="bag of cells")
    def boc_hex(self, row: ChainTransaction) -> str:
        return bytes(row.boc).hex()
