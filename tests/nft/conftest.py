"""Storage of the drops' tests, and a real local network with a hub for those that need a chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from deploy.local.ton.bootstrap import bootstrap
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import DevWallet
from tests.local_ton.network import Network
from tests.nft.drops import COIN


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@dataclass(frozen=True)
class Ton:
    """The local network: its address, a client, the hub, and wallets full of coins."""

    url: str
    client: NetworkClient
    hub: str
    artist: DevWallet
    fan: DevWallet

    def send(self, wallet: DevWallet, transaction: dict[str, Any]) -> None:
        """Sign and broadcast a TON Connect transaction and wait for the wallet's own part."""
        self.client.wait_for_message(wallet.send(transaction, self.client).hash)


@pytest.fixture(scope="session")
def running_ton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ton]:
    network = Network(tmp_path_factory.mktemp("drops-ton"))
    network.start().close()
    client = NetworkClient(network.url)
    artist, fan = DevWallet(b"a" * 32), DevWallet(b"f" * 32)
    for wallet in (artist, fan):
        client.faucet(wallet.address, 1000 * COIN)
    hub = bootstrap(tmp_path_factory.mktemp("drops-hub"), client)["address"]
    yield Ton(f"{network.url}/api/v2/", client, hub, artist, fan)
    client.close()
    network.stop()


@pytest.fixture
def ton(running_ton: Ton, settings: Settings) -> Ton:
    settings.TON_ENDPOINTS = [running_ton.url]
    settings.TON_HUB_ADDRESS = running_ton.hub
    return running_ton
