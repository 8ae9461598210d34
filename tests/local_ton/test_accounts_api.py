"""What the v2 API says of accounts and addresses."""

from __future__ import annotations

import base64

import pytest
from pytoniq_core import Address, Cell

from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import DevWallet
from tests.local_ton.network import COIN, FAN

pytestmark = pytest.mark.usefixtures("fan_has_coins")
NOBODY = "0:" + "cd" * 32


def forms() -> list[str]:
    address = Address(FAN.address)
    return [
        FAN.address,
        FAN.address.upper(),
        address.to_str(is_bounceable=True),
        address.to_str(is_bounceable=False),
        address.to_str(is_bounceable=True, is_test_only=True),
        address.to_str(is_bounceable=True, is_url_safe=False),
    ]


@pytest.mark.parametrize("form", forms())
def test_an_address_is_understood_in_every_form(ton: NetworkClient, form: str) -> None:
    assert ton.call("unpackAddress", address=form) == FAN.address
    assert ton.call("getAddressState", address=form) == "active"


def test_an_address_is_told_in_every_form(ton: NetworkClient) -> None:
    bounceable = Address(FAN.address).to_str(is_bounceable=True, is_url_safe=False)
    found = ton.call("detectAddress", address=FAN.friendly())
    assert found["given_type"] == "friendly_non_bounceable"
    assert found["test_only"] is True
    assert found["raw_form"] == FAN.address
    assert ton.call("packAddress", address=FAN.address) == bounceable


def test_an_active_account_shows_code_data_and_last_transaction(ton: NetworkClient) -> None:
    info = ton.call("getAddressInformation", address=FAN.address)
    last = ton.call("getTransactions", address=FAN.address, limit=1)[0]["transaction_id"]
    assert info["state"] == "active"
    assert info["last_transaction_id"] == last
    assert Cell.one_from_boc(base64.b64decode(info["data"])).bits
    assert ton.call("getAddressBalance", address=FAN.address) == info["balance"]
    extended = ton.call("getExtendedAddressInformation", address=FAN.address)
    assert extended["account_state"]["code"] == info["code"]


def test_an_unused_address_is_uninitialised_and_empty(ton: NetworkClient) -> None:
    info = ton.call("getAddressInformation", address=NOBODY)
    assert (info["state"], info["balance"], info["code"]) == ("uninitialized", "0", "")
    assert info["last_transaction_id"]["lt"] == "0"
    assert ton.call("getTransactions", address=NOBODY) == []


def test_a_wallet_is_recognised(ton: NetworkClient) -> None:
    info = ton.call("getWalletInformation", address=FAN.address)
    assert info["wallet"] is True
    assert info["wallet_type"] == "wallet v5 r1"
    assert info["wallet_id"] == FAN.wallet_id
    assert info["seqno"] == ton.wallet_seqno(FAN.address)
    assert ton.call("getWalletInformation", address=NOBODY)["wallet"] is False


def test_the_faucet_pays_by_a_real_transaction(ton: NetworkClient) -> None:
    newcomer = DevWallet(b"\x21" * 32)
    answer = ton.request("POST", "/faucet", {"address": newcomer.friendly(), "amount": 3 * COIN})
    assert ton.balance(newcomer.address) == 3 * COIN
    received = ton.transactions(newcomer.address)[0].in_message
    assert received is not None
    assert received.value == 3 * COIN
    assert received.source
    giver = ton.call("getTransactions", address=received.source, limit=100)
    ids = [item["transaction_id"]["hash"] for item in giver]
    assert answer["result"]["transaction_hash"] in ids


@pytest.mark.parametrize("amount", ["0", "-1", "x", "1.5", str(10**16)])
def test_the_faucet_refuses_a_wrong_amount(ton: NetworkClient, amount: str) -> None:
    status, body = ton.exchange("POST", "/faucet", {"address": NOBODY, "amount": amount})
    assert (status, body["ok"]) == (422, False)
    assert ton.balance(NOBODY) == 0
