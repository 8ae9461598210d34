"""The one message that buys: what the wallet is asked to sign."""

from __future__ import annotations

from typing import Any

from pytoniq_core import Address

from accounts.models import Wallet
from contracts import collection as contract
from core.ton import connect
from core.ton.addresses import address
from payments.models import Order, PaymentAttempt
from payments.providers.ton import prices


def transaction(attempt: PaymentAttempt) -> dict[str, Any]:
    """A TON Connect transaction: one `buy` to the drop's collection, from the attempt's wallet.

    The price it may cost at most is the order's; what is attached is what the contract asks for,
    to the nano. Raises ChainError as prices.attach does.
    """
    order = attempt.order
    referrer = referrer_wallet(order)
    gift = order.recipient is not None and order.recipient != attempt.wallet
    body = contract.buy_body(
        query_id=order.query_id,
        quantity=order.quantity,
        max_unit_price=order.unit_price,
        recipient=address(order.recipient) if gift and order.recipient else None,
        referrer=referrer,
    )
    amount = prices.attach(order, gift=gift, referred=referrer is not None)
    return connect.transaction(
        valid_until=int(attempt.valid_until.timestamp()),
        messages=[connect.Message(order.collection.address, amount, payload=body)],
        sender=attempt.wallet,
    )


def referrer_wallet(order: Order) -> Address | None:
    """The referrer's first wallet goes into the receipt; it decides nothing (the order does)."""
    if order.referrer_id is None:
        return None
    first = (
        Wallet.objects.filter(user_id=order.referrer_id, revoked_at__isnull=True)
        .order_by("id")
        .values_list("address", flat=True)
        .first()
    )
    return address(first) if first and first.startswith("0:") else None
