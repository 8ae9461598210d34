"""A shop on the real TVM for the tests of this folder: named people, a hub, one collection."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytoniq_core import Address, Cell, StateInit

from contracts import collection, fees, hub, metadata
from contracts.item import NftData, parse_nft_data
from deploy.local.ton.sandbox import COIN, START, Sandbox, Trace
from deploy.local.ton.tvm import Engine

PRICE = 10 * COIN
METHOD = 1
BPS = 1000


def person(name: str) -> Address:
    """Return the address of somebody: an account that never had code."""
    return Address((0, hashlib.sha256(name.encode()).digest()))


FAN, COLLECTOR, STRANGER = person("fan"), person("collector"), person("stranger")
ARTIST, PAYOUT = person("artist"), person("payout")
ADMIN, MINTER, PAYER, TREASURY = (
    person("admin"),
    person("minter"),
    person("payer"),
    person("treasury"),
)

CONTENT = metadata.release_content(
    "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/collection.json",
    metadata.EditionContent(
        title="Midnight Bus",
        uri="ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/release.json",
        image="ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/cover.png",
        description="Recorded on the last bus home.",
        master_sha256="ab" * 32,
        master_cid="bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
    ),
)

HUB_PARAMS = hub.HubParams(
    admin=ADMIN,
    treasury=TREASURY,
    minter=MINTER,
    payer=PAYER,
    minter_until=START + 10**8,
    payer_until=START + 10**8,
    minter_cap=1000,
    payer_cap=100 * COIN,
)


def collection_params(**changes: Any) -> collection.CollectionParams:
    """Return the parameters of the test collection: 500 editions, 250 kept for the hub."""
    params = collection.CollectionParams(
        release_id=7,
        owner=ARTIST,
        payout=PAYOUT,
        hub=hub.address(HUB_PARAMS),
        content=CONTENT,
        price=PRICE,
        max_supply=500,
        hub_quota=250,
        max_per_buy=200,
        platform_bps=BPS,
        royalty_numerator=1000,
    )
    return replace(params, **changes)


class Shop:
    """A hub and a deployed collection. ``changes``: other parameters of the collection."""

    def __init__(self, engine: Engine = "tonpy", *, deploy: bool = True, **changes: Any) -> None:
        self.sandbox = Sandbox(engine)
        self.hub = hub.address(HUB_PARAMS)
        self.sandbox.fund(self.hub, COIN, hub.state_init(HUB_PARAMS))
        self.admin(hub.set_shares_body(method=METHOD, share_bps=3000))
        self.params = collection_params(**changes)
        self.collection = collection.address(self.params)
        if deploy:
            self.deploy()
        self.collection_at_start = self.collection

    def deploy(self, sender: Address = ARTIST, value: int | None = None) -> Trace:
        """Send the collection's first message, with its StateInit."""
        amount = fees.collection_deploy_value() if value is None else value
        return self.sandbox.send(
            sender,
            self.collection,
            amount,
            collection.deploy_body(),
            init=collection.state_init(self.params),
        )

    def install(self, code: Cell, data: Cell, balance: int = COIN) -> Address:
        """Put any code and data on chain and make it the collection that messages go to."""
        init = StateInit(code=code, data=data)
        self.collection = Address((0, init.serialize().hash))
        self.sandbox.fund(self.collection, balance, init)
        return self.collection

    def admin(self, body: Cell, value: int = COIN, sender: Address = ADMIN) -> Trace:
        """Send a message to the hub as its admin."""
        return self.sandbox.send(sender, self.hub, value, body)

    def owner(self, body: Cell, value: int = COIN, sender: Address = ARTIST) -> Trace:
        """Send a message to the collection as its owner."""
        return self.sandbox.send(sender, self.collection, value, body)

    def cost(self, quantity: int = 1, *, gift: bool = False, referred: bool = False) -> int:
        """Return what the chain says a buyer must attach."""
        found = self.sandbox.get(
            self.collection, "get_mint_cost", quantity, -int(gift), -int(referred)
        )
        return collection.parse_number(found)

    def buy(  # every argument of a purchase
        self,
        quantity: int = 1,
        *,
        value: int | None = None,
        recipient: Address | None = None,
        referrer: Address | None = None,
        max_unit_price: int = PRICE,
        sender: Address = FAN,
        bounce: bool = True,
        query_id: int = 5,
    ) -> Trace:
        """Buy, by default with exactly what has to be attached."""
        body = collection.buy_body(
            query_id=query_id,
            quantity=quantity,
            max_unit_price=max_unit_price,
            recipient=recipient,
            referrer=referrer,
        )
        if value is None:
            gift = recipient is not None and recipient != sender
            value = self.cost(quantity, gift=gift, referred=referrer is not None)
        return self.sandbox.send(sender, self.collection, value, body, bounce=bounce)

    def settle(
        self,
        counts: Sequence[int] = (1,),
        *,
        batch: int | None = None,
        value: int | None = None,
        sender: Address = MINTER,
        gross: int = 50,
        collections: Sequence[Address] | None = None,
    ) -> Trace:
        """Settle one part per count, each for this collection unless others are named."""
        targets = collections or [self.collection] * len(counts)
        parts = [
            hub.SettlePart(target, part, gross * count, crowd(count))
            for part, (target, count) in enumerate(zip(targets, counts, strict=True))
        ]
        body = hub.settle_body(
            batch=self.hub_data().next_batch if batch is None else batch,
            orders_sha256=b"\x01" * 32,
            method=METHOD,
            parts=parts,
        )
        amount = fees.settle_cost(list(counts)) if value is None else value
        return self.sandbox.send(sender, self.hub, amount, body)

    def sale(self) -> collection.SaleData:
        """Return ``get_sale_data``."""
        return collection.parse_sale_data(self.sandbox.get(self.collection, "get_sale_data"))

    def hub_data(self) -> hub.HubData:
        """Return ``get_hub_data``."""
        return hub.parse_hub_data(self.sandbox.get(self.hub, "get_hub_data"))

    def totals(self, method: int = METHOD) -> hub.Totals:
        """Return ``get_totals``."""
        return hub.parse_totals(self.sandbox.get(self.hub, "get_totals", method))

    def limits(self) -> hub.Limits:
        """Return ``get_limits``."""
        return hub.parse_limits(self.sandbox.get(self.hub, "get_limits"))

    def item(self, index: int) -> Address:
        """Return an item's address as the collection tells it."""
        return collection.parse_address(
            self.sandbox.get(self.collection, "get_nft_address_by_index", index)
        )

    def nft(self, index: int) -> NftData:
        """Return ``get_nft_data`` of an item."""
        return parse_nft_data(self.sandbox.get(self.item(index), "get_nft_data"))

    def fingerprint(self) -> tuple[bytes, bytes, int]:
        """Return what a refused message must not change: both contracts' data, own coins."""
        states = [self.sandbox.account(self.collection), self.sandbox.account(self.hub)]
        hashes = [state.data.hash if state.data else b"" for state in states]
        return hashes[0], hashes[1], states[0].balance


def crowd(count: int) -> list[Address]:
    """Return that many different recipients."""
    return [person(f"recipient {number}") for number in range(count)]


def codes_of(trace: Trace) -> list[int | None]:
    """Return the exit codes of a trace."""
    return [step.outcome.exit_code for step in trace.steps]


def refused(trace: Trace, code: int) -> bool:
    """Tell whether the first message ended with this exit code and bounced."""
    return trace.first.exit_code == code and trace.steps[1].message is not None


def succeeded(trace: Trace) -> bool:
    """Tell whether nothing in a trace failed."""
    return all(
        step.outcome.exit_code in (0, None) and step.outcome.action_code in (0, None)
        for step in trace.steps
    )
