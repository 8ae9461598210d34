"""CAR v1: a file's blocks in one stream (ipld.io/specs/transport/car/carv1).

A length, a header (DAG-CBOR: roots and version), then blocks: a length, a CID, the bytes. Lengths
are unsigned varints. What a gateway says about itself is not believed: every block is hashed, only
blocks that the root leads to are taken, and a stream that ends too early is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final

from core.ipfs.cid import DAG_PB, Cid, CidInvalid, from_bytes, varint
from core.ipfs.dag import BLOCK_MOST, BlockInvalid, Layout, parse_node, read_varint, verify

CONTENT_TYPE: Final = "application/vnd.ipld.car"
_CID_BYTES: Final = 36
_HEADER_MOST: Final = 4096
_ROOTS: Final = b"\xa2\x65roots"
_VERSION: Final = b"\x67version\x01"
_LINK: Final = b"\xd8\x2a\x58"  # tag 42 and a byte string, as DAG-CBOR writes a CID


class CarInvalid(BlockInvalid):
    """The stream is cut, damaged, too large, or holds what nobody asked for."""


def write(layout: Layout, open_bytes: Callable[[], IO[bytes]]) -> Iterator[bytes]:
    """A whole file as a CAR, depth first; memory: one chunk. Raises BlockInvalid.

    open_bytes: opens the file at its start. Bytes that are not those of the layout are refused
    before they are passed on.
    """
    return framed(layout.root, _blocks(layout, open_bytes))


def framed(root: Cid, blocks: Iterable[tuple[Cid, bytes]]) -> Iterator[bytes]:
    """A CAR of these blocks."""
    yield _framed(_header(root))
    for cid, block in blocks:
        yield _framed(bytes(cid) + block)


def _blocks(layout: Layout, open_bytes: Callable[[], IO[bytes]]) -> Iterator[tuple[Cid, bytes]]:
    with open_bytes() as file:
        for cid, found in layout.walk():
            if isinstance(found, bytes):
                yield cid, found
                continue
            first, last = layout.span(found)
            block = file.read(last - first + 1)
            verify(cid, block)
            yield cid, block


def read(
    stream: Iterable[bytes], root: Cid | None = None, *, whole: bool = True
) -> Iterator[tuple[Cid, bytes]]:
    """The blocks of a CAR, each checked before it is given. Raises CarInvalid.

    stream: its bytes in pieces of any length. root: only blocks that it leads to are taken, and
    with `whole` all of them have to come (once; a block that comes again is passed over). Without a
    root a stream that was cut between two blocks cannot be told from one that has ended. What the
    header says about roots is not used.
    """
    source = _Source(stream)
    _check_header(source.frame(_HEADER_MOST))
    wanted, seen = {root} if root else set(), set[Cid]()
    while source.more():
        cid, block = _block(source.frame(_CID_BYTES + BLOCK_MOST))
        if root is None:
            yield cid, block
        elif cid in wanted:
            wanted.discard(cid)
            seen.add(cid)
            wanted.update(child for child in _children(cid, block) if child not in seen)
            yield cid, block
        elif cid not in seen:
            raise CarInvalid(f"block {cid} is no part of {root}")
    if whole and wanted:
        raise CarInvalid(f"{len(wanted)} blocks of {root} are missing")


def _block(frame: bytes) -> tuple[Cid, bytes]:
    try:
        cid = from_bytes(frame[:_CID_BYTES])
        block = frame[_CID_BYTES:]
        verify(cid, block)
    except (BlockInvalid, CidInvalid) as error:
        raise CarInvalid(str(error)) from None
    return cid, block


def _children(cid: Cid, block: bytes) -> list[Cid]:
    if cid.codec != DAG_PB:
        return []
    try:
        return [child for child, _size in parse_node(block).links]
    except BlockInvalid as error:
        raise CarInvalid(str(error)) from None


def _framed(content: bytes) -> bytes:
    return varint(len(content)) + content


def _header(root: Cid) -> bytes:
    cid = b"\x00" + bytes(root)  # the multibase prefix of raw bytes
    return _ROOTS + b"\x81" + _LINK + bytes((len(cid),)) + cid + _VERSION


def _check_header(header: bytes) -> None:
    """Roots, at most 23 of any kind, and version 1: nothing else may stand there."""
    at = len(_ROOTS)
    if header[:at] != _ROOTS or len(header) <= at or not 0x80 <= header[at] <= 0x97:
        raise CarInvalid("no CAR header")
    count, at = header[at] - 0x80, at + 1
    for _ in range(count):
        if header[at : at + len(_LINK)] != _LINK or len(header) <= at + len(_LINK):
            raise CarInvalid("no CAR header")
        at += len(_LINK) + 1 + header[at + len(_LINK)]
    if header[at:] != _VERSION:
        raise CarInvalid("not version 1 of CAR")


class _Source:
    """Pieces of any length, read in frames."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self._pieces = iter(stream)
        self._held = bytearray()

    def more(self) -> bool:
        """Whether anything is left."""
        return self._fill(1)

    def frame(self, most: int) -> bytes:
        """The next length and its bytes. Raises CarInvalid: cut, empty or longer than `most`."""
        end = 1
        while self._fill(end) and self._held[end - 1] >= 0x80 and end < 10:
            end += 1
        try:
            length, _ = read_varint(bytes(self._held[:end]), 0)
        except (IndexError, BlockInvalid):
            raise CarInvalid("cut inside a length") from None
        del self._held[:end]
        if not 0 < length <= most:
            raise CarInvalid(f"a part of {length} bytes")
        if not self._fill(length):
            raise CarInvalid(f"cut: {len(self._held)} of {length} bytes")
        content = bytes(self._held[:length])
        del self._held[:length]
        return content

    def _fill(self, length: int) -> bool:
        while len(self._held) < length:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._held += piece
        return True
