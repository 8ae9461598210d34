"""The chain's side of the demo catalogue: wallets, deployments and purchases, all really signed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import DevWallet, Outgoing, Sent

COIN: Final = 10**9
PATIENCE: Final = 60.0
_BANK_FLOAT: Final = 5000 * COIN
_LOW: Final = 40 * COIN
_GRANT: Final = 300 * COIN


def wallet_of(name: str) -> DevWallet:
    """The same wallet for the same name, in every development world."""
    return DevWallet(hashlib.sha256(f"tonality demo wallet {name}".encode()).digest())


class Market:
    """Signs in the name of the demo's wallets and waits until the chain has it."""

    def __init__(self, api: str) -> None:
        self.client = NetworkClient(api)

    def fund(self, wallets: Sequence[DevWallet]) -> None:
        """See that each has coins: the faucet fills one, which shares with the others."""
        poor = [one for one in wallets if self.client.balance(one.address) < _LOW]
        if not poor:
            return
        bank = wallet_of("bank")
        self.client.faucet(bank.address, _BANK_FLOAT)
        shares = [Outgoing(one.address, _GRANT, bounce=False) for one in poor]
        self._done([bank.transfer(self.client, shares)])
        self._until(lambda: all(self.client.balance(one.address) >= _LOW for one in poor))

    def send(self, requests: Sequence[tuple[DevWallet, Mapping[str, Any]]]) -> None:
        """Sign TON Connect transactions, many wallets at once, each wallet's own in order."""
        waiting = list(requests)
        while waiting:
            turn: dict[str, tuple[DevWallet, Mapping[str, Any]]] = {}
            for wallet, request in waiting:
                turn.setdefault(wallet.address, (wallet, request))
            self._done([wallet.send(dict(one), self.client) for wallet, one in turn.values()])
            sent = {id(request) for _, request in turn.values()}
            waiting = [entry for entry in waiting if id(entry[1]) not in sent]

    def wait_until_active(self, addresses: Sequence[str]) -> None:
        for address in addresses:
            self.client.wait_until_active(address, PATIENCE)

    def _done(self, sent: Sequence[Sent]) -> None:
        for one in sent:
            self.client.wait_for_message(one.hash, PATIENCE)

    def _until(self, done: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise TimeoutError("the local network did not get there")
            time.sleep(0.1)
