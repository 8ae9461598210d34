"""The checkout: every way to pay with its price, then an order and on to pay it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from rest_framework.response import Response

from accounts.web import web_session, web_user
from core.errors import ApplicationError
from core.idempotency import run_once, scope_of
from core.money import Money
from core.pages import limited, wallet_config, wallet_page
from nft.models import Collection
from payments.models import PaymentAttempt
from payments.providers.base import ProviderError
from payments.services import submitting
from payments.services.offers import offers_of
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from payments.storefront import looks
from payments.storefront.forms import CheckoutForm

log = structlog.get_logger(__name__)
Try = PaymentAttempt.State


@login_required
@never_cache
@wallet_page
@limited("orders")
def checkout(request: HttpRequest, drop: UUID) -> HttpResponse:
    """GET: every way to pay with its price. POST: an order, and on to pay it.

    A POST for another number of editions than the prices were shown for shows the new prices first.
    """
    try:
        quoted = drop_quote(drop_id=drop)
    except ApplicationError as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        return looks.trouble(request, refusal)
    quantity = _quantity(request, quoted)
    sent = request.method == "POST" and not _asks_for_prices(request, quantity)
    form = _form(request, quoted, quantity, sent=sent)
    if sent and form.is_valid():
        try:
            return on(_placed(request, form, quoted))
        except ApplicationError as refusal:
            form.add_error(None, refusal.detail)
    context = {
        "form": form,
        "quantity": quantity,
        "quoted": quoted,
        "release": quoted.release,
        **looks.look(quoted),
        "unit": Money(settings.NATIVE_COIN, quoted.price),
        "gift_days": settings.GIFT_LIFETIME.days,
        "wallet": looks.wallet(request),
        "config": wallet_config(),
    }
    return render(request, "store/checkout.html", context)


def _quantity(request: HttpRequest, quoted: Collection) -> int:
    text = request.POST.get("quantity") or request.GET.get("quantity") or "1"
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return max(1, min(wanted, quoted.max_per_buy))


def _asks_for_prices(request: HttpRequest, quantity: int) -> bool:
    return "update" in request.POST or request.POST.get("shown", str(quantity)) != str(quantity)


def _form(request: HttpRequest, quoted: Collection, quantity: int, *, sent: bool) -> CheckoutForm:
    offers = offers_of(
        collection=quoted,
        unit_price=quoted.price,
        quantity=quantity,
        context=web_session(request).context,
        now=timezone.now(),
    )
    kept = {
        name: request.POST[name] for name in ("method", "email", "gift") if name in request.POST
    }
    return CheckoutForm(
        request.POST if sent else None, offers=offers, initial={"quantity": quantity, **kept}
    )


def _placed(request: HttpRequest, form: CheckoutForm, quoted: Collection) -> UUID:
    """Make the order, once for the form's key. Raises ApplicationError as order_create does."""
    given = form.cleaned_data

    def effect() -> Response:
        order, _ = order_create(
            buyer=buyer(request, given),
            collection=quoted,
            quantity=given["quantity"],
            method=given["method"],
            gift=given["gift"],
        )
        return Response({"id": str(order.pk)}, status=201)

    asked = {name: str(given[name]) for name in ("method", "email", "quantity", "gift")}
    made = run_once(scope=scope_of(request), key=str(given["key"]), asked=asked, effect=effect)
    return UUID(made.data["id"])


def buyer(request: HttpRequest, given: dict[str, Any]) -> Buyer:
    return Buyer(web_user(request), web_session(request).context, email=given.get("email") or "")


def on(order_id: UUID) -> HttpResponseRedirect:
    """Make what was promised at the provider, and show the order: it leads on from there."""
    waiting = PaymentAttempt.objects.filter(order=order_id, state__in=(Try.CREATED, Try.UNKNOWN))
    for attempt_id in waiting.values_list("pk", flat=True):
        try:
            submitting.attempt_submit(attempt_id=attempt_id)
        except ProviderError as error:  # it goes on by itself; the order's page says so
            log.info("attempt_unknown", attempt_id=str(attempt_id), code=error.code)
    return HttpResponseRedirect(f"{reverse('store-order', args=[order_id])}?go=1")
