"""The client and the follower on the local TON network: real wallets, real blocks, real HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from django.db import connection

from core.ton.client import ChainError, GetMethodFailed
from core.ton.follower import Follower
from core.ton.models import ChainTransaction
from core.ton.sources import QuorumReader
from core.ton.toncenter import Toncenter
from core.ton.walk import between
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import DevWallet, Outgoing
from tests.core.ton.conftest import Till
from tests.core.ton.scripted import COIN, body_of

pytestmark = pytest.mark.usefixtures("transactional_db")


@dataclass
class Network:
    """A running network with two deployed wallets."""

    url: str
    client: Toncenter
    wallets: NetworkClient
    fan: DevWallet
    hub: DevWallet

    def pay(self, order: int) -> None:
        payload = body_of(0x5A1E, (order, 64))
        self.fan.transfer(self.wallets, [Outgoing(self.hub.address, COIN, payload)])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def until(condition: object, seconds: float = 20) -> float:
    """Wait until it is true; how long that took."""
    assert callable(condition)
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    port, state = free_port(), tmp_path_factory.mktemp("ton")
    process = start(port, state)
    try:
        yield deploy_wallets(f"http://127.0.0.1:{port}/api/v2/")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def start(port: int, state: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "deploy.local.ton", "--port", str(port)]
    command += ["--state", str(state), "--block-seconds", "0.5"]
    return subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)


def deploy_wallets(url: str) -> Network:
    made = Network(
        url,
        Toncenter(url),
        NetworkClient(url),
        DevWallet(b"\x0f" * 32),
        DevWallet(b"\x0b" * 32),
    )
    until(lambda: answers(made.client))
    for wallet in (made.fan, made.hub):
        faucet = url.replace("/api/v2/", "/faucet")
        paid = {"address": wallet.address, "amount": str(100 * COIN)}
        assert httpx2.post(faucet, json=paid).status_code == httpx2.codes.OK
        until(lambda wallet=wallet: made.client.account(wallet.address).balance > 0)
        wallet.deploy_if_needed(made.wallets)
        until(lambda wallet=wallet: made.client.account(wallet.address).status == "active")
    return made


def answers(client: Toncenter) -> bool:
    try:
        return client.head().seqno > 0
    except ChainError:
        return False


def test_reads_accounts_and_get_methods(network: Network) -> None:
    found = network.client.account(network.hub.address)
    assert found.status == "active"
    assert found.code is not None
    (key,) = network.client.run_get(network.hub.address, "get_public_key")
    assert key == int.from_bytes(network.hub.public_key, "big")
    with pytest.raises(GetMethodFailed):
        network.client.run_get(network.hub.address, "no_such_method")
    assert network.client.account("0:" + "77" * 32).status == "uninit"


def test_transactions_join_by_hash_from_the_first_to_the_newest(network: Network) -> None:
    account = network.client.account(network.hub.address)
    found = network.client.transactions_since(network.hub.address, 0)
    assert (found[-1].lt, found[-1].hash) == (account.last_lt, account.last_hash)
    assert found[0].prev_lt == 0
    assert [item.prev_hash for item in found[1:]] == [item.hash for item in found[:-1]]
    first, last = found[0].utime, found[-1].utime
    assert between(network.client, network.hub.address, first, last + 1) == found
    assert between(network.client, network.hub.address, last + 1, last + 2) == []


def test_a_payment_is_handled_within_a_second_of_its_block(network: Network, till: Till) -> None:
    one = Follower(network.hub.address, QuorumReader([network.client], 1), poll=0.5)
    thread = threading.Thread(target=run_and_close, args=[one])
    thread.start()
    try:
        for order in (1, 2, 3):
            before = network.client.account(network.hub.address).last_lt
            network.pay(order)
            until(
                lambda before=before: network.client.account(network.hub.address).last_lt > before
            )
            assert until(lambda order=order: order in till.orders) < 1
    finally:
        one.stop()
        thread.join(10)
    assert till.orders == [1, 2, 3]
    assert till.seen[0].source == network.fan.address
    assert till.seen[0].value == COIN
    assert not ChainTransaction.objects.filter(state="received").exists()


def newest(network: Network) -> int:
    return network.client.account(network.hub.address).last_lt


def run_and_close(one: Follower) -> None:
    one.run()
    connection.close()
