"""The page of an order: how it stands, and the one thing to do next. The buyer's own only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from rest_framework.response import Response

from accounts.web import web_session, web_user
from core.errors import ApplicationError
from core.idempotency import run_once, scope_of
from core.money import Money
from core.pages import wallet_config, wallet_page
from payments import selectors
from payments.models import ClaimRight, Order, PaymentAttempt
from payments.services import claims, states
from payments.services.offers import offers_of
from payments.services.orders import attempt_create
from payments.standing import METHODS, Standing, moves_back, paid_attempt, standing, steps
from payments.storefront import looks
from payments.storefront.checkout import buyer, on
from payments.storefront.forms import NoteForm, PayForm
from payments.storefront.returns import returned_at

Try = PaymentAttempt.State


@login_required
@never_cache
@wallet_page
def order_page(request: HttpRequest, order: UUID) -> HttpResponse:
    """GET /orders/<id>. `?go=1` leads on to the provider at once, right after the order was made;
    `?again=1` shows the other ways to pay while one is open, on a page that keeps still.
    """
    row = own(request, order)
    tries = sorted(row.attempts.all(), key=lambda one: one.created_at)
    last = paid_attempt(tries) or (tries[-1] if tries else None)
    form = _again(request, row, last)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return on(_tried_again(request, row, form))
        except ApplicationError as refusal:
            form.add_error(None, refusal.detail)
    return render(request, "store/order.html", _context(request, row, last, form))


def own(request: HttpRequest, order_id: UUID) -> Order:
    """Raises Http404 for an order that is somebody else's, as for one that is not there."""
    shown = ("claim", "collection__release__artist", "collection__release__cover")
    mine = selectors.orders_of(web_user(request).pk).select_related(*shown)
    return get_object_or_404(mine, pk=order_id)


def _again(request: HttpRequest, row: Order, last: PaymentAttempt | None) -> PayForm | None:
    """The form of another try; none when there is nothing to be paid."""
    if row.state != Order.State.AWAITING_PAYMENT or row.expires_at <= timezone.now():
        return None
    offers = offers_of(
        collection=row.collection,
        unit_price=row.unit_price,
        quantity=row.quantity,
        context=web_session(request).context,
        now=timezone.now(),
        country=row.country,
        order=row,
    )
    if last is not None and last.state in states.OPEN_TRIES:
        offers = [one for one in offers if one.method != last.provider]
    return PayForm(request.POST or None, offers=offers, initial={"email": row.email})


def _tried_again(request: HttpRequest, row: Order, form: PayForm) -> UUID:
    given = form.cleaned_data

    def effect() -> Response:
        attempt_create(buyer=buyer(request, given), order_id=row.pk, method=given["method"])
        return Response({"id": str(row.pk)}, status=201)

    asked = {name: str(given[name]) for name in ("method", "email")}
    run_once(scope=scope_of(request), key=str(given["key"]), asked=asked, effect=effect)
    return row.pk


def _context(
    request: HttpRequest, row: Order, last: PaymentAttempt | None, form: PayForm | None
) -> dict[str, Any]:
    now = timezone.now()
    told = standing(row, last, returned=returned_at(request, row), now=now)
    items = selectors.items_of([row])[row.pk]
    can_pay = form is not None and bool(form.offers)
    choosing = can_pay and (not told.again or "again" in request.GET or request.method == "POST")
    return {
        "order": row,
        "release": row.collection.release,
        **looks.look(row.collection),
        "told": told,
        "steps": steps(row, last, told, now),
        "paid": Money(last.asset, last.paid) if last is not None and last.paid else None,
        "asked": last.asked if last is not None else row.cost,
        "method": METHODS[last.provider].name if last is not None else "",
        "items": looks.editions(items) if not row.gift else [],
        "backs": moves_back(row),
        "receipts": row.receipts.all(),
        "form": form if choosing else None,
        "other_ways": can_pay and not choosing,
        "refresh": 0 if choosing else told.again,
        "config": wallet_config(),
        **_to_do(request, row, last, told),
        **_gift(row),
    }


def _to_do(
    request: HttpRequest, row: Order, last: PaymentAttempt | None, told: Standing
) -> dict[str, Any]:
    """What the buyer may do now: go to the provider's page, sign, connect a wallet."""
    open_ = last.handoff if last is not None and last.state == Try.OPEN else {}
    awaiting = row.state == Order.State.AWAITING_PAYMENT
    there = str(open_.get("url", "")) if open_.get("kind") == "redirect" and awaiting else ""
    claim: ClaimRight | None = getattr(row, "claim", None)
    needs_wallet = (
        claim is not None
        and claim.holder_id == row.user_id
        and claim.state == ClaimRight.State.OPEN
        and not getattr(row, "holder_ready", False)
    )
    return {
        "there": there,
        "go": bool(there) and request.method == "GET" and "go" in request.GET,
        "sign": awaiting and open_.get("transaction") is not None and not told.checking,
        "attempt": last,
        "needs_wallet": needs_wallet,
    }


def _gift(row: Order) -> dict[str, Any]:
    """The link that the buyer has to give, while nobody has opened it."""
    claim: ClaimRight | None = getattr(row, "claim", None)
    if claim is None or not row.gift or claim.state != "open" or claim.holder_id is not None:
        return {}
    return {
        "gift_link": claims.gift_link(row),
        "gift_until": claim.gift_expires_at,
        "gift_form": NoteForm(initial={"note": claim.gift_note}),
    }


@require_POST
@login_required
def order_transaction(request: HttpRequest, order: UUID) -> HttpResponse:
    """POST: the message for the buyer's wallet, while the attempt is open."""
    row = own(request, order)
    for attempt in row.attempts.all():
        made = attempt.handoff.get("transaction")
        if made and attempt.state == Try.OPEN and attempt.valid_until > timezone.now():
            return JsonResponse(made)
    refusal = ApplicationError(
        "order_closed", "Nothing to sign", "This payment has ended. Choose how to pay again.", 409
    )
    return JsonResponse(refusal.problem(), status=409, content_type="application/problem+json")
