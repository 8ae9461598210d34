"""The shop on the open web: a drop's public page, checkout, and what became of an order.

The only place where SBP, cards and Binance Pay are offered. Every page works without JavaScript but
for a wallet's signature. Providers are reached by a plain link, never out of a form: the content
security policy lets forms go nowhere but to us.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe
from rest_framework.response import Response

from accounts.selectors import wallet_addresses
from accounts.web import web_session, web_user
from catalog.media.selectors import asset_url
from contracts.collection import MAX_PER_BUY
from core.errors import ApplicationError
from core.idempotency import run_once, scope_of
from core.money import Money
from core.outbox.services import put
from core.pages import limited, wallet_config, wallet_page
from core.ton.addresses import friendly
from nft.models import Collection
from nft.selectors import drop_detail
from payments import selectors
from payments.models import Order, PaymentAttempt
from payments.providers.base import ProviderError
from payments.services import states, submitting
from payments.services.offers import Offer, offers_of
from payments.services.orders import Buyer, attempt_create, order_create
from payments.services.quotes import drop_quote
from payments.standing import STEPS, standing

log = structlog.get_logger(__name__)
Try = PaymentAttempt.State
NAMES: Final = {
    "ton": ("TON wallet", "One tap in your wallet; yours in seconds."),
    "stripe": ("Card", "On Stripe's page; we never see the card."),
    "sbp": ("SBP", "A QR code for your bank's app."),
    "binance": ("Binance Pay", "USDT from a Binance account."),
    "stars": ("Telegram Stars", "Inside Telegram."),
}


class PayForm(forms.Form):
    """How to pay. key: made with the page, so that a form sent twice is one order."""

    method = forms.ChoiceField(widget=forms.RadioSelect)
    email = forms.EmailField(
        required=False,
        label="E-mail for the receipt",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {one.method: one for one in offers}
        method = self.fields["method"]
        assert isinstance(method, forms.ChoiceField)
        method.choices = [(name, name) for name in self.offers]
        method.initial = next(iter(self.offers), None)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        chosen = self.offers.get(str(given.get("method")))
        if chosen and chosen.needs_email and not given.get("email") and "email" not in self.errors:
            self.add_error("email", "The law asks for a receipt: say where to send it.")
        return given

    @property
    def needs_email(self) -> bool:
        return any(one.needs_email for one in self.offers.values())

    def rows(self) -> list[dict[str, Any]]:
        """The ways to pay, as radio buttons show them."""
        chosen = self["method"].value()
        return [
            {
                "method": one.method,
                "name": NAMES[one.method][0],
                "note": NAMES[one.method][1],
                "amount": one.amount,
                "checked": one.method == chosen,
            }
            for one in self.offers.values()
        ]


class CheckoutForm(PayForm):
    quantity = forms.IntegerField(min_value=1, max_value=MAX_PER_BUY, initial=1)


# --- the drop -------------------------------------------------------------------------------------


@require_safe
@cache_control(public=True, max_age=30)
def drop_page(request: HttpRequest, drop: UUID) -> HttpResponse:
    """GET /drops/<id>: public, for search engines and shared links."""
    found = drop_detail(drop)
    if found is None:
        raise Http404
    supply = found["supply"]
    taken = (supply["total"] or 0) - (supply["left"] or 0)
    context = {
        "drop": found,
        "release": found["release"],
        "price": Money.from_json(found["price"]),
        "taken": taken,
        "royalty": Decimal(found["royalty_bps"]).scaleb(-2).normalize(),
        "url": f"{settings.PUBLIC_URL}{request.path}",
        "image": f"{settings.PUBLIC_URL}{found['release']['cover']['url']}",
        "bot": settings.TELEGRAM_BOT_USERNAME,
        "app": settings.TELEGRAM_APP_NAME,
    }
    return render(request, "store/drop.html", context)


# --- checkout -------------------------------------------------------------------------------------


@login_required
@never_cache
@wallet_page
@limited("orders")
def checkout(request: HttpRequest, drop: UUID) -> HttpResponse:
    """GET: every way to pay with its price. POST: an order, and on to pay it."""
    try:
        quoted = drop_quote(drop_id=drop)
    except ApplicationError as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        return _trouble(request, refusal)
    quantity = _quantity(request, quoted)
    offers = offers_of(
        collection=quoted,
        unit_price=quoted.price,
        quantity=quantity,
        context=web_session(request).context,
        now=timezone.now(),
    )
    form = CheckoutForm(request.POST or None, offers=offers, initial={"quantity": quantity})
    if request.method == "POST" and form.is_valid():
        try:
            return _on(_placed(request, form, quoted))
        except ApplicationError as refusal:
            form.add_error(None, refusal.detail)
    context = {
        "form": form,
        "quantity": quantity,
        "quoted": quoted,
        "release": quoted.release,
        **_look(quoted),
        "unit": Money(settings.NATIVE_COIN, quoted.price),
        "wallet": _wallet(request),
        "config": wallet_config(),
    }
    return render(request, "store/checkout.html", context)


def _quantity(request: HttpRequest, quoted: Collection) -> int:
    text = request.POST.get("quantity") or request.GET.get("quantity") or "1"
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return max(1, min(wanted, quoted.max_per_buy))


def _placed(request: HttpRequest, form: PayForm, quoted: Collection) -> UUID:
    """Make the order, once for the form's key. Raises ApplicationError as order_create does."""
    given = form.cleaned_data

    def effect() -> Response:
        order, _ = order_create(
            buyer=_buyer(request, given),
            collection=quoted,
            quantity=given["quantity"],
            method=given["method"],
        )
        return Response({"id": str(order.pk)}, status=201)

    asked = {name: str(given[name]) for name in ("method", "email", "quantity")}
    made = run_once(scope=scope_of(request), key=str(given["key"]), asked=asked, effect=effect)
    return UUID(made.data["id"])


