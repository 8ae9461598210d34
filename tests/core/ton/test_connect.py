"""What goes to the wallet, and how its message is found again."""

from __future__ import annotations

import base64

import pytest
from pytoniq_core.boc.builder import Builder
from pytoniq_core.boc.cell import Cell

from core.ton import addresses, codec, connect, networks
from core.ton.messages import normalised_hash
from tests.core.ton.scripted import COLLECTION, FAN, HUB, body_of, external


def test_a_request_is_written_as_wallets_read_it() -> None:
    body = body_of(1)
    request = connect.transaction(
        1_800_000_000,
        [connect.Message(COLLECTION, 2_500_000_000, payload=body, state_init=body)],
        sender=FAN,
        network=networks.MAINNET,
    )
    (message,) = request["messages"]
    assert request["network"] == "-239"
    assert request["from"] == FAN
    assert message["address"] == addresses.friendly(COLLECTION, testnet=False)
    assert message["amount"] == "2500000000"
    assert Cell.one_from_boc(base64.b64decode(message["payload"])).hash == body.hash
    assert Cell.one_from_boc(base64.b64decode(message["stateInit"])).hash == body.hash


def test_a_plain_transfer_names_no_body_and_the_local_network() -> None:
    request = connect.transaction(1, [connect.Message(FAN, 1, bounce=False)])
    assert request["network"] == "-3"
    assert request["messages"] == [
        {"address": addresses.friendly(FAN, bounceable=False, testnet=True), "amount": "1"}
    ]
    assert "from" not in request


def test_a_negative_amount_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        connect.transaction(1, [connect.Message(FAN, -1)])


def test_the_normalised_hash_does_not_depend_on_how_the_message_was_written() -> None:
    body = body_of(7, (1, 64))
    inline = Builder().store_bits("1000").store_address(addresses.address(HUB)).store_coins(5)
    inline.store_bit_int(1).store_bit_int(1).store_ref(body_of(9))
    inline.store_bit_int(0).store_cell(body)
    expected = external(body).hash
    assert normalised_hash(external(body).to_boc()) == expected
    assert normalised_hash(inline.end_cell().to_boc()) == expected


def test_what_is_no_external_message_has_no_hash() -> None:
    for boc in (b"", b"junk", body_of(0).to_boc()):
        with pytest.raises(codec.Malformed):
            normalised_hash(boc)
