"""ton_proof: who signed our nonce owns the wallet (TON Connect, "Signing and verification").

The nonce itself (ours, single use, short life, bound to the session) is the caller's business;
everything else is checked here, and nothing that came with the proof is trusted: the key is read
from the StateInit whose hash is the address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pytoniq_core.tlb.account import StateInit

from core.ton import addresses, codec, networks, wallets
from core.ton.client import ChainClient, ChainError, ChainUnavailable

MAX_AGE_SECONDS: Final = 900
MAX_PAYLOAD_BYTES: Final = 128
_PREFIX: Final = b"ton-proof-item-v2/"
_ENVELOPE: Final = b"\xff\xffton-connect"
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_MAX_STATE_INIT: Final = 64 * 1024
_DIGITS: Final = re.compile(r"[0-9]{1,20}")


class ProofInvalid(Exception):
    """The proof proves nothing. `code`: malformed, payload, domain, time, network, address,
    state_init, wallet_code, public_key, signature, or chain_unavailable (try again)."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(f"{code}: {detail}" if detail else code)


@dataclass(frozen=True, slots=True)
class ProvenWallet:
    """A raw address and the hex of the key that signed for it."""

    address: str
    public_key: str


@dataclass(frozen=True, slots=True)
class _Proof:
    domain: str
    domain_length: int
    timestamp: int
    payload: str
    signature: bytes


def verify_proof(
    account: Mapping[str, Any],
    proof: Mapping[str, Any],
    *,
    domains: Collection[str],
    network: networks.Network | str,
    now: int,
    max_age: int = MAX_AGE_SECONDS,
    client: ChainClient | None = None,
) -> ProvenWallet:
    """Check a `ton_addr` account {address, chain, publicKey, walletStateInit} and its proof.

    `domains` are the only ones that may have been signed; `now` is unix seconds, and the
    timestamp may be off by `max_age` seconds either way. A wallet of unknown code is asked for
    its key on chain through `client`; without one it is refused. Raises ProofInvalid.
    """
    wanted = networks.named(network) if isinstance(network, str) else network
    parsed = _parse(proof)
    _check_domain(parsed, domains)
    if abs(now - parsed.timestamp) > max_age:
        raise ProofInvalid("time", f"signed {now - parsed.timestamp} s ago")
    if str(account.get("chain", account.get("network", ""))) != wanted.chain:
        raise ProofInvalid("network")
    address = _address(account)
    key = _key_of(account, address, client)
    if not hmac.compare_digest(key, _claimed_key(account)):
        raise ProofInvalid("public_key", "not the key of this wallet")
    try:
        VerifyKey(key).verify(digest(address, parsed), parsed.signature)
    except (BadSignatureError, ValueError) as error:
        raise ProofInvalid("signature") from error
    return ProvenWallet(address, key.hex())


def digest(address: str, proof: _Proof) -> bytes:
    """What the wallet signs: workchain big-endian, domain length and time little-endian."""
    workchain, _, account = address.partition(":")
    domain = proof.domain.encode()
    message = b"".join(
        (
            _PREFIX,
            int(workchain).to_bytes(4, "big", signed=True),
            bytes.fromhex(account),
            len(domain).to_bytes(4, "little"),
            domain,
            proof.timestamp.to_bytes(8, "little"),
            proof.payload.encode(),
        )
    )
    return hashlib.sha256(_ENVELOPE + hashlib.sha256(message).digest()).digest()


def _parse(proof: Mapping[str, Any]) -> _Proof:
    domain, payload = proof.get("domain"), proof.get("payload")
    if not isinstance(domain, Mapping) or not isinstance(domain.get("value"), str):
        raise ProofInvalid("malformed", "domain")
    if not isinstance(payload, str) or not 0 < len(payload.encode()) <= MAX_PAYLOAD_BYTES:
        raise ProofInvalid("payload")
    signature = _decode(proof.get("signature"), "signature")
    if len(signature) != _SIGNATURE_BYTES:
        raise ProofInvalid("malformed", "signature")
    return _Proof(
        domain=domain["value"],
        domain_length=_integer(domain.get("lengthBytes"), "lengthBytes"),
        timestamp=_integer(proof.get("timestamp"), "timestamp"),
        payload=payload,
        signature=signature,
    )


def _integer(value: object, name: str) -> int:
    """Numbers come as JSON numbers from the SDK and as decimal strings on the wire."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value) and int(value) < 2**63:
        return int(value)
    raise ProofInvalid("malformed", name)


def _decode(text: object, name: str) -> bytes:
    if not isinstance(text, str) or len(text) > _MAX_STATE_INIT:
        raise ProofInvalid("malformed", name)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ProofInvalid("malformed", name) from error


def _check_domain(proof: _Proof, domains: Collection[str]) -> None:
    if proof.domain_length != len(proof.domain.encode()):
        raise ProofInvalid("domain", "lengthBytes is not the length")
    if proof.domain not in domains:
        raise ProofInvalid("domain", "signed for another site")


def _address(account: Mapping[str, Any]) -> str:
    text = account.get("address")
    try:
        # The network is announced beside it; raw addresses, the usual form, carry none.
        return addresses.parse(text if isinstance(text, str) else "", testnet=True)
    except addresses.AddressInvalid as error:
        raise ProofInvalid("address", str(error)) from error


def _claimed_key(account: Mapping[str, Any]) -> bytes:
    text = account.get("publicKey")
    try:
        key = bytes.fromhex(text if isinstance(text, str) else "")
    except ValueError as error:
        raise ProofInvalid("malformed", "publicKey") from error
    if len(key) != _KEY_BYTES:
        raise ProofInvalid("malformed", "publicKey")
    return key


def _key_of(account: Mapping[str, Any], address: str, client: ChainClient | None) -> bytes:
    try:
        cell = codec.plain_cell(_decode(account.get("walletStateInit"), "walletStateInit"))
        if not hmac.compare_digest(cell.hash.hex(), address.partition(":")[2]):
            raise ProofInvalid("state_init", "its hash is not the address")
        with codec.reading():
            init = StateInit.deserialize(cell.begin_parse())
    except codec.Malformed as error:
        raise ProofInvalid("state_init", str(error)) from error
    if init.code is None or init.data is None:
        raise ProofInvalid("state_init", "no code or no data")
    if (key := wallets.public_key(init.code, init.data)) is not None:
        return key
    if client is None or wallets.code_hash(init.code) in wallets.CODES:
        raise ProofInvalid("wallet_code", "an unknown wallet")
    return _key_on_chain(address, client)


def _key_on_chain(address: str, client: ChainClient) -> bytes:
    try:
        (key,) = client.run_get(address, "get_public_key")
    except ValueError as error:
        raise ProofInvalid("wallet_code", "get_public_key gave no key") from error
    except ChainError as error:
        final = not isinstance(error, ChainUnavailable)
        raise ProofInvalid("wallet_code" if final else "chain_unavailable", str(error)) from error
    if not isinstance(key, int) or not 0 < key < 2**256:
        raise ProofInvalid("wallet_code", "get_public_key gave no key")
    return key.to_bytes(_KEY_BYTES, "big")
