"""Only the holder of a wallet's key can prove the wallet, and only here and now."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest
from nacl.signing import SigningKey
from pytoniq.contract.wallets.wallet import WALLET_V3_R1_CODE, WALLET_V3_R2_CODE, WALLET_V4_R2_CODE
from pytoniq.contract.wallets.wallet_v5 import WALLET_V5_R1_CODE
from pytoniq_core.boc.builder import Builder
from pytoniq_core.boc.cell import Cell
from pytoniq_core.tlb.account import StateInit

from core.ton import networks, wallets
from core.ton.proof import ProofInvalid, ProvenWallet, _Proof, digest, verify_proof
from tests.core.ton.scripted import Chain, Source

FAN_KEY = SigningKey(b"\x07" * 32)
STRANGER_KEY = SigningKey(b"\x66" * 32)
NOW = 1_800_000_000
DOMAIN = "music.example"


def data_at(offset: int, key: bytes, tail: int = 1) -> Cell:
    made: Cell = (
        Builder().store_bits("0" * offset).store_bytes(key).store_bits("0" * tail).end_cell()
    )
    return made


def code_with_hash(target: str) -> Cell:
    """A reference to the library of that hash: the only way to name a code we do not have."""
    bits = Builder().store_uint(2, 8).store_bytes(bytes.fromhex(target)).end_cell().bits
    return Cell(bits, [], 2)


def wallet(code: Cell, data: Cell) -> tuple[str, str]:
    cell = StateInit(code=code, data=data).serialize()
    return f"0:{cell.hash.hex()}", base64.b64encode(cell.to_boc()).decode()


def proof_of(
    key: SigningKey = FAN_KEY,
    code: Cell = WALLET_V5_R1_CODE,
    offset: int = 65,
    inside: bytes | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A good account and proof; `inside` is the key in the wallet's data."""
    public = bytes(key.verify_key)
    address, init = wallet(code, data_at(offset, inside or public))
    account = {
        "address": address,
        "chain": "-3",
        "publicKey": public.hex(),
        "walletStateInit": init,
    }
    proof: dict[str, Any] = {
        "timestamp": NOW,
        "domain": {"lengthBytes": len(DOMAIN), "value": DOMAIN},
        "payload": "nonce-123",
    }
    return account, sign(account, proof, key)


