"""External messages: the normalised hash by which everybody can look one up (TEP-467)."""

from __future__ import annotations

from pytoniq_core.boc.builder import Builder
from pytoniq_core.boc.cell import Cell
from pytoniq_core.tlb.account import StateInit

from core.ton import codec
from core.ton.client import ChainRefused


def normalised_hash(boc: bytes) -> bytes:
    """Hash of the external-in message with import fee 0, no source, no StateInit, body by ref.

    Wallets and indexers may re-serialise a message; this hash stays. It is for display and
    look-up only, never a proof of payment. Raises core.ton.codec.Malformed.
    """
    cell = codec.plain_cell(boc)
    with codec.reading():
        bits = cell.begin_parse()
        if bits.load_uint(2) != 0b10:
            raise codec.Malformed("not an external inbound message")
        bits.load_address()
        destination = bits.load_address()
        bits.load_coins()
        if bits.load_bit():
            if bits.load_bit():
                bits.load_ref()
            else:
                StateInit.deserialize(bits)
        body = bits.load_ref() if bits.load_bit() else bits.to_cell()
        return external(destination.to_cell(), body).hash


def hash_to_send(boc: bytes) -> bytes:
    """The normalised hash of a message that is about to be sent. Raises ChainRefused."""
    try:
        return normalised_hash(boc)
    except codec.Malformed as error:
        raise ChainRefused(f"not an external message: {error}") from error


def external(destination: Cell, body: Cell) -> Cell:
    """The normalised external-in message to `destination` (a cell of one address)."""
    message: Cell = (
        Builder()
        .store_uint(0b10, 2)
        .store_uint(0b00, 2)
        .store_cell(destination)
        .store_coins(0)
        .store_bit_int(0)
        .store_bit_int(1)
        .store_ref(body)
        .end_cell()
    )
    return message
