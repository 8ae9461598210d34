"""Our contracts on the local network: a purchase is one trace in one block, to the nano."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import collection, item
from deploy.local.ton.client import NetworkClient
from tests.local_ton.network import ARTIST, FAN
from tests.local_ton.shop import PLATFORM_BPS, PRICE, Shop, buy, open_shop, raw

pytestmark = pytest.mark.usefixtures("fan_has_coins")


@pytest.fixture
def shop(ton: NetworkClient, tmp_path: Path) -> Shop:
    """A shop in which the fan has bought edition 1."""
    return open_shop(ton, tmp_path)


def test_the_fan_owns_what_he_bought(ton: NetworkClient, shop: Shop) -> None:
    data = item.parse_nft_data(ton.run_get(shop.item, "get_nft_data"))
    assert data.initialised
    assert data.owner is not None
    assert (raw(data.owner), raw(data.collection)) == (FAN.address, shop.collection)
    by_index = ton.run_get(shop.collection, "get_nft_address_by_index", [["num", 0]])
    assert raw(collection.parse_address(by_index)) == shop.item


def test_the_whole_purchase_is_in_one_block_and_everyone_is_paid(
    ton: NetworkClient, shop: Shop
) -> None:
    artist = ton.balance(ARTIST.address)
    bought = buy(ton, shop.collection).replace("+", "%2B")
    [first] = ton.request("GET", f"/api/v3/transactions?hash={bought}")["transactions"]
    block = f"mc_seqno={first['mc_block_seqno']}"
    same = ton.request("GET", f"/api/v3/transactions?{block}&limit=50")["transactions"]
    trace = [t for t in same if t["trace_external_hash"] == first["trace_external_hash"]]
    touched = {transaction["account"].lower() for transaction in trace}
    assert {FAN.address, shop.collection, ARTIST.address, shop.hub} <= touched
    assert not any(transaction["description"]["aborted"] for transaction in trace[:3])
    platform = PRICE * PLATFORM_BPS // 10_000
    [received] = [t for t in trace if t["account"].lower() == ARTIST.address]
    fees = int(received["total_fees"])
    assert ton.balance(ARTIST.address) - artist == PRICE - platform - fees
    [receipt] = [t for t in trace if t["account"].lower() == shop.hub]
    assert int(receipt["in_msg"]["value"]) >= platform
    assert receipt["description"]["compute_ph"]["success"] is True
