"""Reads of payments. The number of queries does not grow with the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Wallet
from nft.models import Item
from payments.models import ClaimRight, Order, PaymentAttempt, Receipt, Refund


def orders() -> QuerySet[Order]:
    """Orders as representation.orders() wants them."""
    proved = Wallet.objects.filter(user=OuterRef("claim__holder"), revoked_at__isnull=True)
    return (
        Order.objects.select_related("claim")
        .prefetch_related("attempts__refunds", _receipts())
        .annotate(holder_ready=Exists(proved))
    )


def _receipts() -> Prefetch[str]:
    """Oldest first; what stands on them is big and stays where it is."""
    return Prefetch("receipts", Receipt.objects.defer("content").order_by("pk"))


def orders_of(user_id: UUID) -> QuerySet[Order]:
    """The caller's own, newest first."""
    return orders().filter(user_id=user_id).order_by("-id")


def order_of(user_id: UUID, order_id: UUID) -> Order | None:
    """None for an order that is somebody else's, as for one that is not there."""
    return orders_of(user_id).filter(pk=order_id).first()


def claims_of(user_id: UUID) -> QuerySet[ClaimRight]:
    """What is kept for the caller and not minted yet, newest first; gifts that he opened too."""
    proved = Wallet.objects.filter(user=OuterRef("holder"), revoked_at__isnull=True)
    waiting = (ClaimRight.State.OPEN, ClaimRight.State.SETTLING)
    return (
        ClaimRight.objects.select_related("order")
        .filter(holder_id=user_id, state__in=waiting)
        .annotate(holder_ready=Exists(proved))
        .order_by("-id")
    )


def gifts_received(user_id: UUID) -> QuerySet[ClaimRight]:
    """Gifts by link that the caller opened, newest first, whatever became of them since."""
    return (
        ClaimRight.objects.select_related("order__user")
        .filter(holder_id=user_id, gift_hash__isnull=False)
        .exclude(order__user_id=user_id)
        .order_by("-id")
    )


def items_of(rows: Sequence[Order]) -> dict[UUID, list[Item]]:
    """The editions that each order gave, in order, all in one query."""
    spans = {row.pk: _span(row) for row in rows}
    wanted = [
        Q(collection_id=row.collection_id, index__range=(spans[row.pk][0], spans[row.pk][-1]))
        for row in rows
        if spans[row.pk]
    ]
    found: dict[UUID, dict[int, Item]] = defaultdict(dict)
    if wanted:
        for item in Item.objects.filter(reduce(or_, wanted)):
            found[item.collection_id][item.index] = item
    return {
        row.pk: [
            found[row.collection_id][index]
            for index in spans[row.pk]
            if index in found[row.collection_id]
        ]
        for row in rows
    }


def _span(row: Order) -> range:
    if row.first_index is None:
        return range(0)
    return range(row.first_index, row.first_index + row.quantity)


MONEY_STATUSES: Final = (
    "unpaid", "partial", "paid", "overpaid", "refunded_part", "refunded", "disputed",
)  # fmt: skip


def money_status(attempts: Iterable[PaymentAttempt]) -> str:
    """One of MONEY_STATUSES: derived from payments and refunds, stored nowhere.

    Each payment is measured by what was asked in its own asset; the worst one tells.
    """
    confirmed = [one for one in attempts if one.state == PaymentAttempt.State.CONFIRMED]
    if not confirmed:
        return "unpaid"
    returned = [_returned(one) for one in confirmed]
    if any(returned):
        left = any(back < (one.paid or 0) for one, back in zip(confirmed, returned, strict=True))
        return "refunded_part" if left else "refunded"
    flags = {flag for one in confirmed for flag in one.flags}
    if {"short", "foreign_currency"} & flags:
        return "partial"
    return "overpaid" if len(confirmed) > 1 or "over" in flags else "paid"


def _returned(attempt: PaymentAttempt) -> int:
    """Minor units that went back, or are on their way."""
    gone = (Refund.State.REQUESTED, *Refund.DEAD)
    return sum(one.amount for one in attempt.refunds.all() if one.state not in gone)


def orders_due(now: datetime, limit: int, after: UUID | None = None) -> list[Order]:
    """Unpaid orders whose time is over, oldest first, from behind `after` on."""
    due = Order.objects.filter(state=Order.State.AWAITING_PAYMENT, expires_at__lte=now)
    if after is not None:
        due = due.filter(pk__gt=after)
    return list(
        due.select_related("collection").prefetch_related("attempts").order_by("pk")[:limit]
    )


def orders_by_state() -> dict[str, int]:
    """How many orders are in each state, zeros included."""
    counts = dict(Order.objects.order_by().values_list("state").annotate(number=Count("pk")))
    return {state: counts.get(state, 0) for state in Order.State.values}
