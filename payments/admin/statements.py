"""Statements on the desk: to find, to read, to save; nobody writes them by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from core.desk.options import ReadOnlyAdmin
from payments.models import Statement
from payments.portal import statement_file


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    list_display = ("label", "payee", "month", "issued_at", "files")
    list_filter = ("month",)
    list_select_related = ("payee",)
    search_fields = ("payee__login", "payee__username", "=number")
    date_hierarchy = "month"
    readonly_fields = ("files",)

    def get_urls(self) -> list[URLPattern]:
        ours = path(
            "<uuid:statement>/file.<str:form>",
            self.admin_site.admin_view(self.file_view),
            name="payments_statement_file",
        )
        return [ours, *super().get_urls()]

    @admin.display(description="files")
    def files(self, row: Statement) -> str:
        csv, pdf = (
            reverse("admin:payments_statement_file", args=[row.pk, form]) for form in ("csv", "pdf")
        )
        return format_html('<a href="{}">CSV</a> <a href="{}">PDF</a>', csv, pdf)

    def file_view(self, request: HttpRequest, statement: UUID, form: str) -> HttpResponse:
        if not request.user.has_perm("payments.view_statement"):
            raise PermissionDenied
        if form not in ("csv", "pdf"):
            raise Http404
        return statement_file(get_object_or_404(Statement, pk=statement), form)
