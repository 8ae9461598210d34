"""What the tests of receipts and expiry ask and do in one line."""

from __future__ import annotations

from typing import Any

from pytoniq_core import Address

from contracts import collection as contract
from nft.models import Collection, Item
from payments.models import LedgerEntry, Order
from tests.payments.chain import COIN
from tests.payments.conftest import FAN, Shop


def chain_orders() -> list[Order]:
    return list(Order.objects.filter(origin=Order.Origin.CHAIN).order_by("id"))


def why(order: Order) -> str:
    event = order.events.order_by("id").first()
    assert event is not None
    return str(event.details["why"])


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def no_sale() -> bool:
    return not LedgerEntry.objects.exists() and not Item.objects.exists()


def buy_like(
    shop: Shop, order: Order, *, sender: Address = FAN, drop: Any = None, **terms: Any
) -> None:
    """A message with the order's id, but with terms of its own."""
    body = {
        "query_id": order.query_id,
        "quantity": order.quantity,
        "max_unit_price": order.unit_price,
        **terms,
    }
    shop.buy(drop or order.collection, sender=sender, **body)
    shop.follow()


def set_price(shop: Shop, drop: Collection, price: int) -> None:
    params = shop.params[drop.pk]
    body = contract.set_sale_body(
        price=price,
        max_supply=params.max_supply,
        hub_quota=params.hub_quota,
        max_per_buy=params.max_per_buy,
        starts_at=params.starts_at,
        ends_at=params.ends_at,
    )
    shop.world.send(params.owner, contract.address(params), COIN, body)
