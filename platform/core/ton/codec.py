"""Reading what came over the wire: bags of cells and transactions, without trust.

Layouts: block.tlb of ton-blockchain/ton (transaction$0111, int_msg_info$0, trans_ord$0000).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pytoniq_core.boc.address import Address, AddressError
from pytoniq_core.boc.cell import Cell
from pytoniq_core.boc.deserialize import BocError
from pytoniq_core.boc.slice import Slice, SliceError
from pytoniq_core.boc.tvm_bitarray import TvmBitarrayException
from pytoniq_core.tlb.tlb import TlbError
from pytoniq_core.tlb.transaction import InternalMsgInfo, MessageAny, TransactionDescr

from core.ton import addresses
from core.ton.client import RawTransaction, SourceFault

_ORDINARY = -1
MAX_BOC_BYTES = 2 * 1024 * 1024


class Malformed(Exception):
    """Cells that are not laid out as expected."""


@contextmanager
def reading() -> Iterator[None]:
    """Turn every way in which a parser runs off the end of a cell into Malformed."""
    try:
        yield
    except (
        SliceError,
        TvmBitarrayException,
        TlbError,
        BocError,
        AddressError,
        IndexError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        AssertionError,
    ) as error:
        raise Malformed(f"{type(error).__name__}: {error}") from error


def roots(boc: bytes) -> list[Cell]:
    """The roots of a bag of cells. Raises Malformed."""
    if len(boc) > MAX_BOC_BYTES:
        raise Malformed("a bag of cells of more than 2 MiB")
    try:
        found: list[Cell] = Cell.from_boc(boc)
    except Exception as error:
        raise Malformed(f"not a bag of cells: {error}") from error
    return found


def one_cell(boc: bytes) -> Cell:
    """The only root of a bag of cells. Raises Malformed."""
    found = roots(boc)
    if len(found) != 1:
        raise Malformed(f"{len(found)} roots where one is expected")
    return found[0]


def to_boc(*cells: Cell) -> bytes:
    """Bag of cells with these roots, in time linear in the number of different cells.

    For cells that strangers made: pytoniq's Cell.to_boc visits shared cells once for every path
    to them, so that forty cells that refer twice to the next one keep it busy for hours.
    """
    order = _parents_first(cells)
    index = {cell.hash: number for number, cell in enumerate(order)}
    size = (len(order).bit_length() + 7) // 8
    payload = b"".join(
        cell.get_descriptors(cell.level_mask)
        + cell.data
        + b"".join(index[ref.hash].to_bytes(size, "big") for ref in cell.refs)
        for cell in order
    )
    offset = (len(payload).bit_length() + 7) // 8
    counts = (len(order), len(cells), 0)
    return (
        b"\xb5\xee\x9c\x72"
        + bytes([size, offset])
        + b"".join(count.to_bytes(size, "big") for count in counts)
        + len(payload).to_bytes(offset, "big")
        + b"".join(index[cell.hash].to_bytes(size, "big") for cell in cells)
        + payload
    )


def _parents_first(cells: tuple[Cell, ...]) -> list[Cell]:
    """Each different cell once, before all that it refers to: reversed post-order."""
    done: dict[bytes, Cell] = {}
    stack: list[tuple[Cell, bool]] = [(cell, False) for cell in reversed(cells)]
    while stack:
        cell, expanded = stack.pop()
        if cell.hash in done:
            continue
        if expanded:
            done[cell.hash] = cell
        else:
            stack.append((cell, True))
            stack.extend((ref, False) for ref in cell.refs if ref.hash not in done)
    return list(reversed(done.values()))


def plain_cell(boc: bytes) -> Cell:
    """Like one_cell, and nothing in it is pruned: its hash covers every bit."""
    cell = one_cell(boc)
    if cell.type_ != _ORDINARY or cell.level_mask.level != 0:
        raise Malformed("a pruned or exotic root")
    return cell


def transaction(boc: bytes, address: str, mc_seqno: int | None = None) -> RawTransaction:
    """Decode a transaction of `address`. Raises SourceFault (malformed, account)."""
    try:
        return from_cell(plain_cell(boc), boc, address, mc_seqno)
    except Malformed as error:
        raise SourceFault("malformed", str(error)) from error


def from_cell(cell: Cell, boc: bytes, address: str, mc_seqno: int | None = None) -> RawTransaction:
    with reading():
        bits = cell.begin_parse()
        if bits.load_uint(4) != 0b0111:
            raise Malformed("not a transaction")
        account = bits.load_bytes(32).hex()
        lt = bits.load_uint(64)
        prev_hash, prev_lt = bits.load_bytes(32), bits.load_uint(64)
        utime = bits.load_uint(32)
    if account != address.partition(":")[2]:
        raise SourceFault("account", f"a transaction of {account} given for {address}")
    return RawTransaction(
        account=address,
        lt=lt,
        hash=cell.hash,
        utime=utime,
        boc=boc,
        prev_lt=prev_lt,
        prev_hash=prev_hash,
        mc_seqno=mc_seqno,
    )


@dataclass(frozen=True, slots=True)
class Incoming:
    """The inbound internal message of an ordinary transaction, and how it ended."""

    source: str
    value: int
    fees: int
    bounced: bool
    body: Slice
    success: bool
    compute_exit: int | None
    action_code: int | None


# transaction$0111: account, lt, previous hash and lt, now, number of messages out, two statuses.
_BEFORE_FEES: Final = 4 + 256 + 64 + 256 + 64 + 32 + 15 + 4


def incoming(boc: bytes) -> Incoming | None:
    """What a transaction received; None for external messages and ticks. Raises Malformed."""
    cell = plain_cell(boc)
    with reading():
        if not cell.refs[0].bits[0]:
            return None
        message = MessageAny.deserialize(cell.refs[0].refs[0].begin_parse())
        if not isinstance(message.info, InternalMsgInfo):
            return None
        if not isinstance(message.info.src, Address):
            raise Malformed("an internal message without a sender")
        # Refs of a transaction: messages, [fees in other currencies,] state update, description.
        description = TransactionDescr.deserialize(cell.refs[-1].begin_parse())
        compute, action = description.compute_ph, description.action
        ran = compute.type_ == "vm"
        return Incoming(
            source=addresses.raw(message.info.src),
            value=message.info.value_coins,
            fees=cell.begin_parse().skip_bits(_BEFORE_FEES).load_coins(),
            bounced=message.info.bounced,
            body=message.body.begin_parse(),
            success=bool(not description.aborted and ran and compute.success),
            compute_exit=compute.exit_code if ran else None,
            action_code=action.result_code if action else None,
        )
