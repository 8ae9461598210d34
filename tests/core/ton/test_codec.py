"""Cells of strangers are read and written without trust, and in linear time."""

from __future__ import annotations

import time

import pytest
from pytoniq_core.boc.builder import Builder
from pytoniq_core.boc.cell import Cell

from core.ton import codec
from tests.core.ton.scripted import Chain, body_of, internal


def pyramid(height: int) -> Cell:
    """Each cell refers twice to the next: 2 ** height paths through `height` cells."""
    cell: Cell = Builder().store_uint(7, 8).end_cell()
    for level in range(height):
        cell = Builder().store_uint(level, 16).store_ref(cell).store_ref(cell).end_cell()
    return cell


def test_a_bag_of_cells_comes_back_as_it_went(chain: Chain) -> None:
    cell = Cell.one_from_boc(chain.sale(1).boc)
    other = body_of(1)
    assert codec.one_cell(codec.to_boc(cell)).hash == cell.hash
    first, second = codec.roots(codec.to_boc(cell, other))
    assert (first.hash, second.hash) == (cell.hash, other.hash)


def test_a_pyramid_of_shared_cells_costs_nothing(chain: Chain) -> None:
    began = time.monotonic()
    cell = pyramid(400)
    boc = codec.to_boc(cell)
    assert codec.one_cell(boc).hash == cell.hash
    assert len(boc) < 10_000
    body = Builder().store_uint(0x5A1E, 32).store_ref(cell).end_cell()
    sent = internal(body)
    assert codec.one_cell(codec.to_boc(sent)).hash == sent.hash
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("boc", [b"", b"\xb5\xee\x9c\x72", b"\x00" * 100, b"\xb5\xee\x9c\x72" * 9])
def test_broken_bags_are_malformed(boc: bytes) -> None:
    with pytest.raises(codec.Malformed):
        codec.plain_cell(boc)


def test_every_cut_of_a_transaction_is_malformed(chain: Chain) -> None:
    whole = chain.sale(1).boc
    for length in range(0, len(whole), 7):
        with pytest.raises(codec.Malformed):
            codec.plain_cell(whole[:length])


def test_two_roots_are_not_one() -> None:
    with pytest.raises(codec.Malformed, match="2 roots"):
        codec.one_cell(codec.to_boc(body_of(1), body_of(2)))
