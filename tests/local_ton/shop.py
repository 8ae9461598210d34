"""A small shop on the local network without any server: hub, collection, one edition bought."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pytoniq_core import Address

from contracts import collection, fees, item, metadata
from deploy.local.ton.bootstrap import bootstrap
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import Outgoing
from tests.local_ton.network import ARTIST, COIN, FAN

PRICE = 2 * COIN
PLATFORM_BPS = 1000


@dataclass(frozen=True)
class Shop:
    """Raw addresses of a shop in which the fan owns edition 1."""

    hub: str
    collection: str
    item: str


def raw(address: Address) -> str:
    """Return the raw form of an address."""
    return f"0:{address.hash_part.hex()}"


def open_shop(ton: NetworkClient, folder: Path) -> Shop:
    """Deploy hub and collection and buy one edition."""
    hub = bootstrap(folder, ton)["address"]
    edition = metadata.EditionContent(title="Northern Line", uri="ipfs://release.json", image="")
    params = collection.CollectionParams(
        release_id=time.time_ns(),
        owner=Address(ARTIST.address),
        payout=Address(ARTIST.address),
        hub=Address(hub),
        content=metadata.release_content("ipfs://collection.json", edition),
        price=PRICE,
        max_supply=100,
        platform_bps=PLATFORM_BPS,
    )
    address = raw(collection.address(params))
    ton.faucet(ARTIST.address, 10 * COIN)
    deploy = Outgoing(
        address,
        fees.collection_deploy_value() + COIN // 10,
        payload=collection.deploy_body(),
        state_init=collection.state_init(params).serialize(),
    )
    ARTIST.transfer(ton, [deploy])
    ton.wait_until_active(address)
    buy(ton, address)
    bought = item.address(item.ItemParams(Address(address), 0))
    return Shop(hub, address, raw(bought))


def buy(ton: NetworkClient, address: str) -> str:
    """The fan buys one edition; returns the wallet's transaction hash in base64."""
    cost = ton.run_get(address, "get_mint_cost", [["num", 1], ["num", 0], ["num", 0]])[0]
    body = collection.buy_body(query_id=7, quantity=1, max_unit_price=PRICE)
    sent = FAN.transfer(ton, [Outgoing(address, cost, payload=body)])
    return str(ton.wait_for_message(sent.hash)["hash"])
