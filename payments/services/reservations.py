"""Taking editions out of a drop's hub quota and giving them back.

The chain refuses to mint beyond the quota, so nobody may be sold what is not in it. The counter is
one row per drop, moved by a conditional UPDATE: of two buyers of the last copy one is told so.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F

from nft.models import Collection
from payments import errors
from payments.models import DropQuota, Order, Reservation

State = Reservation.State


def left(collection: Collection) -> int:
    """Editions that may still be sold outside the chain. A figure to show, not to rely on."""
    taken = DropQuota.objects.filter(pk=collection.pk).values_list("taken", flat=True).first()
    return max(0, collection.hub_quota - (taken or 0))


def left_of(drop: UUID) -> int:
    """The same by the drop's id; 0 for one that is not there."""
    collection = Collection.objects.only("hub_quota").filter(pk=drop).first()
    return 0 if collection is None else left(collection)


def reservation_hold(*, order: Order, until: datetime) -> Reservation:
    """Keep the order's editions until then; one that it holds already only lives longer.

    The caller holds the order's lock, or has just made it. Raises ApplicationError sold_out (409).
    """
    found = Reservation.objects.filter(order=order).first()
    if found is not None and found.state == State.HELD:
        found.expires_at = max(found.expires_at, until)
        found.save(update_fields=["expires_at"])
        return found
    if found is not None and found.state == State.USED:
        return found
    if not _take(order.collection, order.quantity):
        raise errors.not_for_sale("sold_out", "No more editions can be sold this way.")
    if found is None:
        return Reservation.objects.create(
            order=order,
            collection=order.collection,
            quantity=order.quantity,
            expires_at=until,
        )
    found.state, found.expires_at = State.HELD, until
    found.save(update_fields=["state", "expires_at"])
    return found


def reservation_use(*, order: Order) -> bool:
    """The payment is there: a claim right stands for the editions from now on."""
    held = Reservation.objects.filter(order=order, state=State.HELD)
    return held.update(state=State.USED) == 1


def reservation_release(*, order: Order) -> bool:
    """Give back what the order holds or its revoked claim held. Once: a second call does nothing.

    What is given back may be sold to the next buyer in the same moment.
    """
    kept = Reservation.objects.filter(order=order).exclude(state=State.RELEASED)
    if kept.update(state=State.RELEASED) != 1:
        return False
    DropQuota.objects.filter(pk=order.collection_id).update(taken=F("taken") - order.quantity)
    return True


def _take(collection: Collection, quantity: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_dropquota (collection_id, quota, taken) VALUES (%s, %s, 0)"
            " ON CONFLICT (collection_id) DO NOTHING",
            [str(collection.pk), collection.hub_quota],
        )
        cursor.execute(
            "UPDATE payments_dropquota SET taken = taken + %s, quota = %s"
            " WHERE collection_id = %s AND taken + %s <= %s",
            [quantity, collection.hub_quota, str(collection.pk), quantity, collection.hub_quota],
        )
        return bool(cursor.rowcount == 1)
