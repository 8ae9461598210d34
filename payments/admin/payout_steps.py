"""The pages of a payout batch beside its list: a look before the yes, a line that came back, and
goodwill for a sale on chain.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from core.ton.addresses import friendly
from core.ton.client import ChainError
from payments.models import Order, Payout, PayoutBatch
from payments.services import exchange, goodwill, payouts

AWAY = "The chain does not answer; try again in a moment."


class GoodwillForm(forms.Form):
    """amount in whole coins."""

    amount = forms.CharField(max_length=40)
    reason = forms.CharField(
        max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="Why; kept in the audit"
    )

    def clean_amount(self) -> int:
        try:
            return Money.parse("TON", self.cleaned_data["amount"].strip()).amount
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class ReturnForm(forms.Form):
    reason = forms.CharField(max_length=200, help_text="What the bank said")


class PayoutSteps(ReadOnlyAdmin[PayoutBatch]):
    """Mixed into the batches' admin."""

    def step_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_payoutbatch_{}".format
        return [
            path("<uuid:batch>/approve/", view(self.approve_view), name=name("approve")),
            path("lines/<uuid:payout>/return/", view(self.return_view), name=name("return")),
            path("goodwill/<uuid:order>/", view(self.goodwill_view), name=name("goodwill")),
        ]

    def has_pay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_payoutbatch")

    def approve_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """GET: what the second person says yes to, with every rate, its source and its age."""
        if not self.has_pay_permission(request):
            raise PermissionDenied
        row = get_object_or_404(PayoutBatch.objects.select_related("created_by"), pk=batch)
        if request.method == "POST" and self._approve(request, row):
            return redirect(reverse("admin:payments_payoutbatch_change", args=[row.pk]))
        rows = list(row.payouts.select_related("payee", "rate").order_by("id"))
        context = {
            "title": "Approve a payout batch",
            "batch": row,
            "lines": rows,
            "rates": exchange.rates_seen(rows),
            "total": Money(row.asset, sum(one.paid.amount for one in rows)),
        }
        return self._page(request, "admin/payments/approve_payout.html", context)

    def _approve(self, request: HttpRequest, row: PayoutBatch) -> bool:
        try:
            payouts.batch_approve(batch_id=row.pk, actor=actor_of(request))
        except ApplicationError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return False
        except ChainError:
            self.message_user(request, AWAY, messages.ERROR)
            return False
        self.message_user(request, "Approved.", messages.SUCCESS)
        return True

    def return_view(self, request: HttpRequest, payout: UUID) -> HttpResponse:
        """One line of an exported batch that the bank sent back."""
        if not self.has_pay_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Payout.objects.select_related("batch", "payee"), pk=payout)
        form = ReturnForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                payouts.line_return(
                    payout_id=payout, actor=actor_of(request), reason=form.cleaned_data["reason"]
                )
            except ApplicationError as refusal:
                form.add_error(None, refusal.detail)
            else:
                self.message_user(request, f"{row.money} is owed again.", messages.SUCCESS)
                return redirect(reverse("admin:payments_payoutbatch_change", args=[row.batch_id]))
        context = {"title": "A line came back", "row": row, "form": form}
        return self._page(request, "admin/payments/return_payout.html", context)

    def goodwill_view(self, request: HttpRequest, order: UUID) -> HttpResponse:
        """GET: what can be given. POST: ask for it."""
        if not request.user.has_perm("payments.add_payoutbatch"):
            raise PermissionDenied
        row = get_object_or_404(Order, pk=order)
        form = GoodwillForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = goodwill.goodwill_request(
                    order_id=row.pk, actor=actor_of(request), **form.cleaned_data
                )
            except ApplicationError as refusal:
                form.add_error(None, refusal.detail)
            else:
                self.message_user(request, "It waits for a second person.", messages.SUCCESS)
                return redirect(reverse("admin:payments_payoutbatch_change", args=[made.pk]))
        context = {
            "title": "Goodwill for a sale on chain",
            "order": row,
            "left": goodwill.goodwill_left(row),
            "buyer": friendly(row.buyer, bounceable=False) if row.buyer else "",
            "form": form,
        }
        return self._page(request, "admin/payments/goodwill.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})


def actor_of(request: HttpRequest) -> User:
    return cast("User", request.user)
