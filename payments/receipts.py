"""A buyer's receipts: a page, and the same as PDF. His own only; staff read them on the desk."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.web import web_user
from payments.documents import receipt as paper
from payments.models import Receipt


@require_safe
@login_required
@never_cache
def receipt_page(request: HttpRequest, order: UUID, receipt: UUID) -> HttpResponse:
    """GET /orders/<order>/receipts/<receipt>: as it was written."""
    row = _own(request, order, receipt)
    context = {
        "receipt": row,
        "facts": paper.facts(row),
        "goods": paper.goods(row),
        "sums": paper.sums(row),
        "words": paper.words(row),
    }
    return render(request, "store/receipt.html", context)


@require_safe
@login_required
@never_cache
def receipt_file(request: HttpRequest, order: UUID, receipt: UUID) -> HttpResponse:
    """GET /orders/<order>/receipts/<receipt>.pdf"""
    return file_of(_own(request, order, receipt))


def file_of(row: Receipt) -> HttpResponse:
    """The PDF to be saved under its number."""
    headers = {"Content-Disposition": f'attachment; filename="{row.label}.pdf"'}
    return HttpResponse(paper.receipt_pdf(row), content_type="application/pdf", headers=headers)


def _own(request: HttpRequest, order: UUID, receipt: UUID) -> Receipt:
    mine = Receipt.objects.filter(order__user_id=web_user(request).pk, order_id=order)
    return get_object_or_404(mine, pk=receipt)
