"""TON's own client library, unchanged, works against the local network."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local import node
from deploy.local.process import ROOT
from deploy.local.ton.client import NetworkClient
from tests.local_ton.network import COIN, FAN, STRANGER, kept
from tests.local_ton.shop import open_shop

SOURCE = Path(__file__).with_name("tonclient")
PLACE = ROOT / "build" / "tonclient"


@pytest.fixture(scope="module")
def installed() -> Path:
    """The locked packages, installed once into build/ and again when the lock changes."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lockfile = (SOURCE / "package-lock.json").read_bytes()
        stamp = PLACE / "installed"
        if not stamp.exists() or stamp.read_bytes() != lockfile:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(SOURCE / name, PLACE / name)
            command = node.command("npm", "ci", "--no-audit", "--no-fund")
            subprocess.run(command, cwd=PLACE, env=node.environ(), check=True, timeout=240)
            stamp.write_bytes(lockfile)
        shutil.copy(SOURCE / "check.mjs", PLACE / "check.mjs")
    return PLACE


def test_it_reads_a_balance_and_an_item_and_sends_a_message(
    ton: NetworkClient, installed: Path, tmp_path: Path, fan_has_coins: None
) -> None:
    shop = open_shop(ton, tmp_path)
    wanted = {
        "endpoint": f"{ton.url}/api/v2/jsonRPC",
        "item": shop.item,
        "seed": (b"\x01" * 32).hex(),
        "receiver": STRANGER.address,
    }
    command = node.command("node", str(installed / "check.mjs"), json.dumps(wanted))
    done = subprocess.run(
        command, cwd=installed, env=node.environ(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["item"] == {
        "initialised": True,
        "index": 0,
        "collection": shop.collection,
        "owner": FAN.address,
    }
    assert (said["wallet"], said["walletState"]) == (FAN.address, "active")
    assert int(said["after"]) == kept(int(said["before"]) + 3 * COIN // 2)
    assert said["received"]["value"] == str(3 * COIN // 2)
    assert said["received"]["comment"] == "from @ton/ton"
    assert said["received"]["sender"] == FAN.address
    newest = ton.call("getTransactions", address=STRANGER.address, limit=1)[0]
    assert said["received"]["hash"] == newest["transaction_id"]["hash"]
    assert said["gasFee"] > 0
    assert said["shards"] == 1
