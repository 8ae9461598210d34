"""Reading and writing bits, strictly.

pytoniq_core returns short values from short slices instead of failing; everything that comes from
the chain is read through ``Reader``, which raises MalformedCell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pytoniq_core import Address, Builder, Cell, Slice, begin_cell

from contracts.errors import MalformedCell

RECIPIENTS_PER_CELL: Final = 3


class Reader:
    """A slice that refuses to read past its end."""

    def __init__(self, source: Cell | Slice) -> None:
        self._slice: Slice = source.begin_parse() if isinstance(source, Cell) else source.copy()

    @property
    def bits_left(self) -> int:
        """Return how many bits remain."""
        return int(self._slice.remaining_bits)

    @property
    def refs_left(self) -> int:
        """Return how many references remain."""
        return int(self._slice.remaining_refs)

    def _need(self, bits: int) -> None:
        if self.bits_left < bits:
            raise MalformedCell(f"{bits} bits expected, {self.bits_left} left")

    def uint(self, size: int) -> int:
        """Read an unsigned integer of ``size`` bits."""
        self._need(size)
        return int(self._slice.load_uint(size)) if size else 0

    def flag(self) -> bool:
        """Read one bit."""
        return bool(self.uint(1))

    def coins(self) -> int:
        """Read an amount in nano (VarUInteger 16)."""
        return self.uint(8 * self.uint(4))

    def address(self) -> Address:
        """Read a standard address. Raises MalformedCell for any other kind."""
        found = self.maybe_address()
        if found is None:
            raise MalformedCell("an address is missing")
        return found

    def maybe_address(self) -> Address | None:
        """Read addr_none or a standard address without anycast."""
        self._need(2)
        kind = self.uint(2)
        if kind == 0:
            return None
        if kind != 2 or self.flag():
            raise MalformedCell("not a standard address")
        self._need(264)
        workchain = int(self._slice.load_int(8))
        return Address((workchain, bytes(self._slice.load_bytes(32))))

    def account(self) -> Address:
        """Read 256 bits as the account of a basechain address."""
        self._need(256)
        return Address((0, bytes(self._slice.load_bytes(32))))

    def ref(self) -> Cell:
        """Read a reference."""
        if not self.refs_left:
            raise MalformedCell("a reference is missing")
        return self._slice.load_ref()

    def maybe_ref(self) -> Cell | None:
        """Read Maybe ^Cell."""
        return self.ref() if self.flag() else None

    def rest(self) -> Slice:
        """Return what is left, unread."""
        return self._slice

    def end(self) -> None:
        """Require that everything was read."""
        if self.bits_left or self.refs_left:
            raise MalformedCell(f"{self.bits_left} bits and {self.refs_left} references too many")


def reader_of(body: Cell | Slice, op: int) -> Reader | None:
    """Return a reader behind the operation code, or None when the body is another operation."""
    reader = Reader(body)
    if reader.bits_left < 32 or reader.uint(32) != op:
        return None
    return reader


def body_of(op: int, query_id: int | None = 0) -> Builder:
    """Start a message body."""
    builder = begin_cell().store_uint(op, 32)
    return builder if query_id is None else builder.store_uint(query_id, 64)


def account_of(address: Address) -> bytes:
    """Return the 256 bits of a basechain address. Raises ValueError for another workchain."""
    if address.wc != 0:
        raise ValueError(f"{address.to_str()} is not in the basechain")
    return bytes(address.hash_part)


def recipient_list(recipients: Sequence[Address]) -> Cell:
    """Build a list of raw recipients, three a cell. Raises ValueError when it is empty."""
    if not recipients:
        raise ValueError("a list of recipients cannot be empty")
    tail: Cell | None = None
    starts = range(0, len(recipients), RECIPIENTS_PER_CELL)
    for start in reversed(starts):
        builder = begin_cell()
        for recipient in recipients[start : start + RECIPIENTS_PER_CELL]:
            builder.store_bytes(account_of(recipient))
        if tail is not None:
            builder.store_ref(tail)
        tail = builder.end_cell()
    assert tail is not None  # noqa: S101 - the list is not empty
    return tail


def read_recipient_list(root: Cell) -> list[Address]:
    """Read a list of raw recipients back. Raises MalformedCell."""
    found: list[Address] = []
    reader = Reader(root)
    while True:
        while reader.bits_left:
            found.append(reader.account())
        if not reader.refs_left:
            return found
        reader = Reader(reader.ref())


class Stack:
    """The items that a get-method returned, read one by one with their types."""

    def __init__(self, items: Sequence[Any]) -> None:
        self._items = list(items)
        self._next = 0

    def _take(self) -> Any:
        if self._next >= len(self._items):
            raise MalformedCell("the get-method returned too few values")
        self._next += 1
        return self._items[self._next - 1]

    def number(self) -> int:
        """Read an integer."""
        item = self._take()
        if not isinstance(item, int):
            raise MalformedCell(f"an integer expected, got {type(item).__name__}")
        return item

    def cell(self) -> Cell:
        """Read a cell (some nodes return a slice of the whole cell)."""
        item = self._take()
        if isinstance(item, Slice):
            return item.to_cell()
        if not isinstance(item, Cell):
            raise MalformedCell(f"a cell expected, got {type(item).__name__}")
        return item

    def address(self) -> Address:
        """Read a standard address."""
        found = self.maybe_address()
        if found is None:
            raise MalformedCell("an address is missing")
        return found

    def maybe_address(self) -> Address | None:
        """Read addr_none or a standard address, given as slice or cell."""
        item = self._take()
        if not isinstance(item, (Cell, Slice)):
            raise MalformedCell(f"an address expected, got {type(item).__name__}")
        return Reader(item).maybe_address()
