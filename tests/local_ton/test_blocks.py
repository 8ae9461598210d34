"""Blocks, logical time and links of the local chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytoniq_core import Cell, begin_cell

from deploy.local.ton.accounts import read_account
from deploy.local.ton.block import LT_PER_BLOCK
from deploy.local.ton.chain import GENESIS_COINS
from deploy.local.ton.store import Row, StateUnusable, Store
from deploy.local.ton.transactions import Transaction, read_transaction
from deploy.local.ton.wallet import Outgoing
from tests.local_ton.network import ARTIST, COIN, FAN, STRANGER, ByHand, probe


def history(made: ByHand, address: str) -> list[Row]:
    """Return an account's transactions, newest first."""
    seqno = made.chain.head.seqno
    return made.store.transactions(address, upto=seqno, lt=None, to_lt=0, limit=1000)


def read(row: Row) -> Transaction:
    """Return a stored transaction."""
    return read_transaction(Cell.one_from_boc(row.boc))


def test_idle_blocks_advance_number_and_time_without_growing_the_file(by_hand: ByHand) -> None:
    start = by_hand.chain.head
    by_hand.block()
    wal = Path(f"{by_hand.store.path}-wal")
    for _ in range(3000):
        by_hand.block()
    size = by_hand.store.path.stat().st_size + wal.stat().st_size
    for _ in range(3000):
        by_hand.block()
    assert by_hand.chain.head.seqno == start.seqno + 6001
    assert by_hand.chain.head.utime == start.utime + 6001
    assert by_hand.store.path.stat().st_size + wal.stat().st_size <= size + 1_000_000


def test_a_trace_of_several_contracts_fits_one_block(by_hand: ByHand) -> None:
    by_hand.fund(FAN.address, 10 * COIN)
    address, init = probe()
    five = begin_cell().store_uint(5, 16).end_cell()
    by_hand.send(FAN, Outgoing(address, COIN, payload=five, state_init=init))
    seqno = by_hand.block()
    assert {row.seqno for row in history(by_hand, address)} == {seqno}
    assert len(history(by_hand, address)) == 6
    assert len({row.trace for row in history(by_hand, address)}) == 1


def test_links_to_previous_transactions_verify_down_to_the_first(by_hand: ByHand) -> None:
    by_hand.fund(FAN.address, 10 * COIN)
    for _ in range(4):
        by_hand.send(FAN, Outgoing(ARTIST.address, COIN, bounce=False))
        by_hand.block()
    lt, digest, state = 0, bytes(32), None
    for row in reversed(history(by_hand, FAN.address)):
        made = read(row)
        assert (made.prev_lt, made.prev_hash) == (lt, digest)
        assert made.hash == row.hash
        assert state in (None, made.state_before)
        lt, digest, state = made.lt, made.hash, made.state_after
    account = by_hand.store.account(FAN.address, by_hand.chain.head.seqno)
    assert (account.last_lt, account.last_hash, account.state_hash) == (lt, digest, state)


def test_logical_time_grows_along_messages_and_stays_inside_its_block(by_hand: ByHand) -> None:
    by_hand.fund(FAN.address, 10 * COIN)
    by_hand.send(FAN, *(Outgoing(ARTIST.address, COIN, bounce=False) for _ in range(3)))
    by_hand.block()
    for address in (FAN.address, ARTIST.address):
        for row in history(by_hand, address):
            made = read(row)
            assert row.seqno == made.lt // LT_PER_BLOCK
            if made.in_message and made.in_message.kind == "int":
                assert made.in_message.created_lt < made.lt
            times = [message.created_lt for message in made.out_messages]
            assert times == sorted(set(times))
            assert all(time > made.lt for time in times)


def test_no_coin_appears_or_vanishes(by_hand: ByHand) -> None:
    for wallet in (FAN, ARTIST):
        by_hand.fund(wallet.address, 10 * COIN)
    for sender, receiver in ((FAN, ARTIST), (ARTIST, STRANGER), (FAN, STRANGER)):
        by_hand.send(sender, Outgoing(receiver.address, COIN + 7, bounce=False))
        by_hand.block()
    nobody = Outgoing("0:" + "ab" * 32, COIN)  # bounces: nobody lives there
    by_hand.send(FAN, nobody)
    by_hand.block()
    rows = by_hand.store.select("1")
    burnt = sum(read(row).total_fees for row in rows)
    burnt += sum(message.fwd_fee for row in rows for message in read(row).out_messages)
    holders = {row.account for row in rows}
    assert sum(by_hand.balance(holder) for holder in holders) + burnt == GENESIS_COINS


def test_what_exceeds_a_blocks_gas_is_delivered_in_the_next(
    by_hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand.fund(FAN.address, 10 * COIN)
    address, init = probe()
    thirty = begin_cell().store_uint(30, 16).end_cell()
    by_hand.send(FAN, Outgoing(address, COIN, payload=thirty, state_init=init))
    monkeypatch.setattr("deploy.local.ton.block.BLOCK_GAS", 10_000)
    by_hand.block()
    waiting = by_hand.store.pending()
    assert len(waiting) == 1
    by_hand.close()
    by_hand.open()  # what waits survives a restart
    for _ in range(40):
        by_hand.block()
    assert len(history(by_hand, address)) == 31
    assert len({row.seqno for row in history(by_hand, address)}) > 1
    assert by_hand.store.pending() == []


def test_a_restart_continues_the_same_chain_later(by_hand: ByHand) -> None:
    by_hand.fund(FAN.address, COIN)
    before = by_hand.chain.head
    by_hand.close()
    by_hand.clock.now += 86_400
    by_hand.open()
    after = by_hand.chain.head
    assert after.chain_id == before.chain_id
    assert (after.seqno, after.utime) == (before.seqno + 1, before.utime + 86_400)
    assert by_hand.store.time_of(before.seqno) == before.utime
    assert by_hand.balance(FAN.address) == COIN


def test_time_never_runs_backwards_when_the_clock_does(by_hand: ByHand) -> None:
    utime = by_hand.chain.head.utime
    by_hand.clock.now -= 3600
    by_hand.block()
    assert by_hand.chain.head.utime == utime


def test_a_second_network_is_kept_out_of_the_folder(by_hand: ByHand) -> None:
    with pytest.raises(StateUnusable, match="in use"):
        Store(by_hand.folder)


def test_old_states_are_dropped_but_the_one_in_force_stays(
    by_hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.ton.store.KEPT_BLOCKS", 5)
    by_hand.fund(FAN.address, 10 * COIN)
    for _ in range(12):
        by_hand.send(FAN, Outgoing(ARTIST.address, 1000, bounce=False))
        by_hand.block()
    seqno = by_hand.chain.head.seqno
    kept = by_hand.store._rows("SELECT seqno, boc FROM states WHERE account = ?", FAN.address)
    assert len(kept) <= 8
    older = by_hand.store.account(FAN.address, seqno - 5)
    newest = by_hand.store.account(FAN.address, seqno)
    assert older.last_lt < newest.last_lt
    assert read_account(Cell.one_from_boc(kept[-1][1])).last_lt == newest.last_lt
