"""What Telegram asks and tells about Stars (core.telegram.org/bots/payments-stars)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.selectors import speaks_who
from core.inbox import services as inbox
from core.money import Money
from core.telegram.router import on_command, on_question, on_update
from core.telegram.views import refuse
from payments import inline  # noqa: F401  registers itself
from payments.models import PaymentAttempt, Reservation
from payments.providers.base import ProviderState, RefundState, RefundStatus, Status
from payments.services import outcomes, reservations, states
from payments.services.events import Cause

log = structlog.get_logger(__name__)
# Between our yes and the payment: Telegram cancels after ten seconds, the news of it may be late.
GRACE: Final = timedelta(minutes=3)
_GONE: Final = "This order has ended. Open the drop again to make a new one."
_OTHERS: Final = "This invoice was made for somebody else. Open the drop to get your own."
_WRONG: Final = "The price of this invoice is not that of the order. Please start again."


@on_question("pre_checkout_query")
def pre_checkout(query: Mapping[str, Any]) -> dict[str, Any]:
    """Yes is a promise to deliver: the order is open, its edition kept, the payer its buyer."""
    question = str(query.get("id", ""))
    with transaction.atomic():
        why = _objection(query)
    if why:
        log.info("pre_checkout_refused", reason=why)
        return refuse(question, why)
    return {"method": "answerPreCheckoutQuery", "pre_checkout_query_id": question, "ok": True}


def _objection(query: Mapping[str, Any]) -> str:
    """Why the payment must not be made; "" when it may."""
    attempt_id = _uuid(query.get("invoice_payload"))
    order = states.order_lock(attempts__pk=attempt_id) if attempt_id else None
    if order is None or attempt_id is None:
        return _GONE
    attempt = order.attempts.get(pk=attempt_id)
    if order.user is None or order.user.telegram_id != query.get("from", {}).get("id"):
        return _OTHERS
    if query.get("currency") != "XTR" or query.get("total_amount") != attempt.amount:
        return _WRONG
    now = timezone.now()
    if attempt.state != PaymentAttempt.State.OPEN or attempt.valid_until <= now:
        return _GONE
    if not Reservation.objects.filter(order=order, state=Reservation.State.HELD).exists():
        return _GONE
    reservations.reservation_hold(order=order, until=now + GRACE)
    if order.expires_at < now + GRACE:
        order.expires_at = now + GRACE
        order.save(update_fields=["expires_at"])
    return ""


@on_update("message.successful_payment", ordered=False)
def successful_payment(message: Mapping[str, Any]) -> inbox.Outcome:
    """Proof by itself. The charge id is the payment's name: one link may be paid twice."""
    told = message["successful_payment"]
    return _apply(
        told,
        ProviderState(
            Status.PAID,
            paid=_money(told),
            external_id=str(told["telegram_payment_charge_id"]),
            occurred_at=datetime.fromtimestamp(int(message["date"]), UTC),
        ),
    )


@on_update("message.refunded_payment", ordered=False)
def refunded_payment(message: Mapping[str, Any]) -> inbox.Outcome:
    """Ours, or Telegram's own."""
    told = message["refunded_payment"]
    charge = str(told["telegram_payment_charge_id"])
    back = RefundState(RefundStatus.DONE, charge, amount=_money(told))
    paid = ProviderState(Status.PAID, paid=_money(told), external_id=charge, refunds=(back,))
    return _apply(told, paid)


def _apply(told: Mapping[str, Any], state: ProviderState) -> inbox.Outcome:
    attempt_id = _uuid(told.get("invoice_payload"))
    if attempt_id is None or not PaymentAttempt.objects.filter(pk=attempt_id).exists():
        log.error("stars_without_attempt")  # reconciliation opens a case for it
        return inbox.ignored("no invoice of ours")
    outcomes.apply(attempt_id=attempt_id, state=state, cause=Cause("telegram"))
    return inbox.applied


def _money(told: Mapping[str, Any]) -> Money:
    return Money(str(told["currency"]), int(told["total_amount"]))


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


_PAYSUPPORT: Final = {
    "en": "Paid and something is not right? Your orders and refunds stand in the app under "
    "Profile. Write to {contact} with the order's number; "
    "Telegram's support cannot help with purchases made in this bot.",
    "ru": "Заплатили, и что-то не так? Заказы и возвраты есть в приложении, в разделе «Профиль». "
    "Напишите нам, указав номер заказа: {contact}. "
    "Поддержка Telegram с покупками в этом боте помочь не может.",
}
_SUPPORT: Final = {
    "en": "Write to us: {contact}. About a payment, /paysupport says how.",
    "ru": "Напишите нам: {contact}. Если вопрос об оплате, поможет /paysupport.",
}
_TERMS: Final = {"en": "Our terms of sale: {url}", "ru": "Условия продажи: {url}"}


@on_command("paysupport", {"en": "Help with a payment", "ru": "Помощь с оплатой"})
def paysupport(message: Mapping[str, Any]) -> str:
    """Obligatory for bots that take Stars (bot terms 6.2)."""
    return _PAYSUPPORT[speaks_who(message)].format(contact=settings.SUPPORT_CONTACT)


@on_command("support", {"en": "Write to us", "ru": "Написать нам"})
def support(message: Mapping[str, Any]) -> str:
    return _SUPPORT[speaks_who(message)].format(contact=settings.SUPPORT_CONTACT)


@on_command("terms", {"en": "Terms of sale", "ru": "Условия продажи"})
def terms(message: Mapping[str, Any]) -> str:
    return _TERMS[speaks_who(message)].format(url=settings.TERMS_URL)
