"""Where a provider sends the payer back to. Nothing in that address is believed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.outbox.services import put
from payments.models import Order, PaymentAttempt
from payments.standing import standing, steps

_KEY: Final = "returned"
_KEPT: Final = 5  # returns that a browser's session remembers


@require_safe
@never_cache
def payment_return(request: HttpRequest, attempt: UUID) -> HttpResponse:
    """GET /pay/return/<attempt>: taken as no more than which attempt it is about.

    Asks the provider, in the background, when nobody has told us of a payment yet: also when the
    attempt is over, because money may come late. Its buyer goes on to his order; anybody else who
    holds the address sees how it stands and nothing more.
    """
    row = PaymentAttempt.objects.select_related("order__claim").filter(pk=attempt).first()
    if row is None:
        raise Http404
    now = timezone.now()
    _remember(request, row, now)
    if row.state != PaymentAttempt.State.CONFIRMED and row.provider != "ton":
        with transaction.atomic():
            put(
                "payments.attempt_refresh",
                {"attempt_id": row.pk, "cause_id": "return"},
                key=f"return:{row.pk}:{now:%Y%m%d%H%M}",
            )
    if request.user.is_authenticated and row.order.user_id == request.user.pk:
        return redirect("store-order", row.order_id)
    told = standing(row.order, row, returned=returned_at(request, row.order), now=now)
    context = {
        "told": told,
        "steps": steps(row.order, row, told, now),
        "order": row.order_id,
        "bot": settings.TELEGRAM_BOT_USERNAME,
        "app": settings.TELEGRAM_APP_NAME,
    }
    return render(request, "store/return.html", context)


def _remember(request: HttpRequest, row: PaymentAttempt, now: datetime) -> None:
    """When this browser came back. The page of who looks again keeps the first moment."""
    known = dict(request.session.get(_KEY, {}))
    if (seen := known.get(str(row.order_id))) and seen[0] == str(row.pk):
        return
    known[str(row.order_id)] = [str(row.pk), now.timestamp()]
    request.session[_KEY] = dict(list(known.items())[-_KEPT:])


def returned_at(request: HttpRequest, order: Order) -> datetime | None:
    """When the browser came back from a payment page of the order of which we know nothing yet."""
    seen = request.session.get(_KEY, {}).get(str(order.pk))
    known = (PaymentAttempt.State.CONFIRMED, PaymentAttempt.State.FAILED)
    told = [str(one.pk) for one in order.attempts.all() if one.state in known]
    if not seen or seen[0] in told:
        return None
    return datetime.fromtimestamp(seen[1], UTC)
