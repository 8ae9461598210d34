"""Money for a buyer out of the shop's own pocket: sales on chain are final, so it is a payout.

Nothing of the sale is turned back: artist, platform and referrer keep what they earned, and the
buyer keeps the editions. Four eyes, like every payout.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from core import audit
from core.money import Money
from payments import errors
from payments.models import LedgerAccount, Order, PaymentAttempt, Payout, PayoutBatch
from payments.services import states

PROVIDER: Final = "ton"
_SPENT: Final = (
    PayoutBatch.State.DRAFT,
    PayoutBatch.State.APPROVED,
    PayoutBatch.State.CONFIRMED,
    PayoutBatch.State.FAILED,
)


def goodwill_left(order: Order) -> Money:
    """What may still be given for a sale on chain: up to its price, all gifts together."""
    paid = _attempt(order)
    given = Payout.objects.filter(order=order, batch__state__in=_SPENT).values_list(
        "amount", flat=True
    )
    whole = paid.paid or 0 if paid and order.buyer else 0
    return Money(settings.NATIVE_COIN, whole - sum(given))


@transaction.atomic
def goodwill_request(*, order_id: UUID, amount: int, reason: str, actor: User) -> PayoutBatch:
    """A batch of one line to the buyer's address, charged to losses. Another person approves it.

    amount: nano. Raises ApplicationError refund_impossible (409) with a text that says why.
    """
    order = states.order_lock(pk=order_id)
    if order is None or order.state != Order.State.FULFILLED or _attempt(order) is None:
        raise errors.refund_impossible("Only a sale on chain is made good for by a payout.")
    if not reason.strip():
        raise errors.refund_impossible("Say why.")
    left = goodwill_left(order)
    if not 0 < amount <= left.amount:
        raise errors.refund_impossible(f"At most {left} can be given for this order.")
    batch = PayoutBatch.objects.create(
        channel=PayoutBatch.Channel.TON,
        asset=settings.NATIVE_COIN,
        hub=settings.TON_HUB_ADDRESS,
        created_by=actor,
    )
    Payout.objects.create(
        batch=batch,
        kind=LedgerAccount.Kind.LOSSES,
        owner=f"order:{order.pk}",
        payee=order.user,
        asset=settings.NATIVE_COIN,
        amount=amount,
        address=order.buyer or "",
        order=order,
        note=reason[:300],
    )
    audit.record(
        actor=actor,
        action="payments.goodwill_requested",
        target=batch,
        after={"order": str(order.pk), "amount": str(amount), "to": order.buyer},
        reason=reason,
    )
    return batch


def _attempt(order: Order) -> PaymentAttempt | None:
    confirmed = order.attempts.filter(
        provider=PROVIDER, state=PaymentAttempt.State.CONFIRMED, paid__gt=0
    )
    return confirmed.first()
