"""How an order stands, in its reader's words: for pages that tell it to whoever paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.utils import timezone

from core.money import Money
from payments import reasons
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.services import states

State = Order.State
Try = PaymentAttempt.State
# How long a page says that it is checking, after its reader came back from paying.
CHECKING: Final = timedelta(seconds=90)
_ASKING: Final = "We are asking about the payment page that you came back from, too."
_SOON, _LATER = 4, 20  # seconds until a page looks again


class Method(NamedTuple):
    """A way to pay as people know it; who: whose answer is waited for."""

    name: str
    note: str
    who: str


METHODS: Final = {
    "ton": Method("TON wallet", "One tap in your wallet; yours in seconds.", "The network"),
    "stripe": Method("Card", "On Stripe's page; we never see the card.", "Stripe"),
    "sbp": Method("SBP", "A QR code for your bank's app.", "Your bank"),
    "binance": Method("Binance Pay", "USDT from a Binance account.", "Binance"),
    "stars": Method("Telegram Stars", "Inside Telegram.", "Telegram"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """place: index of the step it is at, -1 before the first, -2 when it has left that path.

    again: seconds until a page that shows it should look again, 0: it does not move by itself.
    checking: the reader came back from paying at `since`, and we have not heard of it yet.
    """

    heading: str
    text: str
    place: int
    again: int = 0
    checking: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step as a page draws it. state: done, now or later; at: when it was done; seconds: since
    the payment, or how long it has been under way.
    """

    text: str
    state: str
    at: datetime | None = None
    seconds: int | None = None


class Back(NamedTuple):
    """Money on its way back, or there."""

    money: Money
    words: str
    why: str


def paid_attempt(tries: Sequence[PaymentAttempt]) -> PaymentAttempt | None:
    """The payment that bought the order: one that came on top of it is not it."""
    paid = [one for one in tries if one.state == Try.CONFIRMED]
    bought = [one for one in paid if PaymentAttempt.Flag.DUPLICATE not in one.flags]
    return next(iter(bought or paid), None)


def standing(
    order: Order,
    attempt: PaymentAttempt | None,
    *,
    returned: datetime | None = None,
    now: datetime | None = None,
) -> Standing:
    """attempt: the one that was paid, or the last one tried. returned: see CHECKING."""
    now = now or timezone.now()
    since = returned if returned is not None and now < returned + CHECKING else None
    if order.state == State.AWAITING_PAYMENT:
        return _unpaid(attempt, since)
    if order.state in (State.PAID, State.FULFILLING, State.FULFILLED):
        told = _given(order) if order.state == State.FULFILLED else _paid(order, now)
        return replace(told, again=_SOON, text=f"{told.text} {_ASKING}") if since else told
    if since and order.state == State.EXPIRED and not _moves(order):
        return _checking(attempt, since, "The order's time is over; if you have paid, we find it.")
    return _ended(order)


def _checking(attempt: PaymentAttempt | None, since: datetime, more: str = "") -> Standing:
    who = METHODS[attempt.provider].who if attempt is not None else "The provider"
    text = f"{who} has not told us of a payment yet; we are asking. {more}".strip()
    return Standing("Checking your payment", text, 0, _SOON, checking=True, since=since)


def _unpaid(attempt: PaymentAttempt | None, since: datetime | None) -> Standing:
    if attempt is None or attempt.state not in states.OPEN_TRIES:
        text = "That payment ended without money. Nothing was charged; you can try again."
        return Standing("Not paid yet", text, -1)
    if attempt.state == Try.PROCESSING:
        text = f"{METHODS[attempt.provider].who} is working on it. You do not have to stay here."
        return Standing("Payment under way", text, 0, _SOON)
    if since:
        return _checking(attempt, since)
    if attempt.provider == "ton":
        text = "Your wallet will show what it signs. As soon as the chain has it, it is yours."
        return Standing("Ready to pay", text, -1)
    if attempt.state == Try.OPEN:
        text = "We have not heard of a payment yet. If you have paid, this page will say so soon."
        return Standing("Waiting for your payment", text, -1, _SOON)
    return Standing("Preparing the payment", "This takes a few seconds.", -1, _SOON)


def _paid(order: Order, now: datetime) -> Standing:
    claim: ClaimRight | None = getattr(order, "claim", None)
    again = _LATER if _under_way(order) else 0
    if claim is None:
        return Standing("Paid", "Thank you. Your editions are being prepared.", 1, _SOON)
    if claim.frozen:
        text = "Thank you. A dispute about this payment is open; your editions wait for it."
        return Standing("Paid", text, 1, again)
    if order.gift and claim.holder_id is None:
        text = "Thank you. Give the link to whom it is for: who opens it first has the gift."
        return Standing("Your gift is ready", text, 1, again)
    if order.gift:
        text = "Your gift has been opened. It is on its way to its new owner's wallet."
        return Standing("Opened", text, 2, again or _LATER)
    if claim.hold_until > now:
        text = f"Thank you. Your editions are kept for you and will be minted after {_day(claim)}."
        return Standing("Paid", text, 1, again)
    if not getattr(order, "holder_ready", True):
        text = "Thank you. Your editions are kept for you: connect a wallet to receive them."
        return Standing("Paid", text, 1, again)
    text = "Thank you. Your editions are on their way to your wallet; this takes a minute or two."
    return Standing("Paid", text, 2, _SOON)


