"""Stars on the desk: what they brought, and what Fragment paid for them."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from payments import ledger
from payments.models import LedgerAccount, StarsConversion
from payments.reports import StarsRow, Step, bars, stars_rows, stars_total
from payments.services import conversions
from payments.services.conversions import ASSETS, MICROS, STARS

_LIST: Final = "admin:payments_starsconversion_changelist"
_WIDTH, _HEIGHT = 640, 160
_HEAD: Final = ("on", "paid_in", "gross", "telegram_share", "correction", "net")


class ConversionForm(forms.Form):
    """As Fragment tells it. Amounts in whole units."""

    stars = forms.IntegerField(min_value=1, label="Stars withdrawn")
    asset = forms.ChoiceField(label="Received in", choices=[(name, name) for name in ASSETS])
    received = forms.CharField(max_length=40, label="Amount received")
    face = forms.CharField(
        max_length=40,
        label="Face value of one Star",
        help_text="What a buyer pays for one, in the received asset: 0.0199 of a dollar, or that "
        "in coins at the day's rate",
    )
    happened_on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    reference = forms.CharField(max_length=128, help_text="Fragment's, or the transaction")
    note = forms.CharField(max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        asset = str(given.get("asset") or "TON")
        for name, parse in (("received", self._received), ("face", self._face)):
            if text := given.get(name):
                try:
                    given[name] = parse(asset, str(text).strip())
                except ValueError as error:
                    self.add_error(name, str(error))
        return given

    @staticmethod
    def _received(asset: str, text: str) -> Money:
        return Money.parse(asset, text)

    @staticmethod
    def _face(asset: str, text: str) -> int:
        """Millionths of a minor unit: six decimals more than the asset has."""
        whole, _, fraction = text.partition(".")
        places = Money(asset, 0).decimals + 6
        if not (whole + fraction).isdecimal() or len(fraction) > places or len(whole) > 9:
            raise ValueError(f"{text!r} is not a price with at most {places} decimals")
        return int((whole or "0") + fraction.ljust(places, "0"))


@admin.register(StarsConversion)
class StarsConversionAdmin(ReadOnlyAdmin[StarsConversion]):
    list_display = (
        "happened_on", "stars", "money", "share", "provisional", "reference", "posted_by",
    )  # fmt: skip
    list_filter = ("asset", "happened_on")
    list_select_related = ("posted_by",)
    search_fields = ("=reference", "note")
    change_list_template = "admin/payments/conversions.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_starsconversion_{}".format
        return [
            path("report/", view(self.report_view), name=name("report")),
            path("book/", view(self.book_view), name=name("book")),
            *super().get_urls(),
        ]

    def book_view(self, request: HttpRequest) -> HttpResponse:
        """First what it means, then the booking: `sure` stands in the second form alone."""
        if not request.user.has_perm("payments.add_starsconversion"):
            raise PermissionDenied
        form = ConversionForm(request.POST or None)
        meaning = None
        if request.method == "POST" and form.is_valid():
            if "sure" in request.POST and self._book(request, form):
                return redirect(_LIST)
            if not form.errors:
                meaning = _meaning(form.cleaned_data)
        context = {
            **self.admin_site.each_context(request),
            "title": "Book a withdrawal of Stars",
            "form": form,
            "meaning": meaning,
            "held": ledger.balance(LedgerAccount.Kind.PSP_CLEARING, STARS, "XTR").amount,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/conversion.html", context)

    def _book(self, request: HttpRequest, form: ConversionForm) -> bool:
        given = form.cleaned_data
        try:
            made = conversions.conversion_post(
                stars=given["stars"],
                received=given["received"],
                face_micros=given["face"],
                on=given["happened_on"],
                reference=given["reference"],
                note=given["note"],
                actor=cast("User", request.user),
            )
        except ApplicationError as refusal:
            form.add_error(None, refusal.detail)
            return False
        self.message_user(request, f"{made} are in the books.", messages.SUCCESS)
        return True

    def report_view(self, request: HttpRequest) -> HttpResponse:
        """GET ?month=2026-11: its days; ?year=2026: its months; &format=csv: the same as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        first, last, by = _span(request)
        rows = stars_rows(first, last, by)
        if request.GET.get("format") == "csv":
            return _csv(rows, first, by)
        context = {
            **self.admin_site.each_context(request),
            "title": "Stars: gross, Telegram's share, net",
            "rows": rows,
            "total": stars_total(rows, first),
            "bars": bars(rows, _WIDTH, _HEIGHT),
            "width": _WIDTH,
            "height": _HEIGHT,
            "by": by,
            "first": first,
            "last": last,
            "before": _shift(first, by, -1),
            "after": _shift(first, by, 1),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/stars_report.html", context)


def _meaning(given: dict[str, Any]) -> dict[str, Any]:
    """What booking this would say, in Stars."""
    found = conversions.shares(
        stars=given["stars"],
        received=given["received"],
        face_micros=given["face"],
        on=given["happened_on"],
    )
    bps = found.real * 10_000 // given["stars"]
    return {
        "shares": found,
        "worth": given["stars"] - found.real,
        "rule": f"{found.rule_bps // 100}.{found.rule_bps % 100:02d}",
        "real": f"{bps // 100}.{bps % 100:02d}",
        "each": given["received"].amount * MICROS // given["stars"],
        "received": given["received"],
    }


def _span(request: HttpRequest) -> tuple[date, date, Step]:
    """The days of a month (default: this one), or the months of a year."""
    today = datetime.now(UTC).date()
    year = request.GET.get("year", "")
    if year.isascii() and year.isdecimal() and len(year) == 4 and int(year) > 2000:
        return date(int(year), 1, 1), date(int(year), 12, 31), "month"
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        first = today.replace(day=1)
    return first, _shift(first, "day", 1) - timedelta(days=1), "day"


def _shift(first: date, by: Step, steps: int) -> date:
    """The first day of the month (or year) before or after."""
    if by == "month":
        return first.replace(year=first.year + steps)
    return (first + timedelta(days=31 if steps > 0 else -1)).replace(day=1)


def _csv(rows: list[StarsRow], first: date, by: Step) -> HttpResponse:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    for row in rows:
        day = row.on.isoformat() if by == "day" else f"{row.on:%Y-%m}"
        writer.writerow([day, row.paid, row.gross, row.share, row.correction, row.net])
    name = f"stars-{first:%Y-%m}.csv" if by == "day" else f"stars-{first:%Y}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(out.getvalue(), content_type="text/csv", headers=headers)
