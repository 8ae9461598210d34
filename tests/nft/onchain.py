"""Drops of the tests that are really deployed, sold and given away on the local network."""

from __future__ import annotations

import time
from collections.abc import Callable

from pytoniq_core.boc.address import Address

from catalog.models import Artist
from contracts import collection as contract
from contracts import fees, item
from core.ton.connect import Message, transaction
from deploy.local.ton.wallet import DevWallet
from nft import services
from nft.models import Collection, Item
from nft.services.supply import sale_read
from tests.nft.conftest import Ton
from tests.nft.drops import prepared


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "the chain did not get there"
        time.sleep(0.05)


def deployed(ton: Ton, of: Artist, title: str = "Harbour Lights", **changes: object) -> Collection:
    drop = prepared(of, title, owner=ton.artist.address, **changes)
    ton.send(ton.artist, services.collection_deploy_transaction(collection=drop))
    until(lambda: ton.client.is_active(drop.address))
    return drop


def bought(ton: Ton, drop: Collection, quantity: int) -> None:
    body = contract.buy_body(query_id=7, quantity=quantity, max_unit_price=drop.price)
    cost = fees.mint_cost(
        quantity,
        gift=False,
        referred=False,
        price=drop.price,
        platform_bps=drop.platform_bps,
    )
    before = sale_read(drop.address).next_item_index
    order = transaction(2**31, [Message(drop.address, cost, payload=body)])
    ton.send(ton.fan, order)
    until(lambda: sale_read(drop.address).next_item_index == before + quantity)


def handed_over(ton: Ton, edition: Item, giver: DevWallet, taker: DevWallet) -> None:
    """The NFT itself changes hands; nobody tells the shop."""
    until(lambda: ton.client.is_active(edition.address))
    body = item.transfer_body(new_owner=Address(taker.address), response=None)
    message = Message(edition.address, item.transfer_value(), payload=body)
    ton.send(giver, transaction(2**31, [message]))
