"""An order that waits for a person: the facts that decide, and the ways out they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Sum

from core.money import Money
from payments import reasons
from payments.models import ClaimRight, LedgerAccount, Leg, Order, PaymentAttempt, Refund
from payments.providers import provider

Claim = ClaimRight.State
UNDER_WAY: Final = (
    Refund.State.REQUESTED,
    Refund.State.APPROVED,
    Refund.State.SUBMITTING,
    Refund.State.UNKNOWN,
    Refund.State.PENDING,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """payment: what was paid for the order, duplicates aside; left: what of it is still here.

    failed: refunds that could not be sent and were not sent another way. owed: per asset what the
    books say the buyer has to get; below zero when he got more.
    """

    order: Order
    claim: ClaimRight | None
    payment: PaymentAttempt | None
    left: Money | None
    failed: Sequence[Refund]
    under_way: bool
    disputed: bool
    owed: Sequence[Money]

    @property
    def minted(self) -> bool:
        return self.claim is not None and self.claim.state == Claim.SETTLED

    @property
    def minting(self) -> bool:
        return self.claim is not None and self.claim.state == Claim.SETTLING


def facts(order: Order) -> Facts:
    """As they are now; who decides by them holds the order's lock."""
    paid = list(
        order.attempts.filter(state=PaymentAttempt.State.CONFIRMED).prefetch_related(
            "refunds", "disputes"
        )
    )
    payment = next((one for one in paid if PaymentAttempt.Flag.DUPLICATE not in one.flags), None)
    refunds = [(one, refund) for one in paid for refund in one.refunds.all()]
    return Facts(
        order=order,
        claim=ClaimRight.objects.filter(order=order).first(),
        payment=payment,
        left=Money(payment.asset, _left(payment)) if payment else None,
        failed=[
            refund
            for one, refund in refunds
            if refund.state == Refund.State.FAILED and refund.amount <= _left(one)
        ],
        under_way=any(refund.state in UNDER_WAY for _, refund in refunds),
        disputed=any(one.closed_at is None for each in paid for one in each.disputes.all()),
        owed=_owed(order),
    )


def _left(attempt: PaymentAttempt) -> int:
    gone = sum(one.amount for one in attempt.refunds.all() if one.state not in Refund.DEAD)
    return (attempt.paid or 0) - gone


def _owed(order: Order) -> list[Money]:
    rows = (
        Leg.objects.filter(
            account__kind=LedgerAccount.Kind.ORDER_LIABILITY, account__owner=str(order.pk)
        )
        .order_by("asset")
        .values("asset")
        .annotate(total=Sum("amount"))
    )
    return [Money(row["asset"], -int(row["total"])) for row in rows if row["total"]]


def ways(known: Facts) -> tuple[str, ...]:
    """What may be done now, the best first: those of the order's reason that the facts allow."""
    if known.order.state != Order.State.NEEDS_ATTENTION:
        return ()
    wanted = reasons.ways_out(known.order.reason)
    return tuple(way for way in wanted if not why_not(way, known))


def why_not(way: str, known: Facts) -> str:
    """The refusal's text; "" when the way is open. An order's reason is not asked about here."""
    refusal = {
        "accept": _why_not_accept,
        "refund": _why_not_refund,
        "retry": _why_not_retry,
        "by_hand": _why_not_retry,
        "mint_again": _why_not_mint,
        "close": _why_not_close,
    }.get(way)
    return refusal(known) if refusal else "There is no such way."


def _why_not_accept(known: Facts) -> str:
    payment = known.payment
    if payment is None or known.left is None:
        return "No payment has arrived that could be taken."
    if known.claim is not None:
        return "The payment has been taken already."
    if known.under_way or known.left.amount != payment.paid:
        return "A refund of it is under way."
    if payment.asset not in provider(payment.provider).capabilities.hub_methods:
        return f"Editions paid in {payment.asset} cannot be minted: the hub does not know it."
    return ""


def _why_not_refund(known: Facts) -> str:
    if known.minting:
        return "The editions are being minted; look again when they are."
    if known.payment is None or known.left is None or known.left.amount <= 0:
        return "Nothing is left to be sent back."
    if not provider(known.payment.provider).capabilities.refunds:
        return "Payments by this method are final."
    if known.under_way:
        return "A refund is under way."
    return ""


def _why_not_retry(known: Facts) -> str:
    if known.minting:
        return "The editions are being minted; look again when they are."
    return "" if known.failed else "No refund waits to be sent again."


def _why_not_mint(known: Facts) -> str:
    if known.claim is None or known.claim.state != Claim.OPEN:
        return "There is no claim that could be minted."
    if known.claim.frozen or known.disputed:
        return "A dispute is open: nothing is minted until it is decided."
    if known.under_way:
        return "A refund is under way."
    return ""


def _why_not_close(known: Facts) -> str:
    if known.minting:
        return "The editions are being minted; look again when they are."
    if known.disputed:
        return "A dispute is open."
    return "A refund is under way." if known.under_way else ""


# --- closing: where the money stays ---------------------------------------------------------------

OWED: Final = "owed"
EARNED: Final = "earned"
LOSS: Final = "loss"
NOTHING: Final = "nothing"


def bookings(known: Facts) -> list[tuple[str, str]]:
    """Where the money may stay when the order is closed, the most careful way first."""
    owed = [money for money in known.owed if money.amount > 0]
    if any(money.amount < 0 for money in known.owed):
        more = ", ".join(str(-money) for money in known.owed if money.amount < 0)
        return [(LOSS, f"{more} went back beyond what was owed: the shop's loss")]
    if not owed:
        return [(NOTHING, "Nothing is owed any more: the books stay as they are")]
    shown = ", ".join(str(money) for money in owed)
    found = [(OWED, f"{shown} stays owed to the buyer (account order_liability)")]
    if known.minted:
        found.append((EARNED, f"{shown} is earned after all: the buyer keeps the editions"))
    return found
