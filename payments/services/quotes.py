"""What a drop costs now, as the chain says it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from catalog.models import Artist, Release
from core.ton.client import ChainError
from nft import services as nft_services
from nft.models import Collection, Item
from payments import errors

# What a fan may order is what he may see: on chain, published, by an artist who is shown.
_FOR_SALE: Final = (
    Collection.objects.filter(
        state=Collection.State.LIVE,
        release__state=Release.State.PUBLISHED,
        release__artist__status=Artist.Status.ACTIVE,
    )
    .select_related("release__artist", "release__cover")
    .defer("state_init", "deploy_body")
    .annotate(
        last_index=Subquery(
            Item.objects.filter(collection=OuterRef("pk")).order_by("-index").values("index")[:1]
        )
    )
)


def drop_quote(*, drop_id: UUID) -> Collection:
    """A live drop with terms at most five seconds old.

    May read the chain: call it outside a transaction. Raises ApplicationError drop_not_found
    (404), chain_unavailable (503).
    """
    collection = _FOR_SALE.filter(pk=drop_id).first()
    if collection is None:
        raise errors.drop_not_found()
    try:
        return nft_services.terms_refresh(collection=collection)
    except ChainError as error:
        raise errors.chain_unavailable() from error


def refuse_unbuyable(
    collection: Collection, quantity: int, now: datetime | None = None, *, reserves: bool = False
) -> None:
    """Say early what the contract would say later. Codes as in payments.reasons.

    reserves: sold out of the hub quota, which is asked when the reservation is made.
    """
    now = now or timezone.now()
    if collection.paused:
        raise errors.not_for_sale("paused", "The artist has paused the sale.")
    if now < collection.starts_at:
        raise errors.not_for_sale("not_started", "The sale has not started yet.")
    if collection.ends_at is not None and now >= collection.ends_at:
        raise errors.not_for_sale("ended", "The sale is over.")
    if quantity > collection.max_per_buy:
        raise errors.too_many(collection.max_per_buy)
    left = None if reserves else left_for_sale(collection)
    if left is not None and quantity > left:
        raise errors.not_for_sale("sold_out", _left_text(left))


def left_for_sale(collection: Collection) -> int | None:
    """Editions that the public may still buy; None when the supply is open."""
    if not collection.max_supply:
        return None
    last: int | None = getattr(collection, "last_index", None)  # recorded since the terms were read
    minted = max(collection.minted, 0 if last is None else last + 1)
    reserved = collection.hub_quota - collection.hub_minted
    return max(0, collection.max_supply - minted - reserved)


def _left_text(left: int) -> str:
    if left == 0:
        return "All editions are sold."
    return f"Only {left} left." if left > 1 else "Only one left."
