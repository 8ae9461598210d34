"""The messages by which contracts of ours tell each other what happened.

Parsers return None for another operation and raise MalformedCell for a broken body. Anyone can
send these bodies: who sent one has to be checked by the reader.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytoniq_core import Address, Cell, Slice

from contracts import opcodes
from contracts.cells import Reader, reader_of


@dataclass(frozen=True)
class SaleReceipt:
    """A collection to the hub: ``quantity`` editions from ``first_index`` were sold on chain.

    ``unit_price`` in nano. ``recipient`` equals ``buyer`` unless bought as a gift.
    """

    query_id: int
    first_index: int
    quantity: int
    unit_price: int
    buyer: Address
    recipient: Address
    referrer: Address | None

    @property
    def total(self) -> int:
        """Return what the buyer paid for the editions, fees excluded, in nano."""
        return self.quantity * self.unit_price


def parse_sale_receipt(body: Cell | Slice) -> SaleReceipt | None:
    """Read ``sale_receipt``."""
    reader = reader_of(body, opcodes.SALE_RECEIPT)
    if reader is None:
        return None
    query_id, first, quantity = reader.uint(64), reader.uint(32), reader.uint(8)
    price, gift, referred = reader.uint(96), reader.flag(), reader.flag()
    buyer = reader.account()
    recipient = reader.account() if gift else buyer
    referrer = reader.account() if referred else None
    reader.end()
    return SaleReceipt(query_id, first, quantity, price, buyer, recipient, referrer)


@dataclass(frozen=True)
class MintReceipt:
    """A collection to the hub: part ``part`` of batch ``batch`` was minted."""

    batch: int
    part: int
    first_index: int
    count: int


def parse_mint_receipt(body: Cell | Slice) -> MintReceipt | None:
    """Read ``mint_receipt``."""
    reader = reader_of(body, opcodes.MINT_RECEIPT)
    if reader is None:
        return None
    found = MintReceipt(reader.uint(64), reader.uint(8), reader.uint(32), reader.uint(16))
    reader.end()
    return found


@dataclass(frozen=True)
class GiftReceipt:
    """A collection to the hub: the artist minted copies of his own."""

    query_id: int
    first_index: int
    count: int


def parse_gift_receipt(body: Cell | Slice) -> GiftReceipt | None:
    """Read ``gift_receipt``."""
    reader = reader_of(body, opcodes.GIFT_RECEIPT)
    if reader is None:
        return None
    found = GiftReceipt(reader.uint(64), reader.uint(32), reader.uint(16))
    reader.end()
    return found


@dataclass(frozen=True)
class MintOrder:
    """The hub to a collection: mint ``count`` editions that were paid for elsewhere.

    ``gross`` in the smallest unit of the method's asset; ``recipients`` is None in a bounced
    copy, which carries only the first 256 bits.
    """

    batch: int
    part: int
    method: int
    count: int
    gross: int
    share_bps: int
    recipients: Cell | None


@dataclass(frozen=True)
class Settle:
    """The minter to the hub: what batch number ``batch`` says it is; the parts are not read."""

    batch: int
    orders_sha256: bytes
    method: int


def parse_settle(body: Cell | Slice) -> Settle | None:
    """Read the head of ``settle``."""
    reader = reader_of(body, opcodes.SETTLE)
    if reader is None:
        return None
    return Settle(reader.uint(64), reader.uint(256).to_bytes(32, "big"), reader.uint(8))


def parse_pay_out_number(body: Cell | Slice) -> int | None:
    """Read which payout a ``pay_out`` is; its entries are not read."""
    reader = reader_of(body, opcodes.PAY_OUT)
    return None if reader is None or reader.bits_left < 64 else reader.uint(64)


def _mint_order(reader: Reader) -> MintOrder:
    return MintOrder(
        batch=reader.uint(64),
        part=reader.uint(8),
        method=reader.uint(8),
        count=reader.uint(16),
        gross=reader.uint(96),
        share_bps=reader.uint(16),
        recipients=reader.ref() if reader.refs_left else None,
    )


def parse_mint(body: Cell | Slice) -> MintOrder | None:
    """Read ``mint``."""
    reader = reader_of(body, opcodes.MINT)
    return None if reader is None else _mint_order(reader)


def parse_bounced_mint(body: Cell | Slice) -> MintOrder | None:
    """Read a bounced ``mint`` (0xffffffff and the first 256 bits): that part was refused."""
    reader = reader_of(body, 0xFFFFFFFF)
    if reader is None or reader.bits_left < 32 or reader.uint(32) != opcodes.MINT:
        return None
    return _mint_order(reader)


@dataclass(frozen=True)
class SettlementReturned:
    """The hub's event (external out): ``collection`` bounced a part of a batch."""

    collection: Address
    order: MintOrder


def parse_settlement_returned(body: Cell | Slice) -> SettlementReturned | None:
    """Read the event ``settlement_returned``."""
    reader = reader_of(body, opcodes.SETTLEMENT_RETURNED)
    if reader is None:
        return None
    return SettlementReturned(reader.address(), _mint_order(reader))


@dataclass(frozen=True)
class Refused:
    """A message that came with bounce off was refused; the rest of its value came along."""

    code: int


def parse_refused(body: Cell | Slice) -> Refused | None:
    """Read ``refused``."""
    reader = reader_of(body, opcodes.REFUSED)
    return None if reader is None else Refused(reader.uint(32))


def parse_excesses(body: Cell | Slice) -> int | None:
    """Read ``excesses`` (TEP-62): returns its query id."""
    reader = reader_of(body, opcodes.EXCESSES)
    return None if reader is None else reader.uint(64)


def parse_payout_sent(body: Cell | Slice) -> int | None:
    """Read ``payout_sent``: returns the payout's id."""
    reader = reader_of(body, opcodes.PAYOUT_SENT)
    return None if reader is None else reader.uint(64)
