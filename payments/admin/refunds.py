"""Refunds by staff: asked for on a payment's page, approved by a second person above a limit."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from payments.models import Dispute, PaymentAttempt, Refund
from payments.services import refunds
from payments.services.events import Cause

STAFF = Cause("staff")


class RefundForm(forms.Form):
    """amount in whole units of the payment's asset; empty for all that is left."""

    amount = forms.CharField(required=False, max_length=40, help_text="Empty: all that is left")
    note = forms.CharField(
        max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="Why; kept in the audit"
    )

    def __init__(self, *args: Any, asset: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asset = asset

    def clean_amount(self) -> int | None:
        text = self.cleaned_data["amount"].strip()
        if not text:
            return None
        try:
            return Money.parse(self.asset, text).amount
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin[Refund]):
    list_display = (
        "created_at", "money", "state", "origin", "reason", "after_mint", "needs_second",
        "requested_by", "approved_by",
    )  # fmt: skip
    list_filter = ("state", "origin", "acquirer", "created_at")
    list_select_related = ("requested_by", "approved_by")
    search_fields = ("=external_id", "=attempt__external_id", "note")
    show_full_result_count = False
    actions = ("approve", "withdraw")

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_refund")

    @admin.action(description="Approve (second person)", permissions=["approve"])
    def approve(self, request: HttpRequest, rows: QuerySet[Refund]) -> None:
        for row in rows:
            try:
                refunds.refund_approve(refund_id=row.pk, actor=_actor(request))
            except ApplicationError as refusal:
                self.message_user(request, f"{row}: {refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{row.money} is on its way back.", messages.SUCCESS)

    @admin.action(description="Withdraw (not approved yet)", permissions=["approve"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Refund]) -> None:
        for row in rows:
            try:
                refunds.refund_cancel(
                    refund_id=row.pk, actor=_actor(request), reason="withdrawn on the desk"
                )
            except ApplicationError as refusal:
                self.message_user(request, f"{row}: {refusal.detail}", messages.ERROR)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin[Dispute]):
    list_display = (
        "created_at",
        "acquirer",
        "external_id",
        "state",
        "amount",
        "asset",
        "answer_by",
    )
    list_filter = ("state", "acquirer", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("=external_id", "=attempt__external_id")


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(ReadOnlyAdmin[PaymentAttempt]):
    list_display = ("id", "order_id", "provider", "state", "asked", "paid", "flags", "created_at")
    list_filter = ("provider", "state", "created_at")
    search_fields = ("=external_id", "=reference", "=key", "=wallet", "=order__query_id")
    show_full_result_count = False
    change_form_template = "admin/payments/attempt.html"

    def get_urls(self) -> list[URLPattern]:
        ours = path(
            "<uuid:attempt>/refund/",
            self.admin_site.admin_view(self.refund_view),
            name="payments_paymentattempt_refund",
        )
        return [ours, *super().get_urls()]

    def refund_view(self, request: HttpRequest, attempt: UUID) -> HttpResponse:
        """GET: what would go back. POST: ask for it."""
        if not request.user.has_perm("payments.add_refund"):
            raise PermissionDenied
        row = get_object_or_404(PaymentAttempt.objects.select_related("order"), pk=attempt)
        form = RefundForm(request.POST or None, asset=row.asset)
        if request.method == "POST" and form.is_valid() and self._refund(request, row, form):
            return redirect(reverse("admin:payments_refund_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Refund",
            "attempt": row,
            "paid": Money(row.asset, row.paid or 0),
            "refunds": row.refunds.all(),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/refund.html", context)

    def _refund(self, request: HttpRequest, row: PaymentAttempt, form: RefundForm) -> bool:
        try:
            made = refunds.refund_request(
                attempt=row,
                amount=form.cleaned_data["amount"],
                reason="staff",
                origin=Refund.Origin.STAFF,
                cause=STAFF,
                actor=_actor(request),
                note=form.cleaned_data["note"],
            )
        except ApplicationError as refusal:
            form.add_error(None, refusal.detail)
            return False
        text = "waits for a second person" if made.needs_second else "is on its way back"
        self.message_user(request, f"{made.money} {text}.", messages.SUCCESS)
        return True


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
