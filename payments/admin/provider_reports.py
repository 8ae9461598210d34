"""Providers' settlement reports on the desk: upload, look, post."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from payments.models import Case, ProviderReport, ProviderReportLine
from payments.providers.report import LARGEST
from payments.services.provider_reports.booking import report_post, report_preview
from payments.services.provider_reports.taking import LAYOUTS, report_discard, report_take

_LIST: Final = "admin:payments_providerreport_changelist"
_CHANGE: Final = "admin:payments_providerreport_change"
_SHOWN: Final = 200  # lines on the page; the file has them all


class ReportForm(forms.Form):
    source = forms.ChoiceField(label="Provider", choices=[(name, name) for name in LAYOUTS])
    file = forms.FileField(label="Report (CSV)", allow_empty_file=True)

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(f"Larger than {LARGEST // 1024 // 1024} MB.")
        return file


@admin.register(ProviderReport)
class ProviderReportAdmin(ReadOnlyAdmin[ProviderReport]):
    list_display = ("name", "source", "state", "uploaded_at", "uploaded_by", "posted_at")
    list_filter = ("source", "state", "uploaded_at")
    list_select_related = ("uploaded_by",)
    search_fields = ("name", "=sha256", "=lines__reference", "=lines__key")
    show_full_result_count = False
    change_list_template = "admin/payments/provider_reports.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("body")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_providerreport_{}".format
        return [
            path("take/", view(self.take_view), name=name("take")),
            path("<uuid:report>/post/", view(self.post_view), name=name("post")),
            path("<uuid:report>/discard/", view(self.discard_view), name=name("discard")),
            path("<uuid:report>/file/", view(self.file_view), name=name("file")),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "take": ReportForm()})

    @method_decorator(require_POST)
    def take_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("payments.add_providerreport"):
            raise PermissionDenied
        form = ReportForm(request.POST, request.FILES)
        if not form.is_valid():
            text = "; ".join(str(error) for errors in form.errors.values() for error in errors)
            self.message_user(request, text, messages.ERROR)
            return redirect(_LIST)
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            made = report_take(
                source=form.cleaned_data["source"],
                name=file.name or "report.csv",
                body=file.read(),
                actor=_actor(request),
            )
        except ApplicationError as refusal:
            self.message_user(request, f"Nothing was taken. {refusal.detail}", messages.ERROR)
            return redirect(_LIST)
        return redirect(_CHANGE, made.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What posting would do, or what it has done."""
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        preview = report_preview(row)
        posted = row.lines.filter(state=ProviderReportLine.State.POSTED)
        context = {
            **self.admin_site.each_context(request),
            "title": row.name,
            "report": row,
            "sums": [{"one": one, **one.money()} for one in preview.sums],
            "unplaced": [_shown(line, placed.why) for line, placed in preview.unplaced][:_SHOWN],
            "fits": len(preview.rows) - len(preview.unplaced),
            "posted": [_shown(line, "") for line in posted.order_by("number")[:_SHOWN]],
            "posted_count": posted.count(),
            "cases": Case.objects.filter(
                kind=Case.Kind.REPORT,
                closed_at__isnull=True,
                details__report=str(row.pk),
            ).count(),
            "can_post": request.user.has_perm("payments.change_providerreport"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/provider_report.html", context)

    @method_decorator(require_POST)
    def post_view(self, request: HttpRequest, report: UUID) -> HttpResponse:
        return self._act(
            request, report, lambda: report_post(
                report_id=report, actor=_actor(request)
            )
        )  # fmt: skip

    @method_decorator(require_POST)
    def discard_view(self, request: HttpRequest, report: UUID) -> HttpResponse:
        return self._act(
            request, report, lambda: report_discard(
                report_id=report, actor=_actor(request)
            )
        )  # fmt: skip

    def _act(
        self, request: HttpRequest, report: UUID, act: Callable[[], ProviderReport]
    ) -> HttpResponse:
        if not request.user.has_perm("payments.change_providerreport"):
            raise PermissionDenied
        get_object_or_404(ProviderReport, pk=report)
        try:
            made = act()
        except ApplicationError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        else:
            self.message_user(request, f"{made}.", messages.SUCCESS)
        return redirect(_CHANGE, report)

    def file_view(self, request: HttpRequest, report: UUID) -> HttpResponse:
        """The report as it came."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(ProviderReport, pk=report)
        headers = {"Content-Disposition": f'attachment; filename="{row.sha256[:16]}.csv"'}
        return HttpResponse(bytes(row.body), content_type="text/csv", headers=headers)


def _shown(line: ProviderReportLine, why: str) -> dict[str, Any]:
    amounts = {name: line.money(name) for name in ("gross", "fee", "net")}
    return {"line": line, "why": why, **amounts}


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