def _buyer(request: HttpRequest, given: dict[str, Any]) -> Buyer:
    return Buyer(web_user(request), web_session(request).context, email=given.get("email") or "")


def _on(order_id: UUID) -> HttpResponseRedirect:
    """Make what was promised at the provider, and show the order: it leads on from there."""
    waiting = PaymentAttempt.objects.filter(order=order_id, state__in=(Try.CREATED, Try.UNKNOWN))
    for attempt_id in waiting.values_list("pk", flat=True):
        try:
            submitting.attempt_submit(attempt_id=attempt_id)
        except ProviderError as error:  # it goes on by itself; the order's page says so
            log.info("attempt_unknown", attempt_id=str(attempt_id), code=error.code)
    return HttpResponseRedirect(f"{reverse('store-order', args=[order_id])}?go=1")


# --- the order ------------------------------------------------------------------------------------


@login_required
@never_cache
@wallet_page
def order_page(request: HttpRequest, order: UUID) -> HttpResponse:
    """GET /orders/<id>: how it stands, and the one thing to do next. The buyer's own only.

    `?go=1` leads on to the provider at once, right after the order was made.
    """
    row = _own(request, order)
    tries = sorted(row.attempts.all(), key=lambda one: one.created_at)
    last = next((one for one in tries if one.state == Try.CONFIRMED), tries[-1] if tries else None)
    form = _again(request, row, last)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return _on(_tried_again(request, row, form))
        except ApplicationError as refusal:
            form.add_error(None, refusal.detail)
    return render(request, "store/order.html", _order_context(request, row, last, form))


def _own(request: HttpRequest, order_id: UUID) -> Order:
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
    )
    if last is not None and last.state in states.OPEN_TRIES:
        offers = [one for one in offers if one.method != last.provider]
    return PayForm(request.POST or None, offers=offers, initial={"email": row.email})


def _tried_again(request: HttpRequest, row: Order, form: PayForm) -> UUID:
    given = form.cleaned_data

    def effect() -> Response:
        attempt_create(buyer=_buyer(request, given), order_id=row.pk, method=given["method"])
        return Response({"id": str(row.pk)}, status=201)

    asked = {name: str(given[name]) for name in ("method", "email")}
    run_once(scope=scope_of(request), key=str(given["key"]), asked=asked, effect=effect)
    return row.pk


