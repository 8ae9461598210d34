"""Where a report's line belongs in our books, and the legs that it makes.

payment   bank + net   psp_fees + our fee   rule_difference + theirs less ours   clearing - gross
refund    bank - what the payout was less by   clearing + what we had counted as sent back
dispute   as a refund; its fee is a difference to our rules
fee       bank - fee   rule_difference + fee

Our fee is what the sale has put into psp_fees, or will. A payment that went back before the mint
never makes a sale: the fee that the provider keeps of it is a loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Sum

from core.money import Money
from payments.ledger import Line
from payments.models import (
    Dispute,
    LedgerAccount,
    LedgerEntry,
    Leg,
    Order,
    PaymentAttempt,
    ProviderReportLine,
    Refund,
)
from payments.providers.report import LineKind
from payments.services import waterfall

Kind = LedgerAccount.Kind
_ENDED: Final = (Order.State.CANCELLED, Order.State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Placed:
    """What a line is about, and its legs; or why it cannot be placed (then there are none)."""

    legs: tuple[Line, ...] = ()
    why: str = ""
    attempt: PaymentAttempt | None = None
    refund: Refund | None = None
    dispute: Dispute | None = None


def place(line: ProviderReportLine) -> Placed:
    """Find the payment, refund or dispute of a line. Writes nothing."""
    if line.kind == LineKind.PAYMENT:
        return _payment(line)
    if line.kind == LineKind.REFUND:
        return _refund(line)
    if line.kind == LineKind.DISPUTE:
        return _dispute(line)
    return Placed(legs=_plain(line, Money(line.asset, 0)))


def _plain(line: ProviderReportLine, cleared: Money) -> tuple[Line, ...]:
    """What left the clearing account came to the bank; all else differs from our rules."""
    net = line.money("net")
    return _legs(
        Line(Kind.BANK, "", net),
        Line(Kind.PSP_CLEARING, line.source, -cleared),
        Line(Kind.RULE_DIFFERENCE, line.source, cleared - net),
    )


def _legs(*lines: Line) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.money)


# --- payments -------------------------------------------------------------------------------------


def _payment(line: ProviderReportLine) -> Placed:
    attempt = _attempt(line)
    if attempt is None:
        return Placed(why="We know of no such payment.")
    paid = Money(attempt.asset, attempt.paid or 0)
    if paid != line.money("gross"):
        return Placed(why=f"We know of {paid}.", attempt=attempt)
    ours, account = _our_fee(attempt)
    theirs = line.money("fee")
    return Placed(
        attempt=attempt,
        legs=_legs(
            Line(Kind.BANK, "", line.money("net")),
            Line(account, line.source if account == Kind.PSP_FEES else "", ours),
            Line(Kind.RULE_DIFFERENCE, line.source, theirs - ours),
            Line(Kind.PSP_CLEARING, line.source, -paid),
        ),
    )


def _attempt(line: ProviderReportLine) -> PaymentAttempt | None:
    if not line.reference:
        return None
    known = PaymentAttempt.objects.select_related("order").filter(
        acquirer=line.source,
        external_id=line.reference,
        state=PaymentAttempt.State.CONFIRMED,
    )
    return known.first()


def _our_fee(attempt: PaymentAttempt) -> tuple[Money, LedgerAccount.Kind]:
    """The fee by our books, and the account that it is taken from."""
    sold = LedgerEntry.objects.filter(attempt=attempt, kind=LedgerEntry.Kind.SALE).first()
    if sold is not None:
        return _taken_by(sold, attempt), Kind.PSP_FEES
    fee = _expected(attempt)
    duplicate = PaymentAttempt.Flag.DUPLICATE in attempt.flags
    dead = duplicate or attempt.order.state in _ENDED
    return fee, Kind.LOSSES if dead else Kind.PSP_FEES


def _taken_by(sale: LedgerEntry, attempt: PaymentAttempt) -> Money:
    total = Leg.objects.filter(entry=sale, account__kind=Kind.PSP_FEES).aggregate(
        total=Sum("amount")
    )["total"]
    return Money(attempt.asset, -int(total or 0))


def _expected(attempt: PaymentAttempt) -> Money:
    """What the sale will take: the provider's own word, or the rule of the day."""
    if attempt.fee is not None:
        return Money(attempt.asset, attempt.fee)
    rules = waterfall.rules_at(
        method=attempt.provider,
        asset=attempt.asset,
        at=attempt.confirmed_at or attempt.created_at,
    )
    gross = Money(attempt.asset, attempt.paid or 0)
    return gross.share(rules.fee_bps) + Money(attempt.asset, rules.fee_fixed)


# --- what went back -------------------------------------------------------------------------------


def _refund(line: ProviderReportLine) -> Placed:
    refund = _refund_row(line)
    if refund is None:
        return Placed(why="We know of no such refund.")
    if refund.money != -line.money("gross"):
        return Placed(why=f"We know of a refund of {refund.money}.", refund=refund)
    if refund.state != Refund.State.DONE:
        return Placed(why=f"Our refund is {refund.get_state_display().lower()}.", refund=refund)
    return Placed(
        refund=refund,
        attempt=refund.attempt,
        legs=(*_plain(line, -refund.money), *_fee_of_no_sale(line, refund.attempt)),
    )


def _refund_row(line: ProviderReportLine) -> Refund | None:
    """By its own name; where the file has only the payment's: the oldest of that amount."""
    rows = Refund.objects.select_related("attempt__order").filter(acquirer=line.source)
    if line.other and (found := rows.filter(external_id=line.other).first()):
        return found
    if not line.reference:
        return None
    settled = ProviderReportLine.objects.filter(
        state=ProviderReportLine.State.POSTED, refund__isnull=False, kind=LineKind.REFUND.value
    ).values("refund")
    mine = rows.filter(attempt__external_id=line.reference, amount=-line.gross)
    return mine.exclude(pk__in=settled).order_by("created_at").first()


def _fee_of_no_sale(line: ProviderReportLine, attempt: PaymentAttempt) -> Iterable[Line]:
    """The fee of a payment that we had thought to sell for: nobody bears it but we."""
    if attempt.order.state not in _ENDED:
        return ()
    if LedgerEntry.objects.filter(attempt=attempt, kind=LedgerEntry.Kind.SALE).exists():
        return ()
    legs = Leg.objects.filter(
        entry__attempt=attempt,
        entry__key__startswith="report:",
        account__kind=Kind.PSP_FEES,
    )
    left = Money(line.asset, int(legs.aggregate(total=Sum("amount"))["total"] or 0))
    return _legs(Line(Kind.LOSSES, "", left), Line(Kind.PSP_FEES, line.source, -left))


def _dispute(line: ProviderReportLine) -> Placed:
    found = (
        Dispute.objects.select_related("attempt")
        .filter(acquirer=line.source, external_id=line.other or line.reference)
        .first()
    )
    if found is None:
        return Placed(why="We know of no such dispute.")
    money = Money(found.asset, found.amount)
    if line.money("gross") not in (money, -money):
        return Placed(why=f"We know of a dispute about {money}.", dispute=found)
    what = "withdrawn" if line.gross < 0 else "won"
    if not LedgerEntry.objects.filter(key=f"dispute:{found.pk}:{what}").exists():
        return Placed(why=f"By our books it is not {what}.", dispute=found)
    return Placed(dispute=found, attempt=found.attempt, legs=_plain(line, line.money("gross")))
