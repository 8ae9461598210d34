"""Live topics: an order is its owner's alone."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from core.live import topic
from payments.models import Order


@topic("order")
def may_watch_order(user: User | None, key: str) -> bool:
    """True only for who made it; an id that is none is like somebody else's."""
    if user is None:
        return False
    try:
        order_id = UUID(key)
    except ValueError:
        return False
    return Order.objects.filter(pk=order_id, user=user).exists()