def sign(account: dict[str, Any], proof: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    value = proof["domain"]["value"]
    signed = _Proof(value, len(value), int(proof["timestamp"]), proof["payload"], b"")
    signature = key.sign(digest(account["address"], signed)).signature
    return {**proof, "signature": base64.b64encode(signature).decode()}


def verify(account: dict[str, Any], proof: dict[str, Any], **changes: Any) -> ProvenWallet:
    how: dict[str, Any] = {"domains": [DOMAIN], "network": networks.LOCAL, "now": NOW, **changes}
    return verify_proof(account, proof, **how)


def refusal(account: dict[str, Any], proof: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(ProofInvalid) as caught:
        verify(account, proof, **changes)
    return caught.value.code


def test_the_digest_is_the_published_one() -> None:
    proof = _Proof(DOMAIN, len(DOMAIN), NOW, "nonce-123", b"")
    found = digest("0:" + "ab" * 32, proof)
    assert found.hex() == "77bfc6b388bfc799825ace2f82cff896c3714e9ac14d6f69549c28c80916e7c8"
    assert FAN_KEY.sign(found).signature.hex().startswith("01878a54c89e172d")


def test_the_hashes_of_the_codes_at_hand_are_in_the_table() -> None:
    for code, version in (
        (WALLET_V3_R1_CODE, "v3r1"),
        (WALLET_V3_R2_CODE, "v3r2"),
        (WALLET_V4_R2_CODE, "v4r2"),
        (WALLET_V5_R1_CODE, "v5r1"),
    ):
        assert wallets.CODES[code.hash.hex()][0] == version


@pytest.mark.parametrize(("known", "entry"), wallets.CODES.items())
def test_every_known_wallet_is_proved_by_its_key(known: str, entry: tuple[str, int]) -> None:
    account, proof = proof_of(code=code_with_hash(known), offset=entry[1])
    proven = verify(account, proof)
    assert proven == ProvenWallet(account["address"], bytes(FAN_KEY.verify_key).hex())


def test_the_time_may_come_as_text_as_wallets_send_it() -> None:
    account, proof = proof_of()
    assert verify(account, {**proof, "timestamp": str(NOW)}).address == account["address"]


def test_a_forged_key_does_not_open_someone_elses_address() -> None:
    fan, _ = proof_of()
    claim = {**fan, "publicKey": bytes(STRANGER_KEY.verify_key).hex()}
    _, proof = proof_of()
    forged = sign(claim, proof, STRANGER_KEY)
    assert refusal(claim, forged) == "public_key"


def test_a_strangers_state_init_is_not_the_fans_address() -> None:
    fan, proof = proof_of()
    stranger, _ = proof_of(STRANGER_KEY)
    claim = {**stranger, "address": fan["address"]}
    assert refusal(claim, sign(claim, proof, STRANGER_KEY)) == "state_init"


def test_a_strangers_signature_is_refused() -> None:
    account, proof = proof_of()
    assert refusal(account, sign(account, proof, STRANGER_KEY)) == "signature"


def test_every_signed_field_is_covered() -> None:
    account, proof = proof_of()
    assert refusal(account, {**proof, "payload": "nonce-124"}) == "signature"
    assert refusal(account, {**proof, "timestamp": NOW + 1}) == "signature"
    other = {"lengthBytes": 12, "value": "evil.example"}
    assert refusal(account, {**proof, "domain": other}, domains=["evil.example"]) == "signature"


def test_a_proof_for_another_site_is_refused() -> None:
    account, proof = proof_of()
    assert refusal(account, proof, domains=["shop.example"]) == "domain"
    wrong = {**proof, "domain": {"lengthBytes": 3, "value": DOMAIN}}
    assert refusal(account, wrong) == "domain"


@pytest.mark.parametrize("drift", [901, -901, 10**6, -(10**6)])
def test_an_old_and_a_future_proof_are_refused(drift: int) -> None:
    account, proof = proof_of()
    assert refusal(account, proof, now=NOW + drift) == "time"


def test_the_edges_of_the_window_are_inside() -> None:
    account, proof = proof_of()
    assert verify(account, proof, now=NOW + 900)
    assert verify(account, proof, now=NOW - 900)


def test_a_wallet_of_another_network_is_refused() -> None:
    account, proof = proof_of()
    assert refusal({**account, "chain": "-239"}, proof) == "network"
    assert refusal(account, proof, network="mainnet") == "network"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("address", "0:12", "address"),
        ("address", None, "address"),
        ("publicKey", "zz", "malformed"),
        ("publicKey", "00", "malformed"),
        ("walletStateInit", "not base64!", "malformed"),
        ("walletStateInit", "AAAA", "state_init"),
        ("walletStateInit", None, "malformed"),
    ],
)
def test_a_malformed_account_is_refused(field: str, value: object, code: str) -> None:
    account, proof = proof_of()
    assert refusal({**account, field: value}, proof) == code


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("timestamp", "1e9", "malformed"),
        ("timestamp", True, "malformed"),
        ("timestamp", 2**64, "malformed"),
        ("domain", DOMAIN, "malformed"),
        ("payload", "", "payload"),
        ("payload", "x" * 129, "payload"),
        ("signature", "AAAA", "malformed"),
        ("signature", 7, "malformed"),
    ],
)
def test_a_malformed_proof_is_refused(field: str, value: object, code: str) -> None:
    account, proof = proof_of()
    changed = copy.deepcopy(proof)
    changed[field] = value
    assert refusal(account, changed) == code


def test_an_unknown_wallet_is_asked_for_its_key_on_chain() -> None:
    code = data_at(8, b"\x01" * 32)
    key = int.from_bytes(bytes(FAN_KEY.verify_key), "big")
    account, proof = proof_of(code=code, offset=8)
    source = Source(Chain())
    assert refusal(account, proof) == "wallet_code"
    assert refusal(account, proof, client=source) == "public_key"
    source.answer = [key]
    assert verify(account, proof, client=source).address == account["address"]
    source.down = True
    assert refusal(account, proof, client=source) == "chain_unavailable"
