"""Receipts and credit notes on the desk: to find, to read, to save."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from core.desk.options import ReadOnlyAdmin
from payments.models import Receipt
from payments.receipts import file_of


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin[Receipt]):
    list_display = ("label", "kind", "issued_at", "total", "order_id", "refund_id")
    list_filter = ("kind", "year", "asset")
    search_fields = ("=order__id", "=order__query_id", "=attempt__external_id", "=number")
    search_help_text = "Order id, query id, the provider's reference, or a bare number"
    date_hierarchy = "issued_at"
    show_full_result_count = False
    raw_id_fields = ("order", "attempt", "refund")
    change_form_template = "admin/payments/receipt.html"

    def get_urls(self) -> list[URLPattern]:
        file = path(
            "<uuid:receipt>/file/",
            self.admin_site.admin_view(self.file_view),
            name="payments_receipt_file",
        )
        return [file, *super().get_urls()]

    @admin.display(description="amount")
    def total(self, receipt: Receipt) -> str:
        return str(receipt.money)

    def file_view(self, request: HttpRequest, receipt: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return file_of(get_object_or_404(Receipt, pk=receipt))
