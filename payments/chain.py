"""What the hub hears from collections, one handler per message.

Handlers run inside the transaction that moves the follower's cursor. Anyone may send the hub a
message that looks like a receipt; only the sender's address tells a collection of ours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, TypeAlias

from pytoniq_core import Cell, begin_cell

from contracts import fees, opcodes, receipts
from contracts.errors import MalformedCell
from core.ton.addresses import raw
from core.ton.follower import HANDLED, Inbound, Verdict, ignored, on_message, parked
from nft.models import Collection
from nft.selectors import collection_by_address
from payments.services import payouts
from payments.services.sales import Sale, sale_record
from payments.services.settlement import accepting

_LARGEST: Final = 2**63 - 1  # nano that a bigint holds: more than there will ever be
_Sender: TypeAlias = "Collection | Verdict"


@on_message(opcodes.SALE_RECEIPT)
def sale_receipt(message: Inbound) -> Verdict:
    """A collection sold editions on chain and sent the platform's part along."""
    try:
        receipt = receipts.parse_sale_receipt(_body(message))
    except MalformedCell as error:
        return ignored(f"malformed: {error}")
    drop = _sender(message)
    if isinstance(drop, Verdict):
        return drop
    if receipt is None or receipt.quantity == 0 or receipt.total > _LARGEST:
        return ignored("malformed: no sale can look like that")
    platform = platform_part(message.value, receipt, drop.platform_bps)
    if platform is None:
        return parked("the platform's part is missing")
    sale_record(
        sale=Sale(
            collection=drop,
            hub=message.account,
            lt=message.lt,
            hash=message.hash,
            at=_time(message),
            query_id=receipt.query_id,
            buyer=raw(receipt.buyer),
            recipient=raw(receipt.recipient),
            first_index=receipt.first_index,
            quantity=receipt.quantity,
            unit_price=receipt.unit_price,
            platform=platform,
            gas=message.value - message.fees - platform,
        )
    )
    return HANDLED


@on_message(opcodes.SETTLE)
def settle(message: Inbound) -> Verdict:
    """The hub has taken a batch from its minter: it refuses all others, and every number twice."""
    try:
        batch = receipts.parse_settle(_body(message))
    except MalformedCell as error:
        return ignored(f"malformed: {error}")
    if batch is None:
        return ignored("malformed: no settle")
    ours = accepting.settlement_accepted(
        hub=message.account,
        number=batch.batch,
        orders_sha256=batch.orders_sha256.hex(),
        lt=message.lt,
        hash_=message.hash,
        at=_time(message),
    )
    return HANDLED if ours else ignored(f"settlement {batch.batch} is not ours")


@on_message(opcodes.PAY_OUT)
def pay_out(message: Inbound) -> Verdict:
    """The hub has paid a batch out, signed by its payer: it takes every number once."""
    body = _body(message)
    number = receipts.parse_pay_out_number(body)
    if number is None:
        return ignored("malformed: no pay_out")
    ours = payouts.batch_on_chain(
        hub=message.account,
        number=number,
        body_hash=body.hash.hex(),
        hash_=message.hash,
        at=_time(message),
    )
    return HANDLED if ours else ignored(f"payout {number} is not ours")


@on_message(opcodes.MINT_RECEIPT)
def mint_receipt(message: Inbound) -> Verdict:
    """The proof of a settlement's part."""
    try:
        receipt = receipts.parse_mint_receipt(_body(message))
    except MalformedCell as error:
        return ignored(f"malformed: {error}")
    drop = _sender(message)
    if isinstance(drop, Verdict):
        return drop
    if receipt is None:
        return ignored("malformed: no mint receipt")
    why = accepting.part_minted(
        hub=message.account,
        number=receipt.batch,
        part=receipt.part,
        collection=drop,
        first_index=receipt.first_index,
        count=receipt.count,
        hash_=message.hash,
        at=_time(message),
    )
    return ignored(why) if why else HANDLED


@on_message(opcodes.MINT, bounced=True)
def mint_bounced(message: Inbound) -> Verdict:
    """A collection refused a part of a settlement."""
    drop = _sender(message)
    if isinstance(drop, Verdict):
        return drop
    try:
        order = receipts.parse_mint(_body(message))
    except MalformedCell as error:
        return ignored(f"malformed: {error}")
    if order is None:
        return ignored("malformed: no mint")
    why = accepting.part_returned(
        hub=message.account,
        number=order.batch,
        part=order.part,
        hash_=message.hash,
        at=_time(message),
    )
    return ignored(why) if why else HANDLED


def _time(message: Inbound) -> datetime:
    return datetime.fromtimestamp(message.utime, UTC)


def _sender(message: Inbound) -> _Sender:
    """The collection that sent the message, or why it is not heard.

    One that we prepared but have not seen on chain yet is heard once it is verified.
    """
    drop = collection_by_address(message.source)
    if drop is None:
        return ignored(f"sender {message.source} is no collection of ours")
    if drop.hub != message.account:
        return ignored(f"sender {message.source} belongs to another hub")
    if drop.state == Collection.State.PREPARED:
        return parked(f"collection {message.source} is not verified yet")
    if drop.state != Collection.State.LIVE:
        return ignored(f"collection {message.source} is {drop.state}")
    return drop


def platform_part(value: int, receipt: receipts.SaleReceipt, platform_bps: int) -> int | None:
    """Nano of the price that the hub received; None when less came than the terms say.

    The value is the platform's part and a little gas. Usually the part is the share of the total;
    an artist's part below the fee of its own message is not sent and comes to the hub as well.
    """
    share = receipt.total * platform_bps // fees.BPS_TOTAL
    if value < share:
        return None
    if value < receipt.total:
        return share
    return fees.split_of(receipt.quantity, receipt.unit_price, platform_bps).platform


def _body(message: Inbound) -> Cell:
    """The whole body again: the follower has read the op code off it."""
    body: Cell = begin_cell().store_uint(message.op, 32).store_slice(message.body).end_cell()
    return body
