"""The books on the desk: months to close, trial balances, and the export for accountants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from core import audit
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from payments.models import AccountingPeriod
from payments.services import exports, periods
from payments.services.exports import Span, Trial

_LIST: Final = "admin:payments_accountingperiod_changelist"
_FILES: Final[dict[str, Callable[[Span], Iterator[str]]]] = {
    "entries": exports.entries_csv,
    "trial": exports.trial_csv,
}


@admin.register(AccountingPeriod)
class AccountingPeriodAdmin(ReadOnlyAdmin[AccountingPeriod]):
    list_display = (
        "month", "state", "requested_by", "confirmed_by", "closed_at", "entries", "legs", "digest",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("requested_by", "confirmed_by")
    actions = ("confirm", "withdraw")
    change_list_template = "admin/payments/periods.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_accountingperiod_{}".format
        return [
            path("close/", view(self.close_view), name=name("close")),
            path("trial/", view(self.trial_view), name=name("trial")),
            path("file/", view(self.file_view), name=name("file")),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        asked = AccountingPeriod.objects.filter(state=AccountingPeriod.State.REQUESTED)
        due = [one for one in periods.months_open() if not asked.filter(month=one).exists()][:1]
        return super().changelist_view(request, {**(extra_context or {}), "due": due})

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_accountingperiod")

    @method_decorator(require_POST)
    def close_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("payments.add_accountingperiod"):
            raise PermissionDenied
        month = _month(request.POST.get("month", ""))
        if month is not None:
            self._do(request, partial(periods.period_request, month=month, actor=_actor(request)))
        return redirect(_LIST)

    @admin.action(description="Confirm and close (second person)", permissions=["close"])
    def confirm(self, request: HttpRequest, rows: QuerySet[AccountingPeriod]) -> None:
        for row in rows.order_by("month"):
            self._do(
                request, partial(periods.period_confirm, period_id=row.pk, actor=_actor(request))
            )

    @admin.action(description="Withdraw (not confirmed yet)", permissions=["close"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[AccountingPeriod]) -> None:
        for row in rows:
            self._do(
                request, partial(periods.period_withdraw, period_id=row.pk, actor=_actor(request))
            )

    def _do(self, request: HttpRequest, act: Callable[[], AccountingPeriod]) -> None:
        try:
            made = act()
        except ApplicationError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        else:
            self.message_user(request, f"{made}.", messages.SUCCESS)

    def trial_view(self, request: HttpRequest) -> HttpResponse:
        """GET ?month=2026-11 (default: this one): what every account opened, moved, closed with."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        span = _span(request)
        rows = exports.trial_balance(span)
        closed = AccountingPeriod.objects.filter(
            month=span.first, state=AccountingPeriod.State.CLOSED
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"Trial balance, {span.first:%B %Y}",
            "month": span.first,
            "before": (span.first.replace(day=1) - exports.DAY).replace(day=1),
            "after": span.last + exports.DAY,
            "closed": closed.first(),
            "assets": [_of_asset(asset, rows) for asset in sorted({one.asset for one in rows})],
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/trial.html", context)

    def file_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """GET ?month=2026-11&what=entries (or trial): CSV, written as it is read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        what = request.GET.get("what", "entries")
        if what not in _FILES:
            return redirect(_LIST)
        span = _span(request)
        name = f"{what}-{span.first:%Y-%m}.csv"
        with transaction.atomic():
            audit.record(
                actor=request.user,
                action="payments.books_exported",
                target=("payments.books", name),
            )
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(_FILES[what](span), content_type="text/csv", headers=headers)


def _of_asset(asset: str, rows: list[Trial]) -> dict[str, Any]:
    mine = [one for one in rows if one.asset == asset]
    names = ("opening", "debits", "credits", "closing")
    sums = [Money(asset, sum(getattr(one, name) for one in mine)).decimal() for name in names]
    return {
        "asset": asset,
        "rows": [{"row": one, "money": one.money()} for one in mine],
        "sums": sums,
        "even": not sum(one.closing for one in mine),
    }


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _span(request: HttpRequest) -> Span:
    today = datetime.now(UTC).date()
    return Span.month(_month(request.GET.get("month", "")) or today.replace(day=1))


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
