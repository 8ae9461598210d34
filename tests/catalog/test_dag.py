"""Trees of blocks: equal to another implementation's, provable part by part, whatever is sent."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path

import aleph_cid
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ipfs import car
from core.ipfs.cid import (
    CHUNK,
    CLASSIC,
    WIDE,
    WIDTH,
    Cid,
    CidBuilder,
    CidInvalid,
    Profile,
    parse,
    parse_any,
)
from core.ipfs.dag import BlockInvalid, Layout, parse_node, resolve

EDGES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1, 3 * CHUNK)
FULL = WIDTH * CHUNK


def laid_out(data: bytes, profile: Profile = CLASSIC) -> Layout:
    builder = CidBuilder(profile)
    builder.update(data)
    root = builder.cid()
    layout = Layout(len(data), builder.leaves, profile)
    assert layout.root == root
    return layout


@pytest.mark.parametrize("size", [*EDGES, FULL - 1, FULL, FULL + 1])
def test_identifiers_equal_those_of_an_independent_implementation(size: int) -> None:
    """Around every edge of a chunk, and of a full node, above which the tree has two levels."""
    other = aleph_cid.CidHasher.for_ipfs_v1_raw_leaves()
    data = random.Random(size).randbytes(min(size, 1 << 20))
    data = (data * (size // max(1, len(data)) + 1))[:size]
    other.update(data)
    assert str(laid_out(data).root) == other.finalize()


@pytest.mark.parametrize("profile", [CLASSIC, WIDE, Profile(256, 3)])
def test_a_layout_from_hashes_gives_the_same_tree_as_the_bytes(profile: Profile) -> None:
    for size in (0, 1, profile.chunk, profile.chunk + 1, 9 * profile.chunk, 28 * profile.chunk):
        layout = laid_out(bytes(size), profile)
        nodes = list(layout.blocks())
        assert [cid for cid, _ in nodes][:1] == ([layout.root] if layout.count > 1 else [])
        assert sum(len(parse_node(block).links) for _, block in nodes) == (
            len(nodes) - 1 + layout.count if nodes else 0
        )


def test_hashes_that_do_not_fit_the_size_are_no_layout() -> None:
    with pytest.raises(ValueError, match="64 bytes of hashes"):
        Layout(CHUNK, bytes(64))


def test_any_part_of_a_file_is_proved_by_the_cid_alone() -> None:
    data = random.Random(7).randbytes(3 * CHUNK + 5)
    known = laid_out(data)
    blocks = dict(known.blocks())
    layout = resolve(known.root, blocks.__getitem__)
    assert (layout.size, layout.leaves) == (len(data), known.leaves)
    assert [layout.span(n) for n in layout.covering(CHUNK - 1, CHUNK)] == [
        (0, CHUNK - 1),
        (CHUNK, 2 * CHUNK - 1),
    ]
    assert layout.span(3) == (3 * CHUNK, 3 * CHUNK + 4)
    with pytest.raises(ValueError, match="no bytes"):
        layout.covering(0, len(data))


def test_a_wrong_inner_block_is_refused() -> None:
    layout = laid_out(bytes(2 * CHUNK + 1))
    (_, block), *_ = layout.blocks()
    for wrong in (block[:-1], block + b"\x00", bytes([block[0] ^ 1]) + block[1:], b""):
        with pytest.raises(BlockInvalid):
            resolve(layout.root, {layout.root: wrong}.__getitem__)


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_no_bytes_break_the_reader_of_nodes(block: bytes) -> None:
    with suppress(BlockInvalid):
        assert parse_node(block).links


def test_base58_names_the_same_block() -> None:
    """js-ipfs answers in base58: the same 36 bytes."""
    text = "zdj7WnVoQniJV7nvEpjcNCj5Cw5zA6k1bibhwUZu2eXL8txXS"
    plain = "bafybeih5s2lzad3vvlqwtfcox5zrzjx3jmwu3i4opaeymycnesoebeqg5e"
    assert parse_any(text) == parse_any(plain) == parse_any(plain.upper()) == parse(plain)
    for wrong in (text[:-1], text + "1", text[:-1] + "0", "z", ""):
        with pytest.raises(CidInvalid):
            parse_any(wrong)


# --- CAR --------------------------------------------------------------------------------------
SMALL = Profile(64, 3)


@cache
def _car() -> tuple[Layout, bytes, bytes]:
    data = random.Random(1).randbytes(10 * SMALL.chunk + 9)
    layout = laid_out(data, SMALL)
    return layout, data, b"".join(car.write(layout, lambda: io.BytesIO(data)))


def _pieces(stream: bytes, length: int = 50) -> list[bytes]:
    return [stream[at : at + length] for at in range(0, len(stream), length)]


def _file(layout: Layout, blocks: list[tuple[Cid, bytes]]) -> bytes:
    found = dict(blocks)
    return b"".join(found[layout.leaf(n)] for n in range(layout.count))


@pytest.mark.parametrize("size", [0, 1, CHUNK + 1])
def test_what_was_written_is_read_back(size: int) -> None:
    data = random.Random(size).randbytes(size)
    layout = laid_out(data)
    stream = car.write(layout, lambda: io.BytesIO(data))
    assert _file(layout, list(car.read(stream, layout.root))) == data


def test_another_reader_finds_the_root(tmp_path: Path) -> None:
    layout, _data, stream = _car()
    (tmp_path / "one.car").write_bytes(stream)
    assert aleph_cid.read_carv1_root(str(tmp_path / "one.car")) == str(layout.root)


def test_stored_bytes_that_are_damaged_are_not_passed_on() -> None:
    layout, data, stream = _car()
    pieces = car.write(layout, lambda: io.BytesIO(data[:-1] + b"?"))
    sent = list(islice(pieces, 1 + 7 + 10))  # the header, the nodes, all whole leaves
    with pytest.raises(BlockInvalid):
        next(pieces)
    assert stream.startswith(b"".join(sent))


def test_a_stream_cut_anywhere_is_refused() -> None:
    layout, _data, stream = _car()
    for end in range(len(stream)):
        with pytest.raises(car.CarInvalid):
            list(car.read([stream[:end]], layout.root))


@given(st.integers(min_value=0), st.integers(1, 255))
@settings(max_examples=400)
def test_a_changed_byte_never_gives_a_wrong_file(place: int, change: int) -> None:
    """Refused anywhere but in the header's roots, which nobody believes."""
    layout, data, stream = _car()
    at = place % len(stream)
    damaged = stream[:at] + bytes([stream[at] ^ change]) + stream[at + 1 :]
    try:
        read = list(car.read(_pieces(damaged), layout.root))
    except car.CarInvalid:
        return
    assert at in range(12, 50)
    assert _file(layout, read) == data


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_garbage_is_no_car(garbage: bytes) -> None:
    layout, _data, stream = _car()
    with pytest.raises(car.CarInvalid):
        list(car.read([garbage], layout.root))
    if garbage:
        with pytest.raises(car.CarInvalid):
            list(car.read([stream, garbage], layout.root))


def test_a_block_that_nobody_asked_for_is_refused_though_its_hash_is_right() -> None:
    layout, _data, stream = _car()
    stranger = laid_out(b"stranger", SMALL)
    *_, extra = car.write(stranger, lambda: io.BytesIO(b"stranger"))
    with pytest.raises(car.CarInvalid, match="no part"):
        list(car.read([stream, extra], layout.root))


def test_an_oversized_block_is_refused_before_it_is_read() -> None:
    layout, _data, stream = _car()
    header = stream[: 1 + stream[0]]

    def endless() -> Iterator[bytes]:
        yield header + b"\x80\x80\x80\x02"  # 4 MiB
        raise AssertionError("read on")

    with pytest.raises(car.CarInvalid, match="4194304 bytes"):
        list(car.read(endless(), layout.root))


def test_duplicates_are_passed_over() -> None:
    layout, data, stream = _car()
    again = stream[1 + stream[0] :]
    assert _file(layout, list(car.read([stream, again], layout.root))) == data