def _order_context(
    request: HttpRequest, row: Order, last: PaymentAttempt | None, form: PayForm | None
) -> dict[str, Any]:
    told = standing(row, last)
    open_ = last.handoff if last is not None and last.state == Try.OPEN else {}
    awaiting = row.state == Order.State.AWAITING_PAYMENT
    there = str(open_.get("url", "")) if open_.get("kind") == "redirect" and awaiting else ""
    claim = getattr(row, "claim", None)
    items = selectors.items_of([row])[row.pk]
    return {
        "order": row,
        "release": row.collection.release,
        **_look(row.collection),
        "told": told,
        "steps": [{"text": text, "now": at == told.place} for at, text in enumerate(STEPS)],
        "paid": Money(last.asset, last.paid) if last is not None and last.paid else None,
        "asked": last.asked if last is not None else row.cost,
        "method": NAMES.get(last.provider, ("",))[0] if last is not None else "",
        "there": there,
        "go": bool(there) and request.method == "GET" and "go" in request.GET,
        "sign": awaiting and open_.get("transaction") is not None,
        "needs_wallet": claim is not None and claim.state == "open" and not row.holder_ready,
        "items": [{"edition": one.index + 1, "address": friendly(one.address)} for one in items],
        "refunds": [one for attempt in row.attempts.all() for one in attempt.refunds.all()],
        "receipts": row.receipts.all(),
        "form": form if form is not None and form.offers else None,
        "config": wallet_config(),
    }


@require_POST
@login_required
def order_transaction(request: HttpRequest, order: UUID) -> HttpResponse:
    """POST: the message for the buyer's wallet, while the attempt is open."""
    row = _own(request, order)
    for attempt in row.attempts.all():
        made = attempt.handoff.get("transaction")
        if made and attempt.state == Try.OPEN and attempt.valid_until > timezone.now():
            return JsonResponse(made)
    refusal = ApplicationError(
        "order_closed", "Nothing to sign", "This payment has ended. Choose how to pay again.", 409
    )
    return JsonResponse(refusal.problem(), status=409, content_type="application/problem+json")


@require_safe
@never_cache
def payment_return(request: HttpRequest, attempt: UUID) -> HttpResponse:
    """GET /pay/return/<attempt>: where a provider sends the payer back to.

    Nothing in the address is believed but which attempt it is. Asks the provider once, in the
    background, when nobody has told us yet. Its buyer goes on to his order; anybody else who holds
    the address sees how it stands and nothing more.
    """
    row = PaymentAttempt.objects.select_related("order__claim").filter(pk=attempt).first()
    if row is None or row.provider == "ton":
        raise Http404
    if row.state in states.OPEN_TRIES:
        with transaction.atomic():
            put(
                "payments.attempt_refresh",
                {"attempt_id": row.pk, "cause_id": "return"},
                key=f"return:{row.pk}",
            )
    if request.user.is_authenticated and row.order.user_id == request.user.pk:
        return redirect("store-order", row.order_id)
    told = standing(row.order, row)
    context = {
        "told": told,
        "steps": [{"text": text, "now": at == told.place} for at, text in enumerate(STEPS)],
        "order": row.order_id,
        "bot": settings.TELEGRAM_BOT_USERNAME,
        "app": settings.TELEGRAM_APP_NAME,
    }
    return render(request, "store/return.html", context)


def _look(collection: Collection) -> dict[str, Any]:
    """The cover, and the two colours that light the page."""
    release = collection.release
    return {
        "cover": asset_url(release.cover.cid) if release.cover else "",
        "colours": {"deep": release.colour_deep, "bright": release.colour_bright},
    }


def _wallet(request: HttpRequest) -> str:
    proved = wallet_addresses(web_user(request))
    return friendly(next(iter(proved)), bounceable=False) if proved else ""


def _trouble(request: HttpRequest, refusal: ApplicationError) -> HttpResponse:
    context = {"title": refusal.title, "detail": refusal.detail}
    return render(request, "store/trouble.html", context, status=refusal.status)
