"""The follower's state: readable and searchable by staff, written by nobody."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.desk.options import ReadOnlyAdmin
from core.ton.models import ChainCursor, ChainTransaction


@admin.register(ChainCursor)
class ChainCursorAdmin(ReadOnlyAdmin[ChainCursor]):
    list_display = ("account", "lt", "mc_seqno", "head_seqno", "gap_since", "checked_at")
    search_fields = ("account", "hash")


@admin.register(ChainTransaction)
class ChainTransactionAdmin(ReadOnlyAdmin[ChainTransaction]):
    list_display = ("lt", "account", "state", "reason", "utime", "attempts", "handled_at")
    list_filter = ("state",)
    search_fields = ("=lt", "account", "hash", "reason")
    exclude = ("boc",)
    readonly_fields = ("boc_hex",)
    ordering = ("-lt",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChainTransaction]:
        """The list leaves the bytes where they are."""
        found: QuerySet[ChainTransaction] = super().get_queryset(request)
        match = request.resolver_match
        return found if match and "object_id" in match.kwargs else found.defer("boc")

    @admin.display(description="bag of cells")
    def boc_hex(self, row: ChainTransaction) -> str:
        return bytes(row.boc).hex()
