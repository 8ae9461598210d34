"""The development wallet: its proofs, its signatures, and what it refuses to sign."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

import pytest
from nacl.signing import SigningKey, VerifyKey
from pytoniq_core import Cell, begin_cell

from deploy.local.ton import addresses
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.render import boc64
from deploy.local.ton.wallet import DevWallet, WalletRefused
from tests.local_ton.network import COIN, FAN, STRANGER

NOW = 1_800_000_000


def test_the_proof_is_made_of_the_bytes_that_the_protocol_names() -> None:
    """The vector: seed 32 x 07, hash 32 x ab, domain music.example, payload nonce-123."""
    wallet = DevWallet(b"\x07" * 32)
    wallet.__dict__["address"] = "0:" + "ab" * 32
    proof = wallet.prove("music.example", "nonce-123", NOW)["proof"]
    signature = base64.b64decode(proof["signature"])
    digest = "77bfc6b388bfc799825ace2f82cff896c3714e9ac14d6f69549c28c80916e7c8"
    assert signature.hex().startswith("01878a54c89e172d")
    SigningKey(b"\x07" * 32).verify_key.verify(bytes.fromhex(digest), signature)
    assert proof["domain"] == {"lengthBytes": 13, "value": "music.example"}
    assert (proof["timestamp"], proof["payload"]) == (NOW, "nonce-123")


def test_the_account_is_bound_to_its_key() -> None:
    account = FAN.ton_connect_account()
    init = Cell.one_from_boc(base64.b64decode(account["walletStateInit"]))
    assert account["address"] == f"0:{init.hash.hex()}"
    data = init.refs[1].begin_parse().skip_bits(1 + 32 + 32)
    assert data.load_bytes(32).hex() == account["publicKey"]
    assert account["network"] == account["chain"] == "-3"


@pytest.mark.parametrize(
    ("payload", "tail"),
    [
        ({"type": "text", "text": "да"}, b"txt\0\0\0\x04" + "да".encode()),
        ({"type": "binary", "bytes": "AAE="}, b"bin\0\0\0\x02\0\x01"),
    ],
)
def test_text_and_bytes_are_signed_as_the_protocol_says(
    payload: dict[str, Any], tail: bytes
) -> None:
    signed = FAN.sign_data(payload, "music.example", NOW)
    message = b"\xff\xffton-connect/sign-data/" + bytes(4) + bytes.fromhex(FAN.address[2:])
    message += b"\0\0\0\x0dmusic.example" + NOW.to_bytes(8, "big") + tail
    digest = hashlib.sha256(message).digest()
    VerifyKey(FAN.public_key).verify(digest, base64.b64decode(signed["signature"]))
    assert signed["payload"] == payload


def test_a_cell_is_signed_with_its_schema_and_domain() -> None:
    payload = {"type": "cell", "schema": "x#_ = X;", "cell": boc64(Cell.empty())}
    signed = FAN.sign_data(payload, "music.example", NOW)
    cell = begin_cell().store_uint(0x75569022, 32).store_uint(0x21BEBB8F, 32)
    domain = begin_cell().store_bytes(b"example\0music\0").end_cell()
    cell = cell.store_uint(NOW, 64).store_address(FAN.address).store_ref(domain)
    digest = cell.store_ref(Cell.empty()).end_cell().hash
    VerifyKey(FAN.public_key).verify(digest, base64.b64decode(signed["signature"]))


def request(**changes: Any) -> dict[str, Any]:
    """Return a TON Connect transaction, with something changed."""
    message = {"address": STRANGER.friendly(), "amount": str(COIN)}
    base = {"valid_until": int(time.time()) + 60, "network": "-3", "messages": [message]}
    return base | {"from": FAN.address} | changes


def test_a_transaction_is_signed_and_sent(ton: NetworkClient, fan_has_coins: None) -> None:
    comment = begin_cell().store_uint(0, 32).store_string("hi").end_cell()
    message = {"address": STRANGER.friendly(), "amount": str(COIN), "payload": boc64(comment)}
    sent = FAN.send(request(messages=[message]), ton)
    made = ton.wait_for_message(sent.hash)
    assert made["out_msgs"][0]["message_content"]["decoded"]["comment"] == "hi"
    assert made["out_msgs"][0]["bounce"] is False
    assert Cell.one_from_boc(base64.b64decode(sent.boc)).refs


@pytest.mark.parametrize(
    "changes",
    [
        {"network": "-239"},
        {"network": None},
        {"valid_until": 1},
        {"from": STRANGER.address},
        {"from": "me"},
        {"messages": []},
        {"messages": [{"address": STRANGER.address, "amount": "1"}]},
        {"messages": [{"address": STRANGER.friendly(), "amount": 1}]},
        {"messages": [{"address": STRANGER.friendly(), "amount": "1.5"}]},
        {"messages": [{"address": STRANGER.friendly(), "amount": "-1"}]},
        {"messages": [{"address": STRANGER.friendly(), "amount": "1", "payload": "AAAA"}]},
        {"messages": [{"address": STRANGER.friendly(), "amount": "1"}] * 256},
    ],
)
def test_a_wrong_request_is_refused_and_nothing_is_sent(
    ton: NetworkClient, fan_has_coins: None, changes: dict[str, Any]
) -> None:
    seqno = ton.wallet_seqno(FAN.address)
    with pytest.raises(WalletRefused) as refusal:
        FAN.send(request(**changes), ton)
    assert refusal.value.code == 1
    assert ton.wallet_seqno(FAN.address) == seqno


def test_the_friendly_address_names_the_test_network() -> None:
    found = addresses.detect(FAN.friendly())
    assert found.raw == FAN.address
    assert found.test_only
    assert found.given_type == "friendly_non_bounceable"
