"""Differences that reconciliation found, with both sides; and the button that compares now."""

from __future__ import annotations

from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from nft.models import Collection
from payments.case_words import words
from payments.models import Case, PaymentAttempt, ReconciliationRun
from payments.services import reconciliation, reconciliation_runs

_LIST: Final = "admin:payments_case_changelist"
_UNDER_WAY: Final = (ReconciliationRun.State.WAITING, ReconciliationRun.State.RUNNING)


class NoteForm(forms.Form):
    note = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What it was and what you did; kept in the audit",
    )


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin[Case]):
    list_display = (
        "opened_at", "what", "source", "key", "ours", "theirs", "closed_at", "note",
    )  # fmt: skip
    list_display_links = None
    list_filter = ("kind", "source", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("key",)
    change_list_template = "admin/payments/cases.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_case_{}".format
        return [
            path("run/", view(self.run_view), name=name("run")),
            path("progress/", view(self.progress_view), name=name("progress")),
            path("<uuid:case>/both/", view(self.case_view), name=name("both")),
            *super().get_urls(),
        ]

    @admin.display(description="what", ordering="kind")
    def what(self, case: Case) -> str:
        address = reverse("admin:payments_case_both", args=[case.pk])
        return format_html('<a href="{}">{}</a>', address, case.get_kind_display())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        more = {
            **_progress(),
            "title": "Reconciliation",
            "may_run": request.user.has_perm(reconciliation_runs.RUN),
        }
        return super().changelist_view(request, {**(extra_context or {}), **more})

    @method_decorator(require_POST)
    def run_view(self, request: HttpRequest) -> HttpResponse:
        """Ask the worker to compare now."""
        if not request.user.has_perm(reconciliation_runs.RUN):
            raise PermissionDenied
        try:
            reconciliation_runs.run_request(actor=cast("User", request.user))
        except ApplicationError as refusal:
            messages.warning(request, refusal.detail)
        return redirect(_LIST)

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """The part of the page that changes while a run goes on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, "admin/payments/progress.html", _progress())

    def case_view(self, request: HttpRequest, case: UUID) -> HttpResponse:
        """GET: both sides, what it means, what to do. POST: close it with a note."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Case.objects.select_related("closed_by"), pk=case)
        form = NoteForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _closed(request, row, form):
            return redirect(_LIST)
        context = {
            **self.admin_site.each_context(request),
            "title": row.get_kind_display(),
            "case": row,
            "words": words(row.kind),
            "form": form,
            "may_close": row.closed_at is None and request.user.has_perm(reconciliation_runs.RUN),
            "links": _links(row),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/case.html", context)


def _closed(request: HttpRequest, row: Case, form: NoteForm) -> bool:
    if not request.user.has_perm(reconciliation_runs.RUN):
        raise PermissionDenied
    actor, note = cast("User", request.user), form.cleaned_data["note"]
    if not reconciliation.case_close(case_id=row.pk, actor=actor, note=note):
        messages.warning(request, "It was closed already.")
    else:
        messages.success(request, "Closed. If it is seen again, a new case opens.")
    return True


def _progress() -> dict[str, Any]:
    run = ReconciliationRun.objects.select_related("asked_by").first()
    return {
        "run": run,
        "running": run is not None and run.state in _UNDER_WAY,
        "open": Case.objects.filter(closed_at__isnull=True).count(),
    }


def _links(row: Case) -> list[tuple[str, str]]:
    """Where to look further."""
    found: list[tuple[str, str]] = []
    if attempt_id := row.details.get("attempt"):
        attempt = PaymentAttempt.objects.filter(pk=attempt_id).first()
        if attempt is not None:
            story = reverse("admin:payments_order_story", args=[attempt.order_id])
            found.append(("The order's story", story))
    if row.kind == Case.Kind.SUPPLY:
        drop = Collection.objects.filter(address=row.key).first()
        if drop is not None:
            found.append(("The drop", reverse("admin:nft_collection_change", args=[drop.pk])))
    if row.kind == Case.Kind.CHAIN_TOTALS:
        found.append(("Settlements", reverse("admin:payments_settlement_changelist")))
    if row.kind == Case.Kind.BALANCE:
        found.append(("Ledger accounts", reverse("admin:payments_ledgeraccount_changelist")))
    return found
