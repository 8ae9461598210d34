"""kill -9 in the middle of block making, again and again: the chain stays whole."""

from __future__ import annotations

import contextlib
import http.client
import time
from pathlib import Path

from pytoniq_core import Cell

from deploy.local.ton.block import LT_PER_BLOCK
from deploy.local.ton.chain import GENESIS_COINS
from deploy.local.ton.client import NetworkClient, NetworkError
from deploy.local.ton.store import Store
from deploy.local.ton.transactions import read_message, read_transaction
from deploy.local.ton.wallet import DevWallet, Outgoing
from tests.local_ton.network import COIN, FAN, Network, probe


def work(ton: NetworkClient, seconds: float) -> None:
    """Keep the network busy with long traces."""
    address, _ = probe()
    deadline = time.monotonic() + seconds
    body = Cell.empty().to_builder().store_uint(20, 16).end_cell()
    while time.monotonic() < deadline:
        receiver = DevWallet(int(time.time() * 1e6).to_bytes(32, "big"))
        messages = [Outgoing(address, COIN, payload=body)]
        messages += [Outgoing(receiver.address, COIN // 100, bounce=False)] * 5
        with contextlib.suppress(NetworkError):
            FAN.transfer(ton, messages)


def test_a_killed_network_continues_a_consistent_chain(tmp_path: Path) -> None:
    network = Network(tmp_path / "ton", block_seconds=0.03)
    ton = network.start()
    ton.faucet(FAN.address, 100_000 * COIN)
    address, init = probe()
    FAN.transfer(ton, [Outgoing(address, COIN, state_init=init)])
    ton.wait_until_active(address)
    heads = []
    for round_number in range(4):
        with contextlib.suppress(OSError, http.client.HTTPException):
            work(ton, 0.5 + 0.013 * round_number)
        heads.append(ton.seqno())
        network.kill()
        ton = network.start()
        assert ton.seqno() >= heads[-1]
    work(ton, 0.3)
    assert heads == sorted(set(heads))
    assert network.stop() == 0
    examine(tmp_path / "ton")


def examine(folder: Path) -> None:
    """Assert links, logical times, blocks and the sum of all coins."""
    store = Store(folder)
    head = store.head()
    assert head is not None
    rows = store.select("1", limit=10**6)
    assert len(rows) > 50
    assert len({row.lt for row in rows}) == len(rows)
    burnt = waiting = 0
    last: dict[str, tuple[int, bytes]] = {}
    for row in rows:
        made = read_transaction(Cell.one_from_boc(row.boc), int(row.account.split(":")[0]))
        assert (made.prev_lt, made.prev_hash) == last.get(row.account, (0, bytes(32)))
        assert row.seqno == row.lt // LT_PER_BLOCK <= head.seqno
        last[row.account] = (made.lt, made.hash)
        burnt += made.total_fees + sum(message.fwd_fee for message in made.out_messages)
    for boc, _ in store.pending():
        waiting += read_message(Cell.one_from_boc(boc)).value
    accounts = {account: store.account(account, head.seqno) for account in last}
    for account, (lt, digest) in last.items():
        assert (accounts[account].last_lt, accounts[account].last_hash) == (lt, digest)
    total = sum(account.balance for account in accounts.values())
    assert total + burnt + waiting == GENESIS_COINS
    store.close()
