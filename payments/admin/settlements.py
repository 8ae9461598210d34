"""Settlements on the desk: what a batch mints in words, and an operator's signature for it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from contracts.decode import describe, show
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from core.pages import wallet_config, wallet_page
from core.ton.addresses import address, friendly
from core.ton.client import ChainError
from core.ton.codec import plain_cell
from payments.admin.orders import ReadOnlyInline
from payments.models import ClaimRight, Settlement, SettlementLine, SettlementPart
from payments.services.settlement import signing

PERMISSION = "payments.change_settlement"


class PartInline(ReadOnlyInline):
    model = SettlementPart
    fields = readonly_fields = (
        "number", "collection_id", "count", "gross", "state", "first_index", "hash",
    )  # fmt: skip
    show_change_link = False


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin[Settlement]):
    list_display = (
        "number",
        "provider",
        "asset",
        "state",
        "signer",
        "tries",
        "created_at",
        "error",
    )
    list_filter = ("state", "provider")
    exclude = ("body",)
    inlines = (PartInline,)
    change_form_template = "admin/payments/settlement.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:settlement>/sign/",
                view(self.sign_view),
                name="payments_settlement_sign",
            ),
            path(
                "<uuid:settlement>/progress/",
                view(self.progress_view),
                name="payments_settlement_progress",
            ),
            path(
                "<uuid:settlement>/transaction/",
                view(self.transaction_view),
                name="payments_settlement_transaction",
            ),
            *super().get_urls(),
        ]

    @method_decorator(wallet_page)
    def sign_view(self, request: HttpRequest, settlement: UUID) -> HttpResponse:
        """What the wallet will be asked to sign, and how to check that without us."""
        row = self._row(request, settlement)
        lines = SettlementLine.objects.filter(part__settlement=row).select_related(
            "claim__collection__release"
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"Sign settlement {row.number}",
            "settlement": row,
            "hub": friendly(row.hub),
            "value": Money("TON", row.value),
            "boc": bytes(row.body).hex(),
            "decoded": describe(plain_cell(bytes(row.body))),
            "parts": [
                {
                    "part": part,
                    "gross": Money(row.asset, part.gross),
                    "address": show(address(part.collection.address)),
                }
                for part in row.parts.select_related("collection__release")
            ],
            "lines": [
                {"line": line, "recipient": friendly(line.recipient, bounceable=False)}
                for line in lines
            ],
            "config": wallet_config(),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/sign.html", context)

    def progress_view(self, request: HttpRequest, settlement: UUID) -> HttpResponse:
        """The part of the page that changes while the chain works."""
        context = {"settlement": self._row(request, settlement)}
        return TemplateResponse(request, "admin/payments/settlement_progress.html", context)

    @method_decorator(require_POST)
    def transaction_view(self, request: HttpRequest, settlement: UUID) -> HttpResponse:
        """The TON Connect transaction for the minter's wallet."""
        row = self._row(request, settlement)
        try:
            made = signing.settlement_for_operator(
                settlement_id=row.pk, actor=cast("User", request.user)
            )
        except ApplicationError as refusal:
            return JsonResponse(
                refusal.problem(), status=refusal.status, content_type="application/problem+json"
            )
        except ChainError:
            return JsonResponse(
                {"code": "chain_unavailable", "title": "The chain does not answer", "status": 503},
                status=503,
                content_type="application/problem+json",
            )
        return JsonResponse(made)

    def _row(self, request: HttpRequest, settlement: UUID) -> Settlement:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return get_object_or_404(Settlement, pk=settlement)


@admin.register(ClaimRight)
class ClaimRightAdmin(ReadOnlyAdmin[ClaimRight]):
    list_display = (
        "id", "order_id", "holder", "quantity", "state", "hold_until", "frozen", "recipient",
    )  # fmt: skip
    list_filter = ("state", "frozen", "provider")
    list_select_related = ("holder",)
    exclude = ("gift_hash",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("holder")
