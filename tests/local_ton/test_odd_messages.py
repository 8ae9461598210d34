"""Messages that a healthy network never sees must not stop block making."""

from __future__ import annotations

import contextlib

import pytest
from pytoniq_core import Cell, begin_cell

from deploy.local.ton.chain import Refused
from deploy.local.ton.wallet import Outgoing
from tests.local_ton.network import COIN, FAN, ByHand


def deep(levels: int) -> Cell:
    """Return a chain of cells."""
    cell: Cell = begin_cell().store_uint(0, 32).end_cell()
    for level in range(levels):
        cell = begin_cell().store_uint(level, 32).store_ref(cell).end_cell()
    return cell


@pytest.mark.parametrize(
    "message",
    [
        Outgoing("-1:" + "ab" * 32, COIN),
        Outgoing("5:" + "ab" * 32, COIN),
        Outgoing("0:" + "00" * 32, COIN),
        Outgoing("0:" + "ab" * 32, COIN, payload=deep(480)),
        Outgoing("0:" + "ab" * 32, COIN, payload=deep(600)),
        Outgoing("0:" + "ab" * 32, COIN, state_init=begin_cell().store_bits("00110").end_cell()),
        Outgoing("0:" + "ab" * 32, 10**17),
        Outgoing(FAN.address, COIN, payload=begin_cell().store_uint(0x6578746E, 32).end_cell()),
    ],
)
def test_an_odd_message_is_delivered_or_refused_and_the_chain_goes_on(
    by_hand: ByHand, message: Outgoing
) -> None:
    by_hand.fund(FAN.address, 10 * COIN)
    by_hand.send(FAN, Outgoing(FAN.address, 1, bounce=False))
    seqno = by_hand.block()
    with contextlib.suppress(Refused):
        by_hand.send(FAN, message)
    for _ in range(3):
        by_hand.block()
    by_hand.send(FAN, Outgoing(FAN.address, COIN, bounce=False))
    assert by_hand.block() == seqno + 4
    assert by_hand.store.pending() == []
    assert by_hand.balance(FAN.address) > 5 * COIN


def test_junk_cells_are_refused(by_hand: ByHand) -> None:
    for cell in (Cell.empty(), deep(3), begin_cell().store_bits("10").end_cell()):
        with pytest.raises(Refused, match="cannot unpack"):
            by_hand.chain.submit(cell)
