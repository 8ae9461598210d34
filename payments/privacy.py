"""What the books hold of a person: orders, claims, earnings. Sums stay, names do not."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from core import privacy
from core.privacy import Obstacle
from payments.models import (
    AccountingPeriod,
    Case,
    ClaimRight,
    Leg,
    Order,
    Payout,
    PayoutBatch,
    PayoutChoice,
    ProviderReport,
    ReconciliationRun,
    Refund,
    StarsConversion,
    Statement,
)
from payments.services.earnings import accounts_of, balances_of

privacy.holds(PayoutChoice)
privacy.holds(Order, ClaimRight, Payout, kept="the books need every sale; it then names nobody")
privacy.holds(Statement, kept="papers that were issued stay as they are: tax law asks for them")
privacy.holds(
    PayoutBatch, Refund, AccountingPeriod, Case, ProviderReport, ReconciliationRun, StarsConversion,
    kept="which member of staff decided what stays to be read",
)  # fmt: skip
_ORDERS: Final = (
    Order.State.AWAITING_PAYMENT,
    Order.State.PAID,
    Order.State.FULFILLING,
    Order.State.NEEDS_ATTENTION,
)
_CLAIMS: Final = (ClaimRight.State.OPEN, ClaimRight.State.SETTLING)
_REFUNDS: Final = (*Refund.DEAD, Refund.State.DONE)


@privacy.on_export("payments")
def export(user_id: UUID) -> dict[str, Any]:
    user = User.objects.get(pk=user_id)
    return {
        "orders": list(
            Order.objects.filter(user_id=user_id).values(
                "id", "collection__release__title", "quantity", "asset", "total", "state",
                "country", "email", "recipient", "buyer", "gift", "created_at", "fulfilled_at",
            )
        ),
        "claims": list(
            ClaimRight.objects.filter(holder_id=user_id).values(
                "id", "collection__release__title", "quantity", "state", "recipient", "gift_note",
                "created_at", "settled_at",
            )
        ),
        "earnings": list(
            Leg.objects.filter(_mine(user)).order_by("id").values(
                "entry__kind", "entry__posted_at", "account__kind", "asset", "amount"
            )
        ),
        "payouts": list(
            Payout.objects.filter(payee_id=user_id).values(
                "batch__channel", "batch__state", "asset", "amount", "address", "returned_at"
            )
        ),
        "statements": list(
            Statement.objects.filter(payee_id=user_id).values("year", "number", "month", "content")
        ),
        "payout_choice": PayoutChoice.objects.filter(user_id=user_id).values("in_coins").first(),
    }  # fmt: skip


def _mine(user: User) -> Q:
    whose = Q()
    for kind, owner in accounts_of(user):
        whose |= Q(account__kind=kind, account__owner=owner)
    return whose


@privacy.on_erase("payments")
def erase(user_id: UUID) -> None:
    """Amounts, drops and days stay. Where a receipt went and from which country goes."""
    PayoutChoice.objects.filter(user_id=user_id).delete()
    Order.objects.filter(user_id=user_id).update(email="", country="")
    ClaimRight.objects.filter(Q(holder_id=user_id) | Q(order__user_id=user_id)).update(gift_note="")


@privacy.on_erase_refused("payments")
def open_money(user_id: UUID) -> list[Obstacle]:
    """Orders under way, editions that are owed, money that is on its way or due."""
    # What is kept until it can be minted counts as a claim: a gift that was opened as the friend's.
    kept = Q(state=Order.State.FULFILLING, claim__isnull=False)
    orders = Order.objects.filter(user_id=user_id, state__in=_ORDERS).exclude(kept).count()
    claims = ClaimRight.objects.filter(
        Q(holder_id=user_id) | Q(order__user_id=user_id, holder__isnull=True), state__in=_CLAIMS
    ).count()
    back = Refund.objects.filter(attempt__order__user_id=user_id).exclude(state__in=_REFUNDS)
    found = [
        Obstacle("open_order", "Pay for your order, or let it run out.", orders, "/app/orders"),
        Obstacle("open_claim", "Editions are on their way to you.", claims, "/app/collection"),
        Obstacle("open_refund", "Wait until the money is back.", back.count(), "/app/orders"),
        Obstacle(
            "payout_due", "Earnings wait to be paid out to you.", _due(user_id), "/app/referrals"
        ),
    ]
    return [one for one in found if one.count]


def _due(user_id: UUID) -> int:
    """In how many assets there is something to pay out, held, or under way. Crumbs below the
    least payout stay in the books: they are given up with the account, as its page says.
    """
    least: dict[str, int] = settings.PAYOUT_MINIMUM
    return sum(
        1
        for one in balances_of(User.objects.get(pk=user_id))
        if one.held.amount > 0
        or one.under_way.amount > 0
        or one.payable.amount >= least.get(one.payable.asset, 1)
    )
