"""What goes out on the live channel once a change is committed. Losing it loses nothing."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from core import live
from payments import representation, selectors
from payments.models import Order


def order_changed(order: Order) -> None:
    """Tell whoever watches the order how it stands after the commit."""
    if order.origin == Order.Origin.SHOP:
        transaction.on_commit(partial(_send, order.pk), robust=True)


def _send(order_id: UUID) -> None:
    rows = list(selectors.orders().filter(pk=order_id))
    for data in representation.orders(rows):
        live.publish(f"order:{order_id}", "order.changed", data)
