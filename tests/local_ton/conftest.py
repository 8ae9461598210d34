"""One network for the tests that only talk to it; each of the others makes its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import Outgoing
from tests.local_ton.network import COIN, FAN, ByHand, Network, probe


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with quick blocks."""
    running = Network(tmp_path_factory.mktemp("ton"))
    running.start().close()
    yield running
    running.stop()


@pytest.fixture
def ton(network: Network) -> Iterator[NetworkClient]:
    """A client of the shared network, which is healthy again afterwards."""
    client = NetworkClient(network.url)
    yield client
    client.request("POST", "/faults", {})
    client.close()


@pytest.fixture(scope="session")
def fan_has_coins(network: Network) -> None:
    """The fan's wallet is deployed and full."""
    client = NetworkClient(network.url)
    client.faucet(FAN.address, 1000 * COIN)
    FAN.deploy_if_needed(client)
    client.wait_until_active(FAN.address)


@pytest.fixture(scope="session")
def probe_address(network: Network, fan_has_coins: None) -> str:
    """The test contract, deployed."""
    address, init = probe()
    client = NetworkClient(network.url)
    FAN.transfer(client, [Outgoing(address, COIN, state_init=init)])
    client.wait_until_active(address)
    return address


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[ByHand]:
    """A chain whose blocks and clock the test makes."""
    chain = ByHand(tmp_path / "chain")
    yield chain
    chain.close()
