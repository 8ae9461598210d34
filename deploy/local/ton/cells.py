"""Cells on both sides of the engine: pytoniq_core's here, tonpy's handles there.

Every cell that has crossed is kept under its hash, in both shapes. An account comes back from the
executor after each transaction, and nearly all of its cells are those of last time (its code,
above all): only the new ones are read, and what came from the engine returns without being
serialised. Hashing the rest again in Python would be most of what a transaction costs.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from typing import Any, Final

from bitarray import bitarray
from pytoniq_core import Cell
from pytoniq_core.boc.tvm_bitarray import TvmBitarray

_KEPT: Final = 50_000
_SPECIAL_TOO: Final = True


class Cells:
    """library: tonpy's binding, which has no types."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._known: OrderedDict[bytes, tuple[Cell, Any]] = OrderedDict()

    def handle(self, cell: Cell) -> Any:
        """The engine's handle of a cell."""
        found = self._known.get(cell.hash)
        if found is None:
            text = base64.b64encode(cell.to_boc()).decode()
            found = self._known[cell.hash] = (cell, self._library.parse_string_to_cell(text))
            self._forget()
        return found[1]

    def read(self, root: Any) -> Cell:
        """The cell of a handle. Without recursion: a chain of cells may be a thousand deep."""
        waiting = [root]
        while waiting:
            handle = waiting[-1]
            key = _hash_of(handle)
            if key not in self._known:
                view = self._library.load_as_cell_slice(handle, _SPECIAL_TOO)
                below = [view.prefetch_ref(place) for place in range(view.refs)]
                if unread := [one for one in below if _hash_of(one) not in self._known]:
                    waiting += unread
                    continue
                self._known[key] = (self._made(handle, view, below), handle)
            waiting.pop()
        found = self._known[_hash_of(root)][0]
        self._forget()
        return found

    def _made(self, handle: Any, view: Any, below: list[Any]) -> Cell:
        """One cell whose references are known."""
        if view.is_special():
            return Cell.one_from_boc(base64.b64decode(handle.to_boc()))
        refs = [self._known[_hash_of(one)][0] for one in below]
        return Cell(TvmBitarray(1023, bitarray(view.to_bitstring())), refs)

    def _forget(self) -> None:
        """The oldest go first; they are read again when they come back."""
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)


def _hash_of(handle: Any) -> bytes:
    return bytes.fromhex(handle.get_hash())
