"""Where a provider sends the payer back to: what we know, asked anew, whatever the address says."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.outbox.services import put
from payments import reasons
from payments.models import Order, PaymentAttempt
from payments.services import states

_STEPS: Final = ("Paid", "Being minted to your wallet", "Yours")
_PLACE: Final = {
    Order.State.AWAITING_PAYMENT: -1,
    Order.State.PAID: 0,
    Order.State.FULFILLING: 1,
    Order.State.FULFILLED: 2,
}
_WORDS: Final = {
    Order.State.AWAITING_PAYMENT: (
        "Checking your payment",
        "The provider has not confirmed it yet. This page looks again; you may close it, too.",
    ),
    Order.State.PAID: ("Paid", "Thank you. Your editions are being prepared."),
    Order.State.FULFILLING: (
        "Paid",
        "Thank you. Your editions are kept for you and will be minted to your wallet.",
    ),
    Order.State.FULFILLED: ("Yours", "The editions are in your wallet."),
}


@require_safe
@never_cache
def payment_return(request: HttpRequest, attempt: UUID) -> HttpResponse:
    """GET /pay/return/<attempt>: nothing in the address is believed but which attempt it is.

    Tells no more than how the order stands: whoever holds the address may see it. Asks the
    provider once, in the background, when nobody has told us yet.
    """
    row = PaymentAttempt.objects.select_related("order").filter(pk=attempt).first()
    if row is None or row.provider == "ton":
        raise Http404
    if row.state in states.OPEN_TRIES:
        with transaction.atomic():
            put(
                "payments.attempt_refresh",
                {"attempt_id": row.pk, "cause_id": "return"},
                key=f"return:{row.pk}",
            )
    return render(request, "payments/return.html", _context(row))


def _context(row: PaymentAttempt) -> dict[str, Any]:
    order = row.order
    waiting = order.state == Order.State.AWAITING_PAYMENT and row.state in states.OPEN_TRIES
    heading, text = _WORDS.get(Order.State(order.state), ("Not paid", ""))
    if order.state == Order.State.AWAITING_PAYMENT and not waiting:
        heading, text = "Not paid", "This payment ended without money. You can try again."
    if order.reason:
        heading = "Sent back" if order.reason == reasons.REFUNDED else "Something needs a look"
        if order.state in (Order.State.EXPIRED, Order.State.CANCELLED):
            heading = "Not paid" if order.reason != reasons.REFUNDED else heading
        text = reasons.text(order.reason)
    place = _PLACE.get(Order.State(order.state), -2)
    return {
        "heading": heading,
        "text": text,
        "waiting": waiting,
        "order": order.pk,
        "steps": [{"text": text, "now": at == place} for at, text in enumerate(_STEPS)],
        "bot": settings.TELEGRAM_BOT_USERNAME,
        "app": settings.TELEGRAM_APP_NAME,
    }
