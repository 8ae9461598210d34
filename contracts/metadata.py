"""TEP-64 content: how a release describes itself and its editions.

A collection's content is off-chain (0x01 and a URI). Editions are semi-chain: a dictionary keyed
by sha256 of the key's name, values ``0x00`` and snake bytes, with ``uri`` for everything else.
The edition's name is not stored: the collection builds it ("Track #12 of 500").
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from pytoniq_core import Builder, Cell, HashMap, Slice, begin_cell

from contracts.cells import Reader
from contracts.errors import MalformedCell

OFF_CHAIN: Final = 1
ON_CHAIN: Final = 0
# What get_nft_content can hold in one cell: prefix, title, " #4294967295 of 4294967295".
MAX_TITLE_BYTES: Final = 100
MAX_CONTENT_CELLS: Final = 24

KEYS: Final = ("uri", "name", "image", "description", "master_sha256", "master_cid")


def key_of(name: str) -> int:
    """Return a TEP-64 dictionary key: sha256 of its name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")


def snake(data: bytes) -> Cell:
    """Store bytes in a chain of cells, 127 a cell. Raises ValueError above 8 KB."""
    if len(data) > 8192:
        raise ValueError("a text on chain may not be longer than 8192 bytes")
    chunks = [data[start : start + 127] for start in range(0, len(data), 127)] or [b""]
    tail: Cell | None = None
    for chunk in reversed(chunks):
        builder = begin_cell().store_bytes(chunk)
        if tail is not None:
            builder.store_ref(tail)
        tail = builder.end_cell()
    return tail if tail is not None else Cell.empty()


def read_snake(cell: Cell | Slice) -> bytes:
    """Read a chain of whole bytes. Raises MalformedCell."""
    data = b""
    reader = Reader(cell)
    while True:
        if reader.bits_left % 8:
            raise MalformedCell("a text that is not whole bytes")
        data += bytes(reader.rest().load_bytes(reader.bits_left // 8))
        if not reader.refs_left:
            return data
        reader = Reader(reader.ref())


def off_chain(uri: str) -> Cell:
    """Build off-chain content: 0x01 and an ASCII URI."""
    return snake(bytes([OFF_CHAIN]) + uri.encode("ascii"))


def _store_ref(source: Cell, target: Builder) -> None:
    target.store_ref(source)


def dictionary(values: dict[str, str]) -> Cell:
    """Build a TEP-64 dictionary root from names and texts."""
    table = HashMap(256, value_serializer=_store_ref)
    table.map = {
        key_of(name): snake(bytes([ON_CHAIN]) + text.encode()) for name, text in values.items()
    }
    root = table.serialize()
    if root is None:
        raise ValueError("a dictionary cannot be empty")
    return root


@dataclass(frozen=True)
class EditionContent:
    """What every edition of a release says about itself.

    ``uri``: the release's JSON (ipfs://...). ``master_sha256``: hex of the plain master file;
    ``master_cid``: the CID of its bytes on IPFS.
    """

    title: str
    uri: str
    image: str
    description: str = ""
    master_sha256: str = ""
    master_cid: str = ""

    def validate(self) -> None:
        """Raise ValueError when a field cannot be stored."""
        size = len(self.title.encode())
        if not 0 < size <= MAX_TITLE_BYTES:
            raise ValueError(f"a title has 1 to {MAX_TITLE_BYTES} bytes, this one {size}")
        if not self.uri:
            raise ValueError("content without a uri cannot be shown")

    def values(self) -> dict[str, str]:
        """Return the dictionary's texts by key, empty ones left out."""
        found = {
            "uri": self.uri,
            "image": self.image,
            "description": self.description,
            "master_sha256": self.master_sha256,
            "master_cid": self.master_cid,
        }
        return {key: text for key, text in found.items() if text}


def release_content(collection_uri: str, edition: EditionContent) -> Cell:
    """Build the ``content`` cell of a collection's parameters. Raises ValueError."""
    edition.validate()
    return (
        begin_cell()
        .store_ref(off_chain(collection_uri))
        .store_ref(dictionary(edition.values()))
        .store_ref(begin_cell().store_bytes(edition.title.encode()).end_cell())
        .end_cell()
    )


@dataclass(frozen=True)
class Content:
    """Parsed TEP-64 content: a URI, texts of known keys, and raw texts of unknown ones."""

    uri: str
    values: dict[str, str]
    unknown: dict[int, bytes]


def _read_value(cell: Cell) -> bytes:
    data = read_snake(cell)
    if not data or data[0] != ON_CHAIN:
        raise MalformedCell("only snake values are known")
    return data[1:]


def parse(content: Cell) -> Content:
    """Read off-chain, on-chain or semi-chain content. Raises MalformedCell."""
    reader = Reader(content)
    layout = reader.uint(8)
    if layout == OFF_CHAIN:
        return Content(read_snake(content)[1:].decode("utf-8", "replace"), {}, {})
    if layout != ON_CHAIN:
        raise MalformedCell(f"unknown content layout {layout}")
    try:
        table = reader.rest().load_dict(256, value_deserializer=lambda item: item.load_ref()) or {}
    except Exception as error:  # the parser raises many kinds for a broken tree
        raise MalformedCell("not a dictionary of texts") from error
    names = {key_of(name): name for name in KEYS}
    raw = {key: _read_value(value) for key, value in table.items()}
    values = {
        names[key]: data.decode("utf-8", "replace") for key, data in raw.items() if key in names
    }
    unknown = {key: data for key, data in raw.items() if key not in names}
    return Content(values.get("uri", ""), values, unknown)
