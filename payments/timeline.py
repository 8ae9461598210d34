"""The story of an order for staff: all that was written down about it, in one line of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.money import Money
from payments.models import Dispute, Order, PaymentEvent, Refund

# In this order when two things carry the same time: what moved, then what was booked for it.
_RANK: Final = {"order": 0, "payment": 1, "refund": 2, "dispute": 3, "ledger": 4}
_HIDDEN: Final = frozenset({"who", "note"})


@dataclass(frozen=True, slots=True)
class Line:
    """One leg as staff read it."""

    account: str
    money: Money


@dataclass(frozen=True, slots=True)
class Moment:
    """kind: order, payment, refund, dispute or ledger. who: a person or a part of ours."""

    at: datetime
    kind: str
    title: str
    who: str = ""
    note: str = ""
    facts: Sequence[tuple[str, str]] = ()
    legs: Sequence[Line] = ()


def timeline(order: Order) -> list[Moment]:
    """Oldest first. Five queries, however long the story is."""
    moments = [
        *_moves(order),
        *_refunds(order),
        *_disputes(order),
        *_entries(order),
    ]
    return sorted(moments, key=lambda one: (one.at, _RANK[one.kind]))


def _moves(order: Order) -> Iterator[Moment]:
    states = dict(Order.State.choices)
    for event in order.events.select_related("attempt").order_by("id"):
        of_payment = event.attempt is not None
        before = event.from_state.replace("_", " ")
        after = states.get(event.to_state, event.to_state.replace("_", " ").capitalize())
        yield Moment(
            at=event.at,
            kind="payment" if of_payment else "order",
            title=_title(event, after, before),
            who=str(event.details.get("who", event.cause)),
            note=str(event.details.get("note", "")),
            facts=_facts(event.details),
        )


def _title(event: PaymentEvent, after: str, before: str) -> str:
    what = f"Payment by {event.attempt.provider}" if event.attempt else "Order"
    came = f" (was {before})" if before and before != event.to_state.replace("_", " ") else ""
    return f"{what}: {after.lower()}{came}"


def _facts(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), str(value)[:200])
        for name, value in details.items()
        if name not in _HIDDEN and value not in ("", None) and not isinstance(value, dict | list)
    ]


def _refunds(order: Order) -> Iterator[Moment]:
    rows = Refund.objects.filter(attempt__order=order).select_related(
        "requested_by", "approved_by", "attempt"
    )
    for one in rows.order_by("id"):
        asked = str(one.requested_by or one.get_origin_display())
        facts = [
            ("refund", str(one.pk)),
            ("state", one.get_state_display()),
            ("by", "another way" if one.acquirer == "by_hand" else one.acquirer),
        ]
        facts += [("reference", one.external_id)] if one.external_id else []
        facts += [("approved by", str(one.approved_by))] if one.approved_by else []
        facts += [("error", one.error)] if one.error else []
        yield Moment(
            one.created_at, "refund", f"Refund of {one.money} asked for", asked, one.note, facts
        )
        if one.done_at is not None:
            yield Moment(one.done_at, "refund", f"Refund of {one.money} done", one.acquirer)


def _disputes(order: Order) -> Iterator[Moment]:
    for one in Dispute.objects.filter(attempt__order=order).order_by("id"):
        money = Money(one.asset, one.amount)
        facts = [("dispute", one.external_id), ("state", one.get_state_display())]
        facts += [("reason", one.reason)] if one.reason else []
        facts += [("answer by", f"{one.answer_by:%d %b %Y, %H:%M} UTC")] if one.answer_by else []
        yield Moment(
            one.created_at, "dispute", f"Dispute of {money} opened", one.acquirer, facts=facts
        )
        if one.closed_at is not None:
            yield Moment(one.closed_at, "dispute", f"Dispute {one.get_state_display().lower()}")


def _entries(order: Order) -> Iterator[Moment]:
    for entry in order.entries.prefetch_related("legs__account").order_by("id"):
        yield Moment(
            at=entry.posted_at,
            kind="ledger",
            title=f"Booked: {entry.get_kind_display().lower()}",
            note=entry.memo,
            facts=[("key", entry.key)],
            legs=[
                Line(f"{leg.account.get_kind_display()}{_owner(leg.account.owner, order)}",
                     Money(leg.asset, leg.amount))
                for leg in entry.legs.all()
            ],
        )  # fmt: skip


def _owner(owner: str, order: Order) -> str:
    return f" ({owner})" if owner and owner != str(order.pk) else ""
