"""Reading bags of cells fast: cells seen before are taken from memory.

An account comes back from the executor after every transaction, and nearly all of its cells are
those of last time (its code, above all). Hashing them again in Python is most of what a
transaction would cost.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from bitarray import bitarray
from pytoniq_core import Cell
from pytoniq_core.boc.tvm_bitarray import TvmBitarray

_MAGIC: Final = bytes.fromhex("b5ee9c72")
_CELLS_KEPT: Final = 50_000
_STORED_HASH: Final = 34  # a cell may carry its hash and depth

_Key = tuple[bytes, tuple[bytes, ...]]


class BagReader:
    """Reads one-root bags of ordinary cells; anything else goes to pytoniq's own parser."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, Cell] = OrderedDict()

    def read(self, bag: bytes) -> Cell:
        """Return the root cell."""
        if bag[:4] != _MAGIC:
            return Cell.one_from_boc(bag)
        width, offset_width = bag[4] & 7, bag[5]
        count = int.from_bytes(bag[6 : 6 + width], "big")
        roots = int.from_bytes(bag[6 + width : 6 + 2 * width], "big")
        at = 6 + 3 * width + offset_width
        root = int.from_bytes(bag[at : at + width], "big")
        at += width + (count * offset_width if bag[4] & 0x80 else 0)
        raw: list[tuple[bytes, list[int]]] = []
        for _ in range(count):
            refs, bits = bag[at] & 7, bag[at + 1]
            if bag[at] & 0xE8 or roots != 1:  # exotic cells and levels
                return Cell.one_from_boc(bag)
            data = at + 2 + (_STORED_HASH if bag[at] & 0x10 else 0)
            start = data + ((bits + 1) >> 1)
            end = start + refs * width
            targets = [
                int.from_bytes(bag[place : place + width], "big")
                for place in range(start, end, width)
            ]
            raw.append((bytes((refs, bits)) + bag[data:start], targets))
            at = end
        cells: dict[int, Cell] = {}
        for index in range(count - 1, -1, -1):
            body, targets = raw[index]
            cells[index] = self._cell(body, [cells[target] for target in targets])
        return cells[root]

    def _cell(self, body: bytes, refs: list[Cell]) -> Cell:
        key = (body, tuple(ref.hash for ref in refs))
        found = self._known.get(key)
        if found is None:
            found = Cell(_bits(body), refs)
            self._known[key] = found
            if len(self._known) > _CELLS_KEPT:
                self._known.popitem(last=False)
        return found


def _bits(body: bytes) -> TvmBitarray:
    """Return a cell's bits out of its descriptors and data; an odd length has a closing 1."""
    bits = bitarray()
    bits.frombytes(body[2:])
    if body[1] & 1:
        while not bits.pop():
            pass
    return TvmBitarray(1023, bits)
