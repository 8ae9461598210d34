"""Deploy the hub once: python -m deploy.local.ton.bootstrap --state DIR --api URL.

Four development wallets hold the hub's roles. Their seeds are made on the first run and stay in
DIR/keys.json, readable by their owner only; DIR/hub.json names the addresses. The hub's address
follows from the keys, so that a run which was killed half-way is finished by the next one.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pytoniq_core import Address

from contracts import hub
from contracts.codes import code
from deploy.local.ton.client import NetworkClient, NetworkError
from deploy.local.ton.wallet import DevWallet, Outgoing

ROLES: Final = ("admin", "minter", "payer", "treasury")
COIN: Final = 10**9
# What each role's wallet gets from the faucet, and what the hub is deployed with.
_FLOAT: Final = 100 * COIN
_HUB_VALUE: Final = COIN
# Development roles do not lapse: a world may lie untouched for years.
_VALID_UNTIL: Final = 4_000_000_000
_MINTER_CAP: Final = 10_000
_PAYER_CAP: Final = 100_000 * COIN
# The hub's numbers of SBP, Stripe, Binance Pay and Stars, and the share that never reaches us.
_STARS: Final = 1
METHOD_SHARES: Final = {2: 0, 3: 0, 4: 0, _STARS: 3000}
_PATIENCE: Final = 30.0


def wallets(folder: Path) -> dict[str, DevWallet]:
    """Return the role wallets, making their seeds on the first call."""
    path = folder / "keys.json"
    if not path.exists():
        seeds = {role: secrets.token_hex(32) for role in ROLES}
        _write(path, json.dumps(seeds), mode=0o600)
    seeds = json.loads(path.read_text())
    return {role: DevWallet(bytes.fromhex(seeds[role])) for role in ROLES}


def _write(path: Path, text: str, *, mode: int) -> None:
    """Write a file whole or not at all, never readable by others for a moment."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    draft.replace(path)


def hub_params(roles: dict[str, DevWallet]) -> hub.HubParams:
    """Return the development hub's parameters."""
    addresses = {role: Address(wallet.address) for role, wallet in roles.items()}
    return hub.HubParams(
        **addresses,
        minter_until=_VALID_UNTIL,
        payer_until=_VALID_UNTIL,
        minter_cap=_MINTER_CAP,
        payer_cap=_PAYER_CAP,
    )


def bootstrap(folder: Path, client: NetworkClient) -> dict[str, str]:
    """Make sure that the hub stands; returns the addresses of hub.json, all raw."""
    folder.mkdir(parents=True, exist_ok=True)
    roles = wallets(folder)
    params = hub_params(roles)
    address = f"0:{hub.address(params).hash_part.hex()}"
    if not client.is_active(address):
        _deploy(client, roles, params, address)
    found, _ = client.account(address)
    if found is None or found.hash != code("hub").hash:
        raise RuntimeError(f"the account {address} has other code than the hub's")
    _set_shares(client, roles["admin"], address)
    answer = {"address": address, **{role: roles[role].address for role in ROLES}}
    _write(folder / "hub.json", json.dumps(answer), mode=0o644)
    return answer


def _set_shares(client: NetworkClient, admin: DevWallet, address: str) -> None:
    """Make the methods known by which editions are paid elsewhere; once.

    All go in one transaction of the wallet, the one that can be told from "unknown" last.
    """
    if _stars_known(client, address):
        return
    admin.transfer(
        client,
        [
            Outgoing(address, COIN // 10, payload=hub.set_shares_body(method=one, share_bps=share))
            for one, share in METHOD_SHARES.items()
        ],
    )
    _wait(lambda: _stars_known(client, address))


def _stars_known(client: NetworkClient, address: str) -> bool:
    found = client.run_get(address, "get_totals", [["num", hex(_STARS)]])
    return hub.parse_totals(found).share_bps == METHOD_SHARES[_STARS]


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("the hub did not take its methods' shares")
        time.sleep(0.2)


def _deploy(
    client: NetworkClient, roles: dict[str, DevWallet], params: hub.HubParams, address: str
) -> None:
    for wallet in roles.values():
        if client.balance(wallet.address) < _FLOAT // 2:
            client.faucet(wallet.address, _FLOAT)
    init = hub.state_init(params).serialize()
    roles["admin"].transfer(client, [Outgoing(address, _HUB_VALUE, state_init=init)])
    client.wait_until_active(address)


def main(argv: list[str] | None = None) -> int:
    """Run once; prints hub.json's content and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.ton.bootstrap")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--api", default="http://127.0.0.1:8081/api/v2/")
    options = parser.parse_args(sys.argv[1:] if argv is None else argv)
    client = NetworkClient(options.api)
    try:
        print(json.dumps(bootstrap(options.state, client)))
    except (OSError, NetworkError, TimeoutError) as error:
        print(f"cannot deploy the hub: {error}", file=sys.stderr)
        return 1
    finally:
        client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
