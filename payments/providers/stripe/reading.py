"""Stripe's objects in our words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from core.money import Money
from payments import reasons
from payments.providers.base import (
    DisputeState,
    DisputeStatus,
    ProviderState,
    RefundState,
    RefundStatus,
    Status,
)

_REFUNDS: Final = {
    "succeeded": RefundStatus.DONE,
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_DISPUTES: Final = {
    "warning_needs_response": DisputeStatus.OPENED,
    "needs_response": DisputeStatus.OPENED,
    "appeal_needs_response": DisputeStatus.OPENED,
    "warning_under_review": DisputeStatus.ANSWERED,
    "under_review": DisputeStatus.ANSWERED,
    "appeal_under_review": DisputeStatus.ANSWERED,
    "warning_closed": DisputeStatus.CLOSED_WARNING,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "prevented": DisputeStatus.PREVENTED,
}


def unpaid(session: Any) -> ProviderState:
    """A session without money in it."""
    if session.status == "expired":
        return ProviderState(Status.EXPIRED, reason=reasons.UNPAID)
    if session.status == "complete":  # a delayed method: the money is on its way
        return ProviderState(Status.PROCESSING)
    return ProviderState(Status.OPEN)


def delayed(intent: Any) -> ProviderState:
    """Of a complete session that is not paid: the money is on its way, or will not come."""
    if intent.status in ("processing", "succeeded"):
        return ProviderState(Status.PROCESSING)
    return ProviderState(Status.FAILED, reason=reasons.DECLINED, raw={"status": intent.status})


def paid(intent: Any, refunds: Sequence[RefundState], disputes: Sequence[Any]) -> ProviderState:
    """A payment intent that succeeded, with its charge expanded."""
    charge = intent.latest_charge
    balance = getattr(charge, "balance_transaction", None)
    asset = str(intent.currency).upper()
    fee = None
    if balance is not None and str(balance.currency).upper() == asset:
        fee = Money(asset, int(balance.fee))
    return ProviderState(
        Status.PAID,
        paid=Money(asset, int(intent.amount_received)),
        fee=fee,
        external_id=str(intent.id),
        occurred_at=datetime.fromtimestamp(charge.created, UTC),
        refunds=refunds,
        disputes=[dispute_state(one) for one in disputes],
    )


def refund_state(refund: Any) -> RefundState:
    return RefundState(
        _REFUNDS.get(str(refund.status), RefundStatus.PENDING),
        external_id=str(refund.id),
        amount=Money(str(refund.currency).upper(), int(refund.amount)),
        refund_id=_uuid(_metadata(refund).get("refund_id")),
        reason=str(getattr(refund, "failure_reason", None) or ""),
        occurred_at=datetime.fromtimestamp(refund.created, UTC),
    )


def dispute_state(dispute: Any) -> DisputeState:
    status = _DISPUTES.get(str(dispute.status), DisputeStatus.OPENED)
    if status is DisputeStatus.OPENED and dispute.balance_transactions:
        status = DisputeStatus.FUNDS_WITHDRAWN
    due = getattr(dispute.evidence_details, "due_by", None)
    return DisputeState(
        status,
        external_id=str(dispute.id),
        amount=Money(str(dispute.currency).upper(), int(dispute.amount)),
        reason=str(dispute.reason or ""),
        answer_by=datetime.fromtimestamp(due, UTC) if due else None,
    )


def attempt_id(thing: Any) -> UUID | None:
    """Ours, as it stands in the metadata."""
    return _uuid(_metadata(thing).get("attempt_id"))


def intent_of(session: Any) -> str:
    """The payment intent's id, whether it is expanded or not."""
    intent = session.payment_intent
    return str(getattr(intent, "id", intent) or "")


def _metadata(thing: Any) -> dict[str, str]:
    found = getattr(thing, "metadata", None)
    return dict(found.to_dict()) if found else {}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
