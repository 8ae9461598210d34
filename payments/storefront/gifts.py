"""A gift's page for who has its link, and what its giver may do with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.web import web_user
from core.errors import ApplicationError
from core.pages import limited, wallet_config, wallet_page
from payments import selectors
from payments.representation import giver
from payments.services import gifts
from payments.services.gifts import Gift
from payments.standing import received
from payments.storefront import looks
from payments.storefront.forms import NoteForm
from referrals.start_param import start_param_format


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@wallet_page
@limited("gifts")
def gift_page(request: HttpRequest, secret: str) -> HttpResponse:
    """GET /gift/<secret>: what it is, from whom, until when; never its price. POST: accept it."""
    if request.method == "POST":
        return _accepted(request, secret)
    claim = gifts.gift_find(secret)
    if claim is None:
        raise Http404
    user_id = web_user(request).pk if request.user.is_authenticated else None
    stands = gifts.gift_state(claim, user_id)
    order = selectors.orders().get(pk=claim.order_id)
    mine = stands is Gift.YOURS
    context: dict[str, Any] = {
        "stands": stands.value,
        "claim": claim,
        "release": claim.collection.release,
        **looks.look(claim.collection),
        "image": f"{settings.PUBLIC_URL}{looks.look(claim.collection)['cover']}",
        "giver": giver(claim),
        "here": request.path,
        "telegram": _telegram(secret),
        "told": received(order) if mine else None,
        "needs_wallet": mine and claim.state == "open" and not getattr(order, "holder_ready", True),
        "items": looks.editions(selectors.items_of([order])[order.pk]) if mine else [],
        "config": wallet_config(),
    }
    return render(request, "store/gift.html", context)


def _accepted(request: HttpRequest, secret: str) -> HttpResponse:
    here = reverse("store-gift", args=[secret])
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign-in')}?next={here}")
    try:
        gifts.gift_accept(secret=secret, user=web_user(request))
    except ApplicationError as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        # The page itself says what became of it.
    return HttpResponseRedirect(here)


def _telegram(secret: str) -> str:
    """The same gift in the Mini App; "" without a bot."""
    bot, app = settings.TELEGRAM_BOT_USERNAME, settings.TELEGRAM_APP_NAME
    return f"https://t.me/{bot}/{app}?startapp={start_param_format(gift=secret)}" if bot else ""


@require_POST
@login_required
@limited("gifts")
def order_gift(request: HttpRequest, order: UUID) -> HttpResponse:
    """POST /orders/<id>/gift: the giver's note, or with `act=cancel` the gift is called back."""
    user = web_user(request)
    form = NoteForm(request.POST)
    try:
        if request.POST.get("act") == "cancel":
            gifts.gift_cancel(order_id=order, user=user)
        elif form.is_valid():
            gifts.gift_note_set(order_id=order, user=user, note=form.cleaned_data["note"])
    except ApplicationError as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        return looks.trouble(request, refusal)
    return redirect("store-order", order)
