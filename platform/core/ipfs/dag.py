"""The tree of a file's blocks: known from its leaves' hashes, or read block by block.

Whoever has a `Layout` can ask anybody for any part of a file and prove what came: leaf n holds the
bytes `span(n)` and hashes to `leaf(n)`. Sources: specs.ipfs.tech UnixFS and dag-pb.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from core.ipfs.cid import (
    CLASSIC,
    DAG_PB,
    PROFILES,
    RAW,
    Branch,
    Cid,
    CidInvalid,
    Profile,
    from_bytes,
    parent,
)

DIGEST: Final = 32
BLOCK_MOST: Final = 2 * 1024 * 1024  # bytes: what IPFS implementations pass on
DEEPEST: Final = 8
MOST_LEAVES: Final = 1 << 20


class BlockInvalid(ValueError):
    """The bytes are not the block that was asked for, or no node of a file."""


def verify(cid: Cid, block: bytes) -> None:
    """Raises BlockInvalid when the bytes do not hash to the CID."""
    if hashlib.sha256(block).digest() != cid.digest:
        raise BlockInvalid(f"{len(block)} bytes are not block {cid}")


@dataclass(frozen=True)
class Layout:
    """size: bytes of the file. leaves: sha2-256 of every chunk, 32 bytes each, in order."""

    size: int
    leaves: bytes
    profile: Profile = CLASSIC

    def __post_init__(self) -> None:
        expected = max(1, -(-self.size // self.profile.chunk))
        if self.size < 0 or len(self.leaves) != expected * DIGEST:
            raise ValueError(f"{len(self.leaves)} bytes of hashes for a file of {self.size} bytes")

    @property
    def count(self) -> int:
        """How many leaves; an empty file has one, empty."""
        return len(self.leaves) // DIGEST

    @property
    def root(self) -> Cid:
        return self._levels[-1][0].cid

    def leaf(self, number: int) -> Cid:
        if not 0 <= number < self.count:
            raise IndexError(number)
        return Cid(RAW, bytes(self.leaves[number * DIGEST : (number + 1) * DIGEST]))

    def span(self, number: int) -> tuple[int, int]:
        """First and last byte position of a leaf, both included (as in HTTP Range)."""
        if not 0 <= number < self.count:
            raise IndexError(number)
        first = number * self.profile.chunk
        return first, min(first + self.profile.chunk, self.size) - 1

    def covering(self, first: int, last: int) -> range:
        """The numbers of the leaves that hold these byte positions (both included)."""
        if not 0 <= first <= last < self.size:
            raise ValueError(f"no bytes {first}-{last} in a file of {self.size}")
        return range(first // self.profile.chunk, last // self.profile.chunk + 1)

    def blocks(self) -> Iterator[tuple[Cid, bytes]]:
        """The inner nodes, root first and depth first. None in a file of one leaf."""
        return ((cid, block) for cid, block in self.walk() if isinstance(block, bytes))

    def walk(self) -> Iterator[tuple[Cid, bytes | int]]:
        """Every block in the order of reading: an inner node's bytes, or a leaf's number."""
        return self._below(len(self._levels) - 1, 0)

    def _below(self, level: int, position: int) -> Iterator[tuple[Cid, bytes | int]]:
        if level == 0:
            yield self.leaf(position), position
            return
        children = self._children(level, position)
        node, block = parent(children)
        yield node.cid, block
        first = position * self.profile.width
        for child in range(first, first + len(children)):
            yield from self._below(level - 1, child)

    def _children(self, level: int, position: int) -> Sequence[Branch]:
        width = self.profile.width
        return self._levels[level - 1][position * width : (position + 1) * width]

    @cached_property
    def _levels(self) -> list[list[Branch]]:
        """All branches, leaves first; the last level is the root alone."""
        sizes = (last - first + 1 for first, last in map(self.span, range(self.count)))
        levels = [[Branch(self.leaf(n), size, size) for n, size in enumerate(sizes)]]
        while len(levels[-1]) > 1:
            below, width = levels[-1], self.profile.width
            levels.append([parent(below[at : at + width])[0] for at in range(0, len(below), width)])
        return levels


@dataclass(frozen=True, slots=True)
class Node:
    """An inner node of a file. links: each child and how many bytes of the file are below it."""

    links: tuple[tuple[Cid, int], ...]


def parse_node(block: bytes) -> Node:
    """Read a dag-pb block of a file. Raises BlockInvalid for anything else."""
    try:
        links: list[Cid] = []
        data = b""
        for number, value in _fields(block):
            if number == 2 and isinstance(value, bytes):
                links.append(_target(value))
            elif number == 1 and isinstance(value, bytes):
                data = value
            else:
                raise BlockInvalid("a node with an unknown field")
        kind, sizes = _unixfs(data)
    except (CidInvalid, IndexError) as error:
        raise BlockInvalid(str(error)) from None
    if kind != 2 or not links or len(sizes) != len(links):
        raise BlockInvalid("no inner node of a file")
    return Node(tuple(zip(links, sizes, strict=True)))


def _target(link: bytes) -> Cid:
    for number, value in _fields(link):
        if number == 1 and isinstance(value, bytes):
            return from_bytes(value)
    raise BlockInvalid("a link without a target")


def _unixfs(data: bytes) -> tuple[int, list[int]]:
    """The type of a UnixFS message and the file sizes of the children."""
    kind, sizes = -1, []
    for number, value in _fields(data):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 4 and isinstance(value, int):
            sizes.append(value)
        elif number == 2:
            raise BlockInvalid("bytes inside an inner node")
    return kind, sizes


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: numbers and byte strings, nothing else occurs here."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        if key & 7 == 0:
            number, at = read_varint(message, at)
            yield key >> 3, number
        elif key & 7 == 2:
            length, at = read_varint(message, at)
            if length > len(message) - at:
                raise BlockInvalid("a field longer than its message")
            yield key >> 3, message[at : at + length]
            at += length
        else:
            raise BlockInvalid("an unknown wire type")


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and the place after it. IndexError: cut short. BlockInvalid: over 63 bits."""
    value = 0
    for shift in range(0, 63, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise BlockInvalid("a number of too many bytes")


def resolve(root: Cid, get_block: Callable[[Cid], bytes]) -> Layout:
    """The layout of a file of which only the CID is known, by asking for its inner nodes.

    Every block is checked, and the layout found has to give the very same root again in one of our
    profiles, so that positions can be trusted. Raises BlockInvalid, and what get_block raises.
    """
    if root.codec == RAW:
        block = get_block(root)
        verify(root, block)
        return _proved(root, len(block), root.digest)
    sizes: list[int] = []
    leaves = bytearray()
    for cid, size in _leaves(root, get_block, DEEPEST):
        if len(sizes) == MOST_LEAVES:
            raise BlockInvalid(f"{root} has too many blocks")
        leaves += cid.digest
        sizes.append(size)
    return _proved(root, sum(sizes), bytes(leaves))


def _leaves(cid: Cid, get_block: Callable[[Cid], bytes], depth: int) -> Iterator[tuple[Cid, int]]:
    block = get_block(cid)
    if len(block) > BLOCK_MOST or depth == 0:
        raise BlockInvalid(f"{cid} is too large or too deep")
    verify(cid, block)
    for child, size in parse_node(block).links:
        if child.codec == DAG_PB:
            yield from _leaves(child, get_block, depth - 1)
        else:
            yield child, size


def _proved(root: Cid, size: int, leaves: bytes) -> Layout:
    for profile in PROFILES.values():
        try:
            layout = Layout(size, leaves, profile)
        except ValueError:
            continue
        if layout.root == root:
            return layout
    raise BlockInvalid(f"{root} is not laid out by a profile of ours")
