"""CIDs of files, computed while the bytes pass by (UnixFS v1, dag-pb, raw leaves, sha2-256).

The same identifiers as `ipfs add --cid-version=1 --raw-leaves --chunker=size-262144` with the
default balanced layout of 174 links a node; or those of another profile: the parameters are part of
the name. A file of one chunk is its own raw block.
Sources: specs.ipfs.tech UnixFS and dag-pb; github.com/multiformats/cid; IPIP-499 (profiles).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

CHUNK: Final = 262_144
WIDTH: Final = 174

RAW: Final = 0x55
DAG_PB: Final = 0x70
_SHA2_256: Final = b"\x12\x20"
_FILE: Final = b"\x08\x02"  # UnixFS Data: Type = File
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class CidInvalid(ValueError):
    """The text is no CIDv1 with a sha2-256 digest of a codec that we use."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a file is cut. chunk: bytes of a leaf; width: links of an inner node."""

    chunk: int
    width: int

    @property
    def name(self) -> str:
        return f"unixfs-v1-{self.chunk}-{self.width}"


CLASSIC: Final = Profile(CHUNK, WIDTH)  # what Kubo has always made by itself
WIDE: Final = Profile(1_048_576, 1024)  # unixfs-v1-2025 of IPIP-499
PROFILES: Final = {profile.name: profile for profile in (CLASSIC, WIDE)}
PROFILE: Final = CLASSIC.name


@dataclass(frozen=True, slots=True)
class Cid:
    """codec: RAW or DAG_PB. digest: sha2-256 of the root block, 32 bytes."""

    codec: int
    digest: bytes

    def __bytes__(self) -> bytes:
        return bytes((1, self.codec)) + _SHA2_256 + self.digest

    def __str__(self) -> str:
        return "b" + base64.b32encode(bytes(self)).decode("ascii").rstrip("=").lower()


def parse(text: str) -> Cid:
    """A CID from its one canonical text form ("b" + base32, lower case). Raises CidInvalid."""
    if len(text) != 59 or text[0] != "b":
        raise CidInvalid(text)
    try:
        raw = base64.b32decode(text[1:].upper() + "=" * 6)
    except ValueError:
        raise CidInvalid(text) from None
    cid = from_bytes(raw)
    if str(cid) != text:  # spare bits of the last letter must be zero: one text per identifier
        raise CidInvalid(text)
    return cid


def parse_any(text: str) -> Cid:
    """The same from base58 ("z", as js-ipfs writes it) or base32 in any case. Raises CidInvalid.

    Two nodes may spell one identifier differently: compare what this gives, not texts.
    """
    if not text.startswith("z"):
        return parse(text.lower())
    number = 0
    for letter in text[1:60]:
        digit = _BASE58.find(letter)
        if digit < 0:
            raise CidInvalid(text)
        number = number * 58 + digit
    if len(text) > 60 or number.bit_length() > 36 * 8:
        raise CidInvalid(text)
    try:
        return from_bytes(number.to_bytes(36, "big"))
    except CidInvalid:
        raise CidInvalid(text) from None


def from_bytes(raw: bytes) -> Cid:
    """A CID from its 36 bytes. Raises CidInvalid."""
    if len(raw) != 36 or raw[0] != 1 or raw[1] not in {RAW, DAG_PB} or raw[2:4] != _SHA2_256:
        raise CidInvalid(raw.hex())
    return Cid(raw[1], bytes(raw[4:]))


@dataclass(frozen=True, slots=True)
class Branch:
    """A block in the tree of a file: a leaf, or an inner node with everything below it."""

    cid: Cid
    file_size: int  # bytes of the file below this node
    dag_size: int  # bytes of all blocks below and including this node


class CidBuilder:
    """Feed bytes in any pieces with `update`; `cid` closes the tree. Memory: one chunk."""

    def __init__(self, profile: Profile = CLASSIC) -> None:
        self.profile = profile
        self.size = 0
        self._pending = bytearray()
        self._levels: list[list[Branch]] = [[]]
        self._leaves = bytearray()

    def update(self, data: bytes | bytearray | memoryview) -> None:
        self.size += len(data)
        self._pending += data
        chunk = self.profile.chunk
        if len(self._pending) < chunk:
            return
        whole = len(self._pending) - len(self._pending) % chunk
        with memoryview(self._pending) as view:
            for start in range(0, whole, chunk):
                self._leaf(view[start : start + chunk])
        del self._pending[:whole]

    @property
    def leaves(self) -> bytes:
        """sha2-256 of every chunk, 32 bytes each, in order. Complete after `cid`."""
        return bytes(self._leaves)

    def cid(self) -> Cid:
        """The identifier of everything fed so far. Feed nothing afterwards."""
        if self._pending or self.size == 0:
            self._leaf(self._pending)
            self._pending = bytearray()
        level = 0
        while level < len(self._levels):
            nodes, top = self._levels[level], level == len(self._levels) - 1
            if top and len(nodes) == 1:
                break
            if nodes:
                self._levels[level] = []
                self._add(level + 1, parent(nodes)[0])
            level += 1
        return self._levels[-1][0].cid

    def _leaf(self, data: bytes | bytearray | memoryview) -> None:
        digest = hashlib.sha256(data).digest()
        self._leaves += digest
        self._add(0, Branch(Cid(RAW, digest), len(data), len(data)))

    def _add(self, level: int, node: Branch) -> None:
        """Append a node; a level that would overflow first becomes one node of the level above."""
        if level == len(self._levels):
            self._levels.append([])
        if len(self._levels[level]) == self.profile.width:
            full, self._levels[level] = self._levels[level], []
            self._add(level + 1, parent(full)[0])
        self._levels[level].append(node)


def parent(children: Sequence[Branch]) -> tuple[Branch, bytes]:
    """The dag-pb node over these: links first, then the UnixFS data with every child's file size.

    Gives the node and its block.
    """
    links = b"".join(_field(2, _link(child)) for child in children)
    size = sum(child.file_size for child in children)
    sizes = b"".join(b"\x20" + varint(child.file_size) for child in children)
    block = links + _field(1, _FILE + b"\x18" + varint(size) + sizes)
    cid = Cid(DAG_PB, hashlib.sha256(block).digest())
    return Branch(cid, size, len(block) + sum(child.dag_size for child in children)), block


def _link(child: Branch) -> bytes:
    return _field(1, bytes(child.cid)) + _field(2, b"") + b"\x18" + varint(child.dag_size)


def _field(number: int, value: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """An unsigned number, seven bits a byte, the lowest first (multiformats unsigned-varint)."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def cid_of(pieces: Iterable[bytes], profile: Profile = CLASSIC) -> Cid:
    """The CID of a file given as pieces of any length."""
    builder = CidBuilder(profile)
    for piece in pieces:
        builder.update(piece)
    return builder.cid()
