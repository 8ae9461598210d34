"""The minter's key in HashiCorp Vault's transit engine (ed25519): it signs, and never leaves.

POST /v1/transit/sign/<key> {"input": base64} -> data.signature "vault:v1:<base64>"
GET /v1/transit/keys/<key> -> data.keys["1"].public_key (base64)
(developer.hashicorp.com/vault/api-docs/secret/transit)
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.conf import settings
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pytoniq_core import Cell

from core import http
from core.ton import codec, sources, wallet_v5
from core.ton.client import Account
from payments.signers import SignerError


def sign_and_send(
    *, minter: str, destination: str, amount: int, body: Cell, valid_until: int
) -> bytes:
    """One message of `amount` nano out of the minter's wallet v5r1; the message's hash.

    minter: the hub's minter as the chain says (raw). Raises SignerError before anything is signed
    and for a key that is not the minter's, ChainError when the broadcast may or may not be out.
    """
    key = public_key()
    wallet = wallet_v5.Wallet(key)
    if wallet.address != minter:
        raise SignerError(f"the key in Vault is {wallet.address}, the hub's minter is {minter}")
    chain = sources.client()
    account = chain.account(minter)
    if account.balance < amount:
        raise SignerError(f"the minter has {account.balance} nano, the batch needs {amount}")
    request = wallet.request(
        [wallet_v5.Outgoing(destination, amount, body)],
        seqno=_seqno(chain, minter, account),
        valid_until=valid_until,
    )
    signature = _sign(request.hash, key)
    message = wallet.external(request, signature, deploy=account.status != "active")
    return chain.send(codec.to_boc(message))


def _seqno(chain: sources.Failover, address: str, account: Account) -> int:
    if account.status != "active":
        return 0
    (found,) = chain.run_get(address, "seqno")
    return int(found)  # type: ignore[arg-type]


def public_key() -> bytes:
    """Of the newest version of the key. Raises SignerError."""
    data = _ask("GET", f"/v1/transit/keys/{settings.VAULT_TRANSIT_KEY}")
    try:
        versions = data["keys"]
        newest = versions[max(versions, key=int)]
        return base64.b64decode(newest["public_key"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise SignerError("Vault's answer holds no ed25519 key") from error


def _sign(digest: bytes, key: bytes) -> bytes:
    """A signature that fits the key: what does not would only burn a number."""
    given = {"input": base64.b64encode(digest).decode()}
    data = _ask("POST", f"/v1/transit/sign/{settings.VAULT_TRANSIT_KEY}", given)
    try:
        signature = base64.b64decode(str(data["signature"]).rpartition(":")[2], validate=True)
        VerifyKey(key).verify(digest, signature)
    except (KeyError, binascii.Error, BadSignatureError, ValueError) as error:
        raise SignerError("Vault's signature does not fit its key") from error
    return signature


def _ask(method: str, path: str, given: dict[str, str] | None = None) -> dict[str, Any]:
    if not settings.VAULT_ADDR or not settings.VAULT_TOKEN:
        raise SignerError("VAULT_ADDR and VAULT_TOKEN are not set")
    headers = {"X-Vault-Token": settings.VAULT_TOKEN}
    try:
        with http.Client(base_url=settings.VAULT_ADDR, headers=headers, timeout=5) as client:
            answer = client.request(method, path, json=given, again=True)
            if answer.status_code != 200:
                raise SignerError(f"Vault answers {answer.status_code}")
            return dict(answer.json()["data"])
    except (http.Unavailable, http.TooLarge, KeyError, TypeError, ValueError) as error:
        raise SignerError(f"Vault does not answer: {type(error).__name__}") from error
