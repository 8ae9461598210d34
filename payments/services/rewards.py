"""Referral rewards that are in doubt: held while a flag is open, taken back when it was fraud.

Held is told by `earnings`: a leg of a flagged attribution is owed and not payable. A decision
moves no more than it has to: cleared, the hold is simply gone; confirmed, every reward of that
attribution goes back into the platform's revenue, and so does what is booked later. A decision
that is changed turns the same way round.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from accounts.models import User
from core.locks import lock
from core.money import Money
from payments import errors, ledger
from payments.ledger import Line
from payments.models import LedgerAccount, LedgerEntry, Leg, Order
from referrals import services as referrals
from referrals.models import Attribution, FraudFlag

Kind = LedgerAccount.Kind
State = FraudFlag.State
DECIDE: Final = "referrals.change_fraudflag"
_OURS: Final = "reward:"


@transaction.atomic
def flag_decide(*, flag_id: UUID, state: FraudFlag.State, reason: str, actor: User) -> FraudFlag:
    """What a person found about a flag, and what follows for the money.

    Raises ApplicationError not_allowed (403), note_required (400), own_request (403).
    """
    if not actor.has_perm(DECIDE):
        raise errors.not_allowed()
    if not reason.strip():
        raise errors.note_required()
    flag = FraudFlag.objects.select_for_update(of=("self",)).select_related("attribution").get(
        pk=flag_id
    )  # fmt: skip
    who = flag.attribution
    if actor.pk in (who.user_id, who.referrer_id):
        raise errors.own_request()
    if referrals.flag_close(flag=flag, state=state, reason=reason, actor=actor):
        rewards_settle(attribution=who)
    return flag


@transaction.atomic
def rewards_settle(*, attribution: Attribution) -> int:
    """Bring the ledger in line with what was decided; how many entries that took.

    By order and asset: natural is what sales and refunds left, ours what was posted here. Fraud:
    both make zero. Otherwise ours is zero.
    """
    lock(f"rewards:{attribution.pk}")
    fraud = attribution.flags.filter(state=State.CONFIRMED).exists()
    posted = 0
    for order_id, asset, natural, ours in _sums(attribution):
        move = (-natural if fraud else 0) - ours
        if move:
            _post(order_id, str(attribution.referrer_id), Money(asset, move), fraud=fraud)
            posted += 1
    return posted


def rewards_of(attribution: Attribution) -> list[tuple[str, int]]:
    """By asset what this attribution has earned its referrer so far, in minor units."""
    found: dict[str, int] = {}
    for _, asset, natural, ours in _sums(attribution):
        found[asset] = found.get(asset, 0) - natural - ours
    return sorted(found.items())


def rewards_watch() -> int:
    """Take back what was booked since: sales that were under way when the fraud was found."""
    guilty = Attribution.objects.filter(flags__state=State.CONFIRMED).distinct()
    return sum(rewards_settle(attribution=one) for one in guilty)


def _sums(attribution: Attribution) -> list[tuple[UUID, str, int, int]]:
    """Order, asset, what others posted of the reward, what we did. Minor units, credits below."""
    rows = (
        Leg.objects.filter(
            account__kind=Kind.REFERRAL_PAYABLE,
            account__owner=str(attribution.referrer_id),
            entry__order__user_id=attribution.user_id,
        )
        .order_by()
        .values_list("entry__order_id", "asset")
        .annotate(
            natural=Sum("amount", filter=~Q(entry__key__startswith=_OURS), default=0),
            ours=Sum("amount", filter=Q(entry__key__startswith=_OURS), default=0),
        )
    )
    return [(order, asset, int(natural), int(ours)) for order, asset, natural, ours in rows]


def _post(order_id: UUID, owner: str, money: Money, *, fraud: bool) -> None:
    order = Order.objects.get(pk=order_id)
    times = LedgerEntry.objects.filter(key__startswith=f"{_OURS}{order_id}:").count()
    ledger.post(
        key=f"{_OURS}{order_id}:{times}",
        kind=LedgerEntry.Kind.REVERSAL,
        order=order,
        memo="referral fraud" if fraud else "referral cleared",
        legs=[
            Line(Kind.REFERRAL_PAYABLE, owner, money),
            Line(Kind.PLATFORM_REVENUE, "", -money),
        ],
    )
