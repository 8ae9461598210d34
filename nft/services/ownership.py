"""Editions as they are minted, and in whose hands the chain says they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from contracts import item as contract
from contracts.errors import MalformedCell
from core.ton import addresses, sources
from core.ton.client import ChainClient, GetMethodFailed
from nft.models import Collection, Item
from nft.notices import edition_moved_tell
from nft.selectors import items_of

log = structlog.get_logger(__name__)


def items_record(
    *,
    collection: Collection,
    first_index: int,
    quantity: int,
    owner: str,
    minted_at: datetime,
) -> list[Item]:
    """Record freshly minted editions, once; those of the range, in order.

    owner: raw address, or "" when the receipt does not tell it (a gift): it is then read from the
    items. Runs in the caller's transaction and asks nothing of the network.
    """
    at = addresses.address(collection.address)
    Item.objects.bulk_create(
        [
            Item(
                collection=collection,
                index=index,
                address=addresses.raw(contract.address(contract.ItemParams(at, index))),
                owner=owner,
                owner_read_at=minted_at,
                acquired_at=minted_at,
                minted_at=minted_at,
            )
            for index in range(first_index, first_index + quantity)
        ],
        ignore_conflicts=True,
    )
    return items_of(collection, first_index, quantity)


def items_owner_refresh(*, items: Iterable[Item]) -> int:
    """Read who holds these editions (`get_nft_data`); the number of those that changed hands.

    Call outside a transaction. Raises ChainUnavailable when no source answers.
    """
    client = sources.client()
    return sum(_record(item, _owner(client, item)) for item in items)


def item_owner_read(*, item: Item) -> str | None:
    """Who holds an edition at this moment (`get_nft_data`), recorded; None when it does not answer.

    Call outside a transaction. Raises ChainUnavailable when no source answers.
    """
    owner = _owner(sources.client(), item)
    _record(item, owner)
    return owner


@dataclass(frozen=True, slots=True)
class Seen:
    """An edition's own account. owner: raw, "" before it is initialised; code_hash: hex."""

    owner: str
    code_hash: str


def look_key(address: str) -> str:
    """Where the last look at an edition is kept for its certificate; a change of hands ends it."""
    return f"certificate:{address}"


def item_see(*, item: Item) -> Seen | None:
    """Read the account itself, code and data, in one call; its owner is recorded.

    None when it is not there (yet), or holds what no item of ours could hold. Call outside a
    transaction. Raises ChainUnavailable when no source answers.
    """
    account = sources.client().account(item.address)
    if account.code is None or account.data is None:
        return None
    try:
        data = contract.parse_data(account.data)
    except MalformedCell as error:
        log.warning("item_unread", address=item.address, error=str(error))
        return None
    owner = addresses.raw(data.owner) if data.owner else ""
    _record(item, owner or None)
    return Seen(owner, account.code.hash.hex())


def _record(item: Item, owner: str | None) -> bool:
    """True when the edition changed hands since it was last read."""
    now = timezone.now()
    rows = Item.objects.filter(pk=item.pk)
    if owner is None or owner == item.owner:
        rows.update(owner_read_at=now)
        return False
    acquired_at = now if item.owner else item.minted_at
    with transaction.atomic():
        moved = rows.filter(owner=item.owner).update(
            owner=owner, owner_read_at=now, acquired_at=acquired_at
        )
        if moved and item.owner:
            edition_moved_tell(item=item, before=item.owner)
    cache.delete(look_key(item.address))
    return bool(moved)


def _owner(client: ChainClient, item: Item) -> str | None:
    """The raw address of the present owner; None when the item does not answer (yet)."""
    try:
        data = contract.parse_nft_data(client.run_get(item.address, "get_nft_data"))
    except (GetMethodFailed, MalformedCell) as error:
        log.warning("item_unread", address=item.address, error=str(error))
        return None
    return addresses.raw(data.owner) if data.owner else None
