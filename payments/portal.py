"""What artists, collaborators and referrers have earned: balances, payouts, statements."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.web import web_user
from core.money import Money
from core.pages import wallet_config, wallet_page
from core.ton.addresses import friendly
from nft.selectors import shares_of
from nft.split_portal import percent
from payments.documents.statement import statement_csv, statement_pdf
from payments.models import LedgerAccount, Payout, PayoutChoice, Statement
from payments.services.earnings import balances_of, coming_of, wallet_for
from payments.services.exchange import choice_set
from referrals.selectors import code_of, link, referred_count

SHOWN: Final = 50
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


def label(money: Money) -> str:
    """As people read it: the coin by its label, Stars by name."""
    names = {settings.NATIVE_COIN: settings.NATIVE_COIN_LABEL, "XTR": "Stars"}
    return f"{money.decimal()} {names.get(money.asset, money.asset)}"


@login_required
@require_safe
@wallet_page
def earnings(request: HttpRequest) -> HttpResponse:
    """GET /portal/earnings: whoever is signed in, his own."""
    user = web_user(request)
    wallet = wallet_for(user)
    choice = PayoutChoice.objects.filter(user=user).first()
    context = {
        "balances": _balances(user),
        "coming": [
            {"gross": label(one.gross), "editions": one.editions, "until": one.until}
            for one in coming_of(user)
        ],
        "wallet": friendly(wallet, bounceable=False) if wallet else "",
        "in_coins": bool(choice and choice.in_coins),
        "payouts": _payouts(user),
        "statements": Statement.objects.filter(payee=user).defer("content")[:SHOWN],
        "shares": [{"row": one, "percent": percent(one.bps)} for one in shares_of(user)[:SHOWN]],
        "referral": _referral(user),
        "config": wallet_config(),
    }
    return render(request, "portal/earnings.html", context)


def _balances(user: User) -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {
            "asset": one.payable.asset,
            "payable": label(one.payable),
            "negative": one.payable.amount < 0,
            "held": label(one.held),
            "holds": bool(one.held),
            "until": one.until if one.until is not None and one.until > now else None,
            "under_way": label(one.under_way),
            "direct": label(one.direct),
            "least": label(Money(one.payable.asset, settings.PAYOUT_MINIMUM[one.payable.asset])),
        }
        for one in balances_of(user)
    ]


def _payouts(user: User) -> list[dict[str, Any]]:
    rows = Payout.objects.filter(payee=user).select_related("batch", "rate").order_by("-id")
    return [
        {
            "at": row.batch.created_at,
            "taken": label(row.money),
            "paid": label(row.paid),
            "exchanged": row.coins is not None,
            "goodwill": row.kind == LedgerAccount.Kind.LOSSES,
            "standing": row.standing,
            "reference": row.batch.reference,
        }
        for row in rows[:SHOWN]
    ]


def _referral(user: User) -> dict[str, Any] | None:
    code = code_of(user.pk)
    return {"link": link(code), "count": referred_count(user.pk)} if code else None


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """POST: how the payee wants what he earned in other assets."""
    user = web_user(request)
    in_coins = request.POST.get("paid") == "coins"
    if in_coins and not wallet_for(user):
        messages.error(request, "Connect a wallet first: coins need somewhere to go.")
    else:
        choice_set(user=user, in_coins=in_coins)
        messages.success(request, "Saved. It counts from the next payout on.")
    return redirect("portal-earnings")


@login_required
@require_safe
def statement(request: HttpRequest, statement: UUID, form: str) -> HttpResponse:
    """GET a statement of one's own, as csv or pdf: the same bytes every time."""
    row = Statement.objects.filter(pk=statement, payee=web_user(request)).first()
    if row is None or form not in _TYPES:
        raise Http404
    return statement_file(row, form)


def statement_file(row: Statement, form: str) -> HttpResponse:
    """The file, to be saved under its number."""
    body = statement_csv(row) if form == "csv" else statement_pdf(row)
    headers = {
        "Content-Disposition": f'attachment; filename="{row.label}.{form}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(body, content_type=_TYPES[form], headers=headers)


urlpatterns = [
    path("portal/earnings", earnings, name="portal-earnings"),
    path("portal/earnings/choice", choose, name="portal-earnings-choice"),
    path("portal/statements/<uuid:statement>.<str:form>", statement, name="portal-statement"),
]
