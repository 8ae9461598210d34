"""How an order stands, in its reader's words: for pages that tell it to whoever paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from payments import reasons
from payments.models import ClaimRight, Order, PaymentAttempt
from payments.services import states

State = Order.State
STEPS: Final = ("Paid", "Being minted to your wallet", "Yours")
_PLACE: Final = {State.AWAITING_PAYMENT: -1, State.PAID: 0, State.FULFILLING: 1, State.FULFILLED: 2}


@dataclass(frozen=True, slots=True)
class Standing:
    """place: index of the step it is at, -1 before the first, -2 when it has left that path.

    moving: it will change by itself soon, so a page that shows it should look again.
    """

    heading: str
    text: str
    place: int
    moving: bool


def standing(order: Order, attempt: PaymentAttempt | None) -> Standing:
    """attempt: the one that was paid, or the last one tried."""
    place = _PLACE.get(State(order.state), -2)
    if order.state == State.AWAITING_PAYMENT:
        return _unpaid(attempt, place)
    if order.state == State.FULFILLED:
        return Standing("Yours", "The editions are in your wallet.", place, moving=False)
    if order.state in (State.PAID, State.FULFILLING):
        return _paid(order, place)
    heading = "Not paid"
    if order.reason == reasons.REFUNDED:
        heading = "Sent back"
    elif order.state == State.NEEDS_ATTENTION:
        heading = "Something needs a look"
    return Standing(heading, reasons.text(order.reason), place, moving=False)


def _unpaid(attempt: PaymentAttempt | None, place: int) -> Standing:
    if attempt is None or attempt.state not in states.OPEN_TRIES:
        text = "That payment ended without money. Nothing was charged; you can try again."
        return Standing("Not paid yet", text, place, moving=False)
    if attempt.provider == "ton":
        text = "Your wallet will show what it signs. As soon as the chain has it, it is yours."
        return Standing("Ready to pay", text, place, moving=True)
    if attempt.state == PaymentAttempt.State.OPEN:
        text = "We have not heard of a payment yet. If you have paid, this page will say so soon."
        return Standing("Waiting for your payment", text, place, moving=True)
    return Standing("Preparing the payment", "This takes a few seconds.", place, moving=True)


def _paid(order: Order, place: int) -> Standing:
    claim: ClaimRight | None = getattr(order, "claim", None)
    if claim is None:
        return Standing("Paid", "Thank you. Your editions are being prepared.", place, moving=True)
    if claim.frozen:
        text = "Thank you. A dispute about this payment is open; your editions wait for it."
        return Standing("Paid", text, place, moving=False)
    if claim.hold_until > timezone.now():
        day = f"{claim.hold_until:%-d %B %Y}"
        text = f"Thank you. Your editions are kept for you and will be minted after {day}."
        return Standing("Paid", text, place, moving=False)
    if not getattr(order, "holder_ready", True):
        text = "Thank you. Your editions are kept for you: connect a wallet to receive them."
        return Standing("Paid", text, place, moving=False)
    text = "Thank you. Your editions are on their way to your wallet; this takes a minute or two."
    return Standing("Paid", text, place, moving=True)
