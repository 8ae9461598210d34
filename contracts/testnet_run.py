"""A run on testnet by a person: ``python -m contracts.testnet_run --owner ADDRESS [step]``.

Prints TON Connect transactions (JSON, unsigned) for the steps that README.md lists. Nothing is
signed or sent here: paste a transaction into a wallet's developer page, then compare what an
explorer shows with the printed expectation. One wallet plays every role.
"""

from __future__ import annotations

import argparse
import base64
import json
import time
from collections.abc import Callable
from typing import Any, Final

from pytoniq_core import Address, Cell, StateInit

from contracts import collection, fees, hub, item, metadata
from contracts.metadata import EditionContent

COIN: Final = 10**9
PRICE: Final = COIN // 100
METHOD: Final = 1
YEAR: Final = 365 * 86_400


def message(
    dest: Address, amount: int, body: Cell | None = None, init: StateInit | None = None
) -> dict[str, str]:
    """Return one message in TON Connect's form; ``amount`` in nano."""
    found = {
        "address": dest.to_str(is_bounceable=init is None, is_test_only=True),
        "amount": str(amount),
    }
    if body is not None:
        found["payload"] = base64.b64encode(body.to_boc()).decode()
    if init is not None:
        found["stateInit"] = base64.b64encode(init.serialize().to_boc()).decode()
    return found


class Run:
    """The addresses of one run, all following from the owner's."""

    def __init__(self, owner: Address, started: int) -> None:
        self.owner = owner
        later = started + YEAR
        self.hub_params = hub.HubParams(
            owner, owner, owner, owner, later, later, minter_cap=1000, payer_cap=COIN
        )
        self.hub = hub.address(self.hub_params)
        content = metadata.release_content(
            "ipfs://bafkqaaa", EditionContent("Test run", "ipfs://bafkqaaa", "ipfs://bafkqaaa")
        )
        self.params = collection.CollectionParams(
            release_id=started,
            owner=owner,
            payout=owner,
            hub=self.hub,
            content=content,
            price=PRICE,
            max_supply=400,
            hub_quota=300,
            platform_bps=1000,
            royalty_numerator=500,
        )
        self.collection = collection.address(self.params)

    def deploy(self) -> list[dict[str, str]]:
        """Hub and collection. Expect: both active, getters answer."""
        return [
            message(self.hub, COIN // 2, init=hub.state_init(self.hub_params)),
            message(
                self.collection,
                fees.collection_deploy_value(),
                collection.deploy_body(),
                collection.state_init(self.params),
            ),
            message(self.hub, COIN // 10, hub.set_shares_body(method=METHOD, share_bps=0)),
        ]

    def buy(self) -> list[dict[str, str]]:
        """One for oneself, one refused. Expect: an item; 464 and the value less gas and one fee."""
        cost = fees.mint_cost(1, gift=False, referred=False, price=PRICE, platform_bps=1000)
        good = collection.buy_body(query_id=1, quantity=1, max_unit_price=PRICE)
        bad = collection.buy_body(query_id=2, quantity=1, max_unit_price=PRICE - 1)
        return [message(self.collection, cost, good), message(self.collection, cost, bad)]

    def settle(self) -> list[dict[str, str]]:
        """250 editions, then a part that bounces. Expect: receipt; totals 250 after both."""
        many = [hub.SettlePart(self.collection, 0, 1, [self.owner] * fees.MAX_BATCH)]
        nobody = [hub.SettlePart(Address((0, b"\x01" * 32)), 0, 1, [self.owner])]
        return [
            message(self.hub, fees.settle_cost([fees.MAX_BATCH]), self._batch(0, many)),
            message(self.hub, fees.settle_cost([1]), self._batch(1, nobody)),
        ]

    def transfer(self) -> list[dict[str, str]]:
        """Item 0 to its own owner with a notification. Expect: ownership_assigned, excesses."""
        which = item.address(item.ItemParams(self.collection, 0))
        body = item.transfer_body(new_owner=self.owner, response=self.owner, forward_amount=1)
        return [message(which, item.transfer_value(1), body)]

    def _batch(self, number: int, parts: list[hub.SettlePart]) -> Cell:
        return hub.settle_body(batch=number, orders_sha256=bytes(32), method=METHOD, parts=parts)


def main(arguments: list[str] | None = None) -> int:
    """Print one step, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m contracts.testnet_run", description=__doc__)
    parser.add_argument("--owner", required=True, help="the testnet wallet that signs")
    parser.add_argument(
        "--started", type=int, required=True, help="any number; repeat it each step"
    )
    parser.add_argument("step", nargs="?", choices=["deploy", "buy", "settle", "transfer"])
    options = parser.parse_args(arguments)
    run = Run(Address(options.owner), options.started)
    steps: dict[str, Callable[[], list[dict[str, str]]]] = {
        "deploy": run.deploy,
        "buy": run.buy,
        "settle": run.settle,
        "transfer": run.transfer,
    }
    for name in [options.step] if options.step else list(steps):
        transaction: dict[str, Any] = {
            "valid_until": int(time.time()) + 600,
            "network": "-3",
            "messages": steps[name](),
        }
        print(f"# {name}: {steps[name].__doc__}")
        print(json.dumps(transaction, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
