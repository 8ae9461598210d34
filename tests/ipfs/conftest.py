"""A local IPFS network of our own; or, for the contract, the node that IPFS_API names."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2
import pytest
from pytest_django import Settings

from core.ipfs.pinning.kubo import Kubo
from deploy.local.ipfs.network import Network

TOKEN = "secret-of-the-backup"
WIRE = httpx2.Client(timeout=20, trust_env=False)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with Network(tmp_path_factory.mktemp("ipfs"), token=TOKEN, pinata=0) as network:
        yield network


@pytest.fixture
def network(running: Network) -> Network:
    """Mended, without pins, and without memory of what other tests asked."""
    for face in running.faces:
        face.mend()
    for store in running.stores:
        for cid in store.pins():
            store.unpin(cid)
    running.pinning.requests.clear()
    return running


@pytest.fixture
def kept_at(network: Network, settings: Settings) -> Network:
    """Our node and the backup as the shop's services."""
    settings.IPFS_API = network.node.url
    settings.IPFS_PINNING = {"backup": network.pinning.url}
    settings.IPFS_PINNING_TOKENS = {"backup": TOKEN}
    settings.IPFS_REPLICAS = 2
    return network


@dataclass(frozen=True)
class Node:
    """The node that the contract is tried against, and a gateway before it."""

    kubo: Kubo
    gateway: str


@pytest.fixture
def node(network: Network) -> Node:
    api = os.environ.get("CONTRACT_IPFS_API", "")
    if api:
        return Node(Kubo("real", api), os.environ.get("CONTRACT_IPFS_GATEWAY", ""))
    return Node(Kubo("own", network.node.url), network.own.url)


def until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
