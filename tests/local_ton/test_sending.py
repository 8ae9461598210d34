"""External messages: taken, refused, repeated, malformed; fee estimates."""

from __future__ import annotations

import base64
import contextlib

import pytest
from pytoniq_core import Cell, begin_cell

from deploy.local.ton.client import NetworkClient, NetworkError
from deploy.local.ton.render import boc64
from deploy.local.ton.wallet import DevWallet, Outgoing
from tests.local_ton.network import COIN, FAN, STRANGER, kept

pytestmark = pytest.mark.usefixtures("fan_has_coins")
LATER = 2_000_000_000


def signed(ton: NetworkClient, **changes: int) -> Cell:
    """Return a valid transfer of the fan's, or one with something changed."""
    terms = {"seqno": ton.wallet_seqno(FAN.address) or 0, "valid_until": LATER} | changes
    return FAN.external([Outgoing(STRANGER.address, COIN, bounce=False)], **terms)


def external(address: str, body: Cell) -> Cell:
    """Return an unsigned external message."""
    head = begin_cell().store_bits("1000").store_address(address).store_coins(0)
    cell: Cell = head.store_bits("01").store_ref(body).end_cell()
    return cell


def test_a_transfer_arrives_in_one_block(ton: NetworkClient) -> None:
    before = ton.balance(STRANGER.address)
    message = signed(ton)
    answer = ton.call("sendBocReturnHash", boc=boc64(message))
    assert answer["hash"] == base64.b64encode(message.hash).decode()
    made = ton.wait_for_message(base64.b64decode(answer["hash_norm"]))
    assert ton.balance(STRANGER.address) == kept(before + COIN)
    received = ton.transactions(STRANGER.address)[0]
    assert received.in_message is not None
    assert str(received.in_message.created_lt) == made["out_msgs"][0]["created_lt"]


def test_the_first_message_of_a_wallet_deploys_it(ton: NetworkClient) -> None:
    wallet = DevWallet(b"\x41" * 32)
    ton.faucet(wallet.address, COIN)
    assert ton.wallet_seqno(wallet.address) is None
    wallet.deploy_if_needed(ton)
    ton.wait_until_active(wallet.address)
    wallet.deploy_if_needed(ton)
    assert ton.wallet_seqno(wallet.address) == 1


@pytest.mark.parametrize(
    ("changes", "code"), [({"seqno": 999_999}, 133), ({"valid_until": 1_000_000_000}, 136)]
)
def test_a_wallets_refusal_carries_its_exit_code(
    ton: NetworkClient, changes: dict[str, int], code: int
) -> None:
    before = ton.call("getAddressInformation", address=FAN.address)["last_transaction_id"]
    with pytest.raises(NetworkError, match=f"exitcode={code}") as refusal:
        ton.send_boc(signed(ton, **changes).to_boc())
    assert refusal.value.status == 500
    assert str(refusal.value).startswith("LITE_SERVER_UNKNOWN: cannot apply external message")
    after = ton.call("getAddressInformation", address=FAN.address)["last_transaction_id"]
    assert after == before


def test_a_forged_signature_is_refused(ton: NetworkClient) -> None:
    seqno = ton.wallet_seqno(FAN.address) or 0
    theirs = STRANGER.external([Outgoing(STRANGER.address, COIN)], seqno=5, valid_until=LATER)
    forged = external(FAN.address, theirs.refs[-1])
    with pytest.raises(NetworkError, match="exitcode="):
        ton.send_boc(forged.to_boc())
    assert ton.wallet_seqno(FAN.address) == seqno


def test_a_contracts_own_refusal_carries_its_code(ton: NetworkClient, probe_address: str) -> None:
    good, bad = (begin_cell().store_uint(n, 8).end_cell() for n in (1, 2))
    ton.send_boc(external(probe_address, good).to_boc())
    with pytest.raises(NetworkError, match="exitcode=777"):
        ton.send_boc(external(probe_address, bad).to_boc())


def test_a_message_to_nobody_is_refused(ton: NetworkClient) -> None:
    with pytest.raises(NetworkError, match="was not accepted"):
        ton.send_boc(external("0:" + "77" * 32, Cell.empty()).to_boc())


def test_the_same_message_sent_twice_is_done_once(ton: NetworkClient) -> None:
    seqno, before = ton.wallet_seqno(FAN.address) or 0, ton.balance(STRANGER.address)
    message = signed(ton)
    ton.send_boc(message.to_boc())
    with contextlib.suppress(NetworkError):  # refused when the block was made meanwhile
        ton.send_boc(message.to_boc())
    ton.wait_for_message(message.hash)
    with pytest.raises(NetworkError, match="exitcode=133"):
        ton.send_boc(message.to_boc())
    assert ton.balance(STRANGER.address) == kept(before + COIN)
    assert ton.wallet_seqno(FAN.address) == seqno + 1


def test_an_internal_message_cannot_be_sent_from_outside(ton: NetworkClient) -> None:
    forged = begin_cell().store_bits("0100").store_address(STRANGER.address)
    forged.store_address(FAN.address).store_coins(COIN).store_bits("0").store_coins(0)
    cell = forged.store_coins(0).store_uint(0, 96).store_bits("00").end_cell()
    before = ton.balance(FAN.address)
    with pytest.raises(NetworkError, match="not an external inbound message"):
        ton.send_boc(cell.to_boc())
    assert ton.balance(FAN.address) == before


def test_v3_takes_a_message_too(ton: NetworkClient) -> None:
    message = signed(ton)
    answer = ton.request("POST", "/api/v3/message", {"boc": boc64(message)})
    assert answer["message_hash"] == base64.b64encode(message.hash).decode()
    ton.wait_for_message(base64.b64decode(answer["message_hash_norm"]))


def test_an_estimate_needs_no_right_signature_and_matches_what_is_paid(ton: NetworkClient) -> None:
    message = signed(ton)
    body = message.refs[-1]
    spoiled = body.to_builder()
    spoiled.bits[-1] ^= 1  # the signature's last bit
    fees = ton.call("estimateFee", address=FAN.address, body=boc64(spoiled.end_cell()))
    source = fees["source_fees"]
    ton.send_boc(message.to_boc())
    paid = ton.wait_for_message(message.hash)
    phases = paid["description"]
    assert source["gas_fee"] == int(phases["compute_ph"]["gas_fees"])
    assert source["fwd_fee"] == int(phases["action"]["total_fwd_fees"])
    assert source["in_fwd_fee"] > 0
