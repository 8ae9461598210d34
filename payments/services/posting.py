"""What each event of an off-chain sale does to the ledger. Keys make every one of them once.

payment   psp_clearing +   order_liability -          the money is at the provider, and owed
sale      order_liability +   shares -                 minted: the waterfall, each step its own leg
refund    order_liability +   refunds_due -            asked for; after the mint the sale is turned
          refunds_due +   psp_clearing -               back first
dispute   dispute_reserve +   psp_clearing -           withheld by the provider until it is decided
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db.models import Sum

from core.money import Money
from nft.selectors import split_of
from payments import ledger
from payments.ledger import Line
from payments.models import (
    Dispute,
    LedgerAccount,
    LedgerEntry,
    Leg,
    Order,
    PaymentAttempt,
    Refund,
)
from payments.services import waterfall
from payments.services.waterfall import Share

Kind = LedgerAccount.Kind
Entry = LedgerEntry.Kind
# Providers keep their fee when a payment goes back. Telegram takes its share only at the payout.
_KEPT: Final = (Kind.PSP_FEES,)
# Stands for an acquirer where a person has sent a refund by other means.
BY_HAND: Final = "by_hand"


def payment_post(*, attempt: PaymentAttempt) -> None:
    """A confirmed attempt: what arrived is at the provider, and we owe for it."""
    paid = Money(attempt.asset, attempt.paid or 0)
    ledger.post(
        key=f"payment:{attempt.pk}",
        kind=Entry.PAYMENT,
        order=attempt.order,
        attempt=attempt,
        on=attempt.confirmed_at.astimezone(UTC).date() if attempt.confirmed_at else None,
        legs=[
            Line(Kind.PSP_CLEARING, attempt.acquirer, paid),
            Line(Kind.ORDER_LIABILITY, str(attempt.order_id), -paid),
        ],
    )


def sale_post(*, order: Order, at: datetime) -> None:
    """The editions are given: what was owed for them is earned, step by step, at `at`'s rules.

    What had been refunded in part is not earned. at decides the rules, not the day of posting.
    """
    attempt = order.attempts.filter(
        state=PaymentAttempt.State.CONFIRMED, entries__kind=Entry.PAYMENT
    ).exclude(flags__contains=[PaymentAttempt.Flag.DUPLICATE])[0]
    gross = ledger.owed(Kind.ORDER_LIABILITY, str(order.pk), attempt.asset)
    if gross.amount <= 0:
        return
    steps = waterfall.split(
        gross=gross,
        rules=waterfall.rules_at(method=attempt.provider, asset=attempt.asset, at=at),
        acquirer=attempt.acquirer,
        platform_bps=order.platform_bps,
        referrer=str(order.referrer_id or ""),
        referral_bps=order.referral_bps,
        shares=[Share(one.owner, one.bps) for one in split_of(order.collection)],
        fee=None if attempt.fee is None else Money(attempt.asset, attempt.fee),
    )
    ledger.post(
        key=f"sale:{order.pk}",
        kind=Entry.SALE,
        order=order,
        attempt=attempt,
        memo=f"{order.quantity} of {order.collection.address}",
        on=at.astimezone(UTC).date(),
        legs=[
            Line(Kind.ORDER_LIABILITY, str(order.pk), gross),
            *(Line(Kind(step.kind), step.owner, -step.money) for step in steps),
        ],
    )


def refund_due_post(*, refund: Refund, order: Order) -> None:
    """It is to go back: out of what is owed, or out of what had been earned.

    After the mint only what is not owed again already is turned back: an earlier refund that
    failed has turned its part.
    """
    number = _times(refund, "due")
    if refund.after_mint:
        missing = refund.amount - _owed_for(refund.attempt)
        key = f"refund:{refund.pk}:turned:{number}"
        sale_turn(order=order, attempt=refund.attempt, amount=max(0, missing), key=key)
    ledger.post(
        key=f"refund:{refund.pk}:due:{number}",
        kind=Entry.REFUND,
        order=order,
        attempt=refund.attempt,
        legs=[
            Line(Kind.ORDER_LIABILITY, str(order.pk), refund.money),
            Line(Kind.REFUNDS_DUE, str(order.pk), -refund.money),
        ],
    )


def refund_due_reverse(*, refund: Refund, order: Order) -> None:
    """It could not be sent: we owe it again."""
    ledger.post(
        key=f"refund:{refund.pk}:failed:{_times(refund, 'failed')}",
        kind=Entry.REVERSAL,
        order=order,
        attempt=refund.attempt,
        legs=[
            Line(Kind.REFUNDS_DUE, str(order.pk), refund.money),
            Line(Kind.ORDER_LIABILITY, str(order.pk), -refund.money),
        ],
    )


def refund_done_post(*, refund: Refund, order: Order) -> None:
    """The provider has sent it, or a person by other means."""
    _refund_at_provider(refund, order, "done", refund.money, Entry.REFUND)


def refund_done_reverse(*, refund: Refund, order: Order) -> None:
    """The provider had sent it, and it came back."""
    _refund_at_provider(refund, order, "returned", -refund.money, Entry.REVERSAL)


def _refund_at_provider(
    refund: Refund, order: Order, what: str, money: Money, kind: LedgerEntry.Kind
) -> None:
    ledger.post(
        key=f"refund:{refund.pk}:{what}:{_times(refund, what)}",
        kind=kind,
        order=order,
        attempt=refund.attempt,
        legs=[
            Line(Kind.REFUNDS_DUE, str(order.pk), money),
            Line(Kind.BANK, "", -money)
            if refund.acquirer == BY_HAND
            else Line(Kind.PSP_CLEARING, refund.acquirer, -money),
        ],
    )


def _owed_for(attempt: PaymentAttempt) -> int:
    """Minor units of one payment that the shop owes: paid for, and neither given nor sent back."""
    legs = Leg.objects.filter(
        account__kind=Kind.ORDER_LIABILITY,
        account__owner=str(attempt.order_id),
        asset=attempt.asset,
        entry__attempt=attempt,
    )
    return -int(legs.aggregate(total=Sum("amount"))["total"] or 0)


def _times(refund: Refund, what: str) -> int:
    """A refund may fail and go through again: each time is an event of its own."""
    return LedgerEntry.objects.filter(key__startswith=f"refund:{refund.pk}:{what}:").count()


def sale_turn(*, order: Order, attempt: PaymentAttempt, amount: int, key: str) -> None:
    """So much of every step of the sale is owed to the buyer again, the remainder by the platform.

    A fee that the provider keeps is our loss and nobody else's. amount in minor units; below zero:
    it is earned again.
    """
    legs = list(
        Leg.objects.filter(entry__key=f"sale:{order.pk}")
        .exclude(account__kind=Kind.ORDER_LIABILITY)
        .select_related("account")
    )
    gross = -sum(leg.amount for leg in legs)
    if gross <= 0 or not amount:
        return
    lines: list[Line] = []
    for leg in legs:
        part = Money(leg.asset, -leg.amount * amount // gross)
        kept = leg.account.kind in _KEPT
        kind, owner = (Kind.LOSSES, "") if kept else (Kind(leg.account.kind), leg.account.owner)
        lines.append(Line(kind, owner, part))
    rest = amount - sum(line.money.amount for line in lines)
    lines.append(Line(Kind.PLATFORM_REVENUE, "", Money(attempt.asset, rest)))
    lines.append(Line(Kind.ORDER_LIABILITY, str(order.pk), Money(attempt.asset, -amount)))
    ledger.post(key=key, kind=Entry.REVERSAL, order=order, attempt=attempt, legs=_merged(lines))


def loss_post(*, order: Order, money: Money, key: str, memo: str) -> None:
    """More went back to the buyer than was owed to him: it is the shop's loss."""
    ledger.post(
        key=key,
        kind=Entry.CORRECTION,
        order=order,
        memo=memo,
        legs=[
            Line(Kind.LOSSES, "", money),
            Line(Kind.ORDER_LIABILITY, str(order.pk), -money),
        ],
    )


