"""What the hub hears about editions that nobody bought: the artist's own copies."""

from __future__ import annotations

from datetime import UTC, datetime

from pytoniq_core import begin_cell

from contracts import opcodes, receipts
from contracts.errors import MalformedCell
from core.ton.follower import HANDLED, Inbound, Verdict, ignored, on_message, parked
from nft.models import Collection
from nft.selectors import collection_by_address
from nft.services import items_record, publish_supply


@on_message(opcodes.GIFT_RECEIPT)
def gift_receipt(message: Inbound) -> Verdict:
    """The artist minted copies; whose they are is read from the items afterwards."""
    body = begin_cell().store_uint(message.op, 32).store_slice(message.body).end_cell()
    try:
        receipt = receipts.parse_gift_receipt(body)
    except MalformedCell as error:
        return ignored(f"malformed: {error}")
    collection = collection_by_address(message.source)
    if collection is None or collection.hub != message.account:
        return ignored("the sender is no collection of ours")
    if collection.state == Collection.State.PREPARED:
        return parked("the collection is not verified yet")
    if collection.state != Collection.State.LIVE or receipt is None:
        return ignored(f"the collection is {collection.state}")
    items_record(
        collection=collection,
        first_index=receipt.first_index,
        quantity=receipt.count,
        owner="",
        minted_at=datetime.fromtimestamp(message.utime, UTC),
    )
    publish_supply(collection)
    return HANDLED
