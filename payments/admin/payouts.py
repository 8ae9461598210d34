"""Payouts on the desk: draft, a second person's yes, the payer's signature or a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from core.errors import ApplicationError
from core.money import DECIMALS, Money
from core.pages import wallet_config, wallet_page
from core.ton.addresses import friendly
from core.ton.client import ChainError
from payments.admin.orders import ReadOnlyInline
from payments.admin.payout_steps import AWAY, PayoutSteps, actor_of
from payments.models import Payout, PayoutBatch
from payments.services import earnings, payouts

_LIST: Final = "admin:payments_payoutbatch_changelist"


class PayoutInline(ReadOnlyInline):
    model = Payout
    fields = readonly_fields = (
        "kind", "owner", "payee", "money", "paid", "address", "note", "standing", "back",
    )  # fmt: skip
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).select_related("payee", "batch")

    @admin.display(description="back")
    def back(self, row: Payout) -> str:
        """Only what went to a bank comes back line by line."""
        batch = row.batch
        sent = batch.state in (PayoutBatch.State.APPROVED, PayoutBatch.State.CONFIRMED)
        if batch.channel != PayoutBatch.Channel.EXPORT or not sent or row.returned_at:
            return ""
        address = reverse("admin:payments_payoutbatch_return", args=[row.pk])
        return format_html('<a href="{}">It came back</a>', address)


@admin.register(PayoutBatch)
class PayoutBatchAdmin(PayoutSteps):
    list_display = (
        "created_at", "channel", "asset", "state", "standing", "created_by", "approved_by",
        "reference",
    )  # fmt: skip
    readonly_fields = ("standing",)
    list_filter = ("state", "channel", "asset")
    list_select_related = ("created_by", "approved_by")
    exclude = ("body",)
    inlines = (PayoutInline,)
    actions = ("approve", "mark_paid", "withdraw")
    change_list_template = "admin/payments/payouts.html"
    change_form_template = "admin/payments/payout.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_payoutbatch_{}".format
        return [
            path("draft/", view(self.draft_view), name=name("draft")),
            path("<uuid:batch>/file/", view(self.file_view), name=name("file")),
            path("<uuid:batch>/sign/", view(self.sign_view), name=name("sign")),
            path(
                "<uuid:batch>/transaction/", view(self.transaction_view), name=name("transaction")
            ),
            *self.step_urls(),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        due = [(asset, earnings.payouts_due(asset)) for asset in DECIMALS]
        return super().changelist_view(
            request, {**(extra_context or {}), "due": [one for one in due if one[1]]}
        )

    @method_decorator(require_POST)
    def draft_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("payments.add_payoutbatch"):
            raise PermissionDenied
        asset = request.POST.get("asset", "")
        if asset in DECIMALS:
            self._do(request, lambda: payouts.batch_draft(asset=asset, actor=actor_of(request)))
        return redirect(_LIST)

    @admin.action(description="Approve (second person)", permissions=["pay"])
    def approve(self, request: HttpRequest, rows: QuerySet[PayoutBatch]) -> None:
        for row in rows:
            if row.payouts.filter(coins__isnull=False).exists():
                text = f"{row}: money is exchanged; open it and look at the rate first."
                self.message_user(request, text, messages.ERROR)
                continue
            self._do(
                request,
                partial(payouts.batch_approve, batch_id=row.pk, actor=actor_of(request)),
            )

    @admin.action(description="Mark as paid (exported)", permissions=["pay"])
    def mark_paid(self, request: HttpRequest, rows: QuerySet[PayoutBatch]) -> None:
        for row in rows:
            self._do(
                request,
                partial(
                    payouts.batch_paid,
                    batch_id=row.pk,
                    reference="paid by file",
                    actor=actor_of(request),
                ),
            )

    @admin.action(description="Cancel", permissions=["pay"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[PayoutBatch]) -> None:
        for row in rows:
            self._do(
                request,
                partial(
                    payouts.batch_cancel,
                    batch_id=row.pk,
                    actor=actor_of(request),
                    reason="on the desk",
                ),
            )

    def _do(self, request: HttpRequest, act: Callable[[], PayoutBatch]) -> None:
        try:
            made = act()
        except ApplicationError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        except ChainError:
            self.message_user(request, AWAY, messages.ERROR)
        else:
            self.message_user(request, f"{made}.", messages.SUCCESS)

    def file_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        row = self._row(request, batch)
        name = f"payout-{row.asset}-{row.pk}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(payouts.export_csv(row), content_type="text/csv", headers=headers)

    @method_decorator(wallet_page)
    def sign_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """What the payer's wallet will be asked to sign, and how to check that without us."""
        row = self._row(request, batch)
        rows = list(row.payouts.select_related("payee", "rate").order_by("id"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Sign payout {row.number}",
            "batch": row,
            "hub": friendly(row.hub),
            "value": Money("TON", row.value),
            "total": Money(row.asset, sum(one.paid.amount for one in rows)),
            "boc": bytes(row.body).hex(),
            "lines": [{"row": one, "to": friendly(one.address, bounceable=False)} for one in rows],
            "config": wallet_config(),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/sign_payout.html", context)

    @method_decorator(require_POST)
    def transaction_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        row = self._row(request, batch)
        try:
            return JsonResponse(payouts.batch_transaction(batch_id=row.pk))
        except ApplicationError as refusal:
            problem = refusal.problem()
        except ChainError:
            problem = ApplicationError("chain_unavailable", detail=AWAY, status=503).problem()
        return JsonResponse(
            problem, status=problem["status"], content_type="application/problem+json"
        )

    def _row(self, request: HttpRequest, batch: UUID) -> PayoutBatch:
        if not self.has_pay_permission(request):
            raise PermissionDenied
        return get_object_or_404(PayoutBatch, pk=batch)
