"""A running network for tests, as a process that can be killed, and a chain made step by step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytoniq_core import Cell, begin_cell

from contracts.compile import compile_sources
from deploy.local.process import ROOT
from deploy.local.ton.chain import Chain
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.store import Store
from deploy.local.ton.wallet import DevWallet, Outgoing

COIN = 10**9
FAN, ARTIST, STRANGER = (DevWallet(bytes([number]) * 32) for number in (1, 2, 3))


def kept(nano: int) -> Any:
    """Compare a balance: an account without code pays a few nano for its storage."""
    return pytest.approx(nano, abs=100)


class Network:
    """`python -m deploy.local.ton` on a free port."""

    def __init__(self, folder: Path, block_seconds: float = 0.05) -> None:
        self.folder = folder
        self._seconds = str(block_seconds)
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> NetworkClient:
        """Start it and return a client."""
        words = ["--port", "0", "--state", str(self.folder), "--block-seconds", self._seconds]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.ton", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout is None:
            raise RuntimeError("no output")
        self.url = self._process.stdout.readline().split()[-1].removesuffix("/api/v2/")
        return NetworkClient(self.url)

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._end("kill")

    def stop(self) -> int:
        """End it in order; returns the exit status."""
        return self._end("terminate")

    def _end(self, how: str) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        getattr(process, how)()
        status = process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
        return status


class Clock:
    """A clock that tests turn by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class ByHand:
    """A chain without a thread: `block()` makes the next block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.open()

    def open(self) -> None:
        """Open the file, as a restart does."""
        self.store = Store(self.folder)
        self.chain = Chain(self.store, clock=self.clock)

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def block(self) -> int:
        """Make one block a second later; returns its seqno."""
        self.clock.now += 1
        self.chain.make_block()
        return self.chain.head.seqno

    def balance(self, address: str) -> int:
        """Return a balance in the newest block."""
        return self.store.account(address, self.chain.head.seqno).balance

    def seqno_of(self, wallet: DevWallet) -> int:
        """Return a wallet's seqno, 0 when it is not deployed."""
        account = self.store.account(wallet.address, self.chain.head.seqno)
        return account.data.begin_parse().skip_bits(1).load_uint(32) if account.data else 0

    def send(self, wallet: DevWallet, *messages: Outgoing) -> None:
        """Put a signed transfer into the mempool."""
        until = int(self.clock.now) + 60
        self.chain.submit(
            wallet.external(list(messages), seqno=self.seqno_of(wallet), valid_until=until)
        )

    def fund(self, address: str, amount: int) -> None:
        """Give coins by a transfer of the giver in the next block."""
        self.chain.wish_later(address, amount)
        self.block()


def probe() -> tuple[str, Cell]:
    """Return address and StateInit of the test contract."""
    code = compile_sources([Path(__file__).with_name("probe.fc")])
    init = begin_cell().store_bits("00").store_maybe_ref(code)
    cell = init.store_maybe_ref(Cell.empty()).store_bit_int(0).end_cell()
    return f"0:{cell.hash.hex()}", cell