def received(order: Order) -> Standing:
    """A gift, as who has opened it sees it."""
    claim: ClaimRight = order.claim
    if order.state == State.FULFILLED:
        return Standing("Yours", "The editions are in your wallet.", 3)
    if claim.frozen or order.state == State.NEEDS_ATTENTION:
        return Standing("Yours, in a while", "Something about its payment has to be cleared.", 1)
    if claim.hold_until > timezone.now():
        return Standing("Yours", f"It is kept for you and will be minted after {_day(claim)}.", 1)
    if not getattr(order, "holder_ready", True):
        return Standing("Yours", "It is kept for you: connect a wallet to receive it.", 1)
    text = "It is on its way to your wallet; this takes a minute or two."
    return Standing("Yours", text, 2, _SOON)


def _given(order: Order) -> Standing:
    again = _LATER if _under_way(order) else 0
    if order.gift:
        return Standing("Given", "Your gift is in its new owner's wallet.", 3, again)
    return Standing("Yours", "The editions are in your wallet.", 3, again)


def _ended(order: Order) -> Standing:
    """Without editions. Where money is on its way back, that is what it is about."""
    if order.state == State.NEEDS_ATTENTION:
        return Standing("Something needs a look", reasons.text(order.reason), -2)
    backs = _moves(order)
    if not backs:
        return Standing("Not paid", reasons.text(order.reason), -2)
    text = reasons.text_of_return(max(backs, key=lambda one: one.created_at).reason)
    if _under_way(order):
        return Standing("On its way back", text, -2, _LATER)
    return Standing("Sent back", text, -2)


def steps(
    order: Order, attempt: PaymentAttempt | None, told: Standing, now: datetime
) -> list[Step]:
    """The way from the payment to "yours", with the time that each step took."""
    if told.place == -2:
        return []
    paid_at = attempt.confirmed_at if attempt is not None and told.place > 0 else None
    rows = [
        ("Payment checked" if told.place > 0 else "Checking the payment", None),
        ("Paid", paid_at),
        (_third(order, told), None),
        ("Given" if order.gift else "Yours", order.fulfilled_at),
    ]
    return [
        Step(text, _state(place, told), at, _since(place, told, paid_at, at, now))
        for place, (text, at) in enumerate(rows)
    ]


def _third(order: Order, told: Standing) -> str:
    claim: ClaimRight | None = getattr(order, "claim", None)
    if claim is None or told.place >= 2:
        return "Minted" if told.place == 3 else "Being minted"
    if order.gift and claim.holder_id is None:
        return "Opened by whom you give it to"
    if claim.hold_until > timezone.now():
        return f"Kept for you until {_day(claim)}, then minted"
    if not getattr(order, "holder_ready", True):
        return "Minted, once you have connected a wallet"
    return "Being minted"


def _state(place: int, told: Standing) -> str:
    """At place 1 the payment is there, so what is waited for is the next step."""
    here = 2 if told.place == 1 else told.place
    if place < here or told.place == 3:
        return "done"
    return "now" if place == here else "later"


def _since(
    place: int, told: Standing, paid_at: datetime | None, at: datetime | None, now: datetime
) -> int | None:
    if place == 0 and told.since is not None:
        return max(0, int((now - told.since).total_seconds()))
    if paid_at is None:
        return None
    if place == 3 and at is not None:
        return max(0, int((at - paid_at).total_seconds()))
    if place == 2 and told.place == 2:
        return max(0, int((now - paid_at).total_seconds()))
    return None


def _day(claim: ClaimRight) -> str:
    return f"{claim.hold_until:%-d %B %Y}"


_BACK: Final = {
    Refund.State.REQUESTED: "waits for a decision",
    Refund.State.DONE: "sent back",
    Refund.State.FAILED: "could not be sent back yet; we are looking into it",
}


def _moves(order: Order) -> list[Refund]:
    found = [one for attempt in order.attempts.all() for one in attempt.refunds.all()]
    return [one for one in found if one.state != Refund.State.CANCELLED]


def _under_way(order: Order) -> bool:
    over = (Refund.State.DONE, Refund.State.FAILED, Refund.State.REQUESTED)
    return any(one.state not in over for one in _moves(order))


def moves_back(order: Order) -> list[Back]:
    """Every payment that goes back or went, oldest first, and why."""
    return [
        Back(
            one.money,
            _BACK.get(Refund.State(one.state), "on its way back"),
            reasons.text(one.reason) if one.reason == reasons.DUPLICATE else "",
        )
        for one in sorted(_moves(order), key=lambda one: one.created_at)
    ]