def _merged(lines: list[Line]) -> list[Line]:
    """One leg an account."""
    sums: dict[tuple[LedgerAccount.Kind, str], Money] = {}
    for line in lines:
        place = (line.kind, line.owner)
        sums[place] = sums[place] + line.money if place in sums else line.money
    return [Line(kind, owner, money) for (kind, owner), money in sums.items()]


def dispute_withdrawn_post(*, dispute: Dispute, order: Order) -> None:
    """The provider has taken the disputed money out of what it holds for us."""
    money = Money(dispute.asset, dispute.amount)
    ledger.post(
        key=f"dispute:{dispute.pk}:withdrawn",
        kind=Entry.DISPUTE,
        order=order,
        attempt=dispute.attempt,
        legs=[
            Line(Kind.DISPUTE_RESERVE, dispute.acquirer, money),
            Line(Kind.PSP_CLEARING, dispute.acquirer, -money),
        ],
    )


def dispute_won_post(*, dispute: Dispute, order: Order) -> None:
    """It came back; when it had never been taken, nothing moves."""
    if not LedgerEntry.objects.filter(key=f"dispute:{dispute.pk}:withdrawn").exists():
        return
    money = Money(dispute.asset, dispute.amount)
    ledger.post(
        key=f"dispute:{dispute.pk}:won",
        kind=Entry.REVERSAL,
        order=order,
        attempt=dispute.attempt,
        legs=[
            Line(Kind.PSP_CLEARING, dispute.acquirer, money),
            Line(Kind.DISPUTE_RESERVE, dispute.acquirer, -money),
        ],
    )


def _not_sent_back(attempt: PaymentAttempt) -> int:
    """Minor units of a payment that neither went back nor are to. An order may have several."""
    back = attempt.refunds.exclude(state__in=Refund.DEAD)
    return (attempt.paid or 0) - sum(back.values_list("amount", flat=True))


def dispute_lost_post(*, dispute: Dispute, order: Order, undelivered: bool) -> None:
    """It is gone: against what we still owed for this payment, and for the rest at our loss."""
    money = Money(dispute.asset, dispute.amount)
    owed = ledger.owed(Kind.ORDER_LIABILITY, str(order.pk), dispute.asset)
    kept = Money(dispute.asset, _not_sent_back(dispute.attempt))
    owing = min(money, owed, kept) if undelivered else Money(dispute.asset, 0)
    ledger.post(
        key=f"dispute:{dispute.pk}:lost",
        kind=Entry.DISPUTE,
        order=order,
        attempt=dispute.attempt,
        legs=[
            Line(Kind.ORDER_LIABILITY, str(order.pk), owing),
            Line(Kind.LOSSES, "", money - owing),
            Line(Kind.DISPUTE_RESERVE, dispute.acquirer, -money),
        ],
    )
