"""What a drop costs and how many are left, read from its contract and told to those who watch."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models.functions import Greatest
from django.utils import timezone

from contracts import collection as contract
from contracts.errors import MalformedCell
from core.live import publish
from core.ton import sources
from core.ton.client import SourceFault
from nft.models import Collection
from nft.selectors import supply_view
from nft.terms import fields_of

MAX_AGE: Final = timedelta(seconds=5)


def terms_refresh(*, collection: Collection, max_age: timedelta = MAX_AGE) -> Collection:
    """The collection with sale terms at most `max_age` old, read from the chain when older.

    Call outside a transaction. Raises ChainError when no source answers; the terms of a collection
    that is not live are returned as they are.
    """
    now = timezone.now()
    read_at = collection.terms_read_at
    if collection.state != Collection.State.LIVE or (read_at and now - read_at <= max_age):
        return collection
    sale = sale_read(collection.address)
    before = supply_view(collection.pk)
    Collection.objects.filter(pk=collection.pk).update(
        **fields_of(sale),
        minted=Greatest("minted", sale.next_item_index),  # a source that lags takes nothing back
        terms_read_at=now,
    )
    collection.refresh_from_db()
    if supply_view(collection.pk) != before:
        publish_supply(collection)
    return collection


def sale_read(address: str) -> contract.SaleData:
    """`get_sale_data` of a raw address. Raises ChainError."""
    stack = sources.client().run_get(address, "get_sale_data")
    try:
        return contract.parse_sale_data(stack)
    except MalformedCell as error:
        raise SourceFault("malformed", f"{address}: {error}") from error


def publish_supply(collection: Collection) -> None:
    """Tell who watches the drop how many are left, once the present transaction has committed."""
    data = supply_view(collection.pk)
    if data is not None:
        publish(f"drop:{collection.pk}", "drop.supply", data)
