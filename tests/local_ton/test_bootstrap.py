"""The hub of the local network is deployed once, with its roles."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from contracts import hub
from contracts.codes import code
from deploy.local.ton.bootstrap import ROLES, bootstrap, main, wallets
from deploy.local.ton.client import NetworkClient
from tests.local_ton.network import COIN


def test_the_hub_stands_with_its_roles(ton: NetworkClient, tmp_path: Path) -> None:
    assert main(["--state", str(tmp_path), "--api", f"{ton.url}/api/v2/"]) == 0
    named = json.loads((tmp_path / "hub.json").read_text())
    account, _ = ton.account(named["address"])
    assert account is not None
    assert account.hash == code("hub").hash
    data = hub.parse_hub_data(ton.run_get(named["address"], "get_hub_data"))
    assert {role: getattr(data, role).to_str(is_user_friendly=False) for role in ROLES} == {
        role: named[role] for role in ROLES
    }
    assert not data.paused
    assert all(ton.balance(named[role]) > COIN for role in ROLES)


def test_a_second_run_finds_the_first_ones_hub(ton: NetworkClient, tmp_path: Path) -> None:
    first = bootstrap(tmp_path, ton)
    balance, seqno = ton.balance(first["address"]), ton.wallet_seqno(first["admin"])
    (tmp_path / "hub.json").unlink()  # killed before it could write
    assert bootstrap(tmp_path, ton) == first
    assert ton.balance(first["address"]) == balance
    assert ton.wallet_seqno(first["admin"]) == seqno


def test_the_keys_are_for_their_owner_only(ton: NetworkClient, tmp_path: Path) -> None:
    bootstrap(tmp_path, ton)
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    seeds = json.loads((tmp_path / "keys.json").read_text())
    assert len(set(seeds.values())) == len(ROLES)
    assert wallets(tmp_path)["admin"].address == wallets(tmp_path)["admin"].address


def test_an_unreachable_network_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--state", str(tmp_path), "--api", "http://127.0.0.1:9/api/v2/"]) == 1
    assert capsys.readouterr().err.startswith("cannot deploy the hub: ")
