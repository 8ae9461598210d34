"""The development wallet: a real wallet v5r1 that speaks TON Connect.

Its contract code comes from the pytoniq package. Signatures, addresses and checks are those of a
real wallet; only the place of the key (a seed in memory) is not. Amounts are nano-coin.
"""

from __future__ import annotations

import base64
import hashlib
import time
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

from nacl.signing import SigningKey
from pytoniq.contract.wallets.wallet_v5 import WALLET_V5_R1_CODE, WalletV5WalletID
from pytoniq_core import Cell, begin_cell

from deploy.local.ton import addresses
from deploy.local.ton.transactions import normalised_hash

NETWORK: Final = "-3"
SEND_MODE: Final = 3  # pay fees separately, ignore errors: v5 demands both from outside
MAX_MESSAGES: Final = 255
_SIGNED_EXTERNAL: Final = 0x7369676E
_SEND_ACTION: Final = 0x0EC3C86D
_SIGN_DATA_CELL: Final = 0x75569022
_BAD_REQUEST: Final = 1
_FOREVER: Final = 2**32 - 1


class WalletRefused(ValueError):
    """The request is not one that a wallet would sign; ``code`` is TON Connect's."""

    def __init__(self, message: str, code: int = _BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code


class Network(Protocol):
    """What a wallet asks of the network (see client.NetworkClient)."""

    def wallet_seqno(self, address: str) -> int | None:
        """Return the wallet's seqno, None when it is not deployed."""

    def send_boc(self, boc: bytes) -> None:
        """Broadcast an external message; raises when it is refused."""


@dataclass(frozen=True)
class Outgoing:
    """One message that the wallet sends; ``destination`` is raw."""

    destination: str
    amount: int
    payload: Cell | None = None
    state_init: Cell | None = None
    bounce: bool = True


@dataclass(frozen=True)
class Sent:
    """A broadcast transaction: TON Connect's result and the hash to look it up by (TEP-467)."""

    boc: str
    hash: bytes


class DevWallet:
    """A v5r1 wallet made from a 32-byte seed."""

    def __init__(self, seed: bytes, *, network: str = NETWORK) -> None:
        self._key = SigningKey(seed)
        self.network = network
        self.public_key: bytes = bytes(self._key.verify_key)
        identity = WalletV5WalletID(network_global_id=int(network), workchain=0)
        self.wallet_id: int = identity.pack()

    @cached_property
    def state_init(self) -> Cell:
        """Return the StateInit cell; its hash is the address."""
        data = begin_cell().store_bit_int(1).store_uint(0, 32).store_uint(self.wallet_id, 32)
        data.store_bytes(self.public_key).store_bit_int(0)
        init = begin_cell().store_bits("00").store_maybe_ref(WALLET_V5_R1_CODE)
        cell: Cell = init.store_maybe_ref(data.end_cell()).store_bit_int(0).end_cell()
        return cell

    @cached_property
    def address(self) -> str:
        """Return the raw address, 0:<64 hex>."""
        return f"0:{self.state_init.hash.hex()}"

    def friendly(self, *, bounceable: bool = False) -> str:
        """Return the user-friendly address."""
        test_only = self.network == NETWORK
        return addresses.friendly(self.address, bounceable=bounceable, test_only=test_only)

    # Transfers.

    def external(self, messages: list[Outgoing], *, seqno: int, valid_until: int) -> Cell:
        """Return the signed external message; it deploys the wallet when ``seqno`` is 0."""
        request = begin_cell().store_uint(_SIGNED_EXTERNAL, 32).store_uint(self.wallet_id, 32)
        request.store_uint(valid_until, 32).store_uint(seqno, 32)
        request.store_maybe_ref(_actions(messages)).store_bit_int(0)
        signing = request.end_cell()
        signature = self._key.sign(signing.hash).signature
        body = begin_cell().store_cell(signing).store_bytes(signature).end_cell()
        message = begin_cell().store_bits("1000").store_address(self.address).store_coins(0)
        if seqno == 0:
            message.store_bits("11").store_ref(self.state_init)
        else:
            message.store_bits("0")
        cell: Cell = message.store_bits("1").store_ref(body).end_cell()
        return cell

    def transfer(
        self, network: Network, messages: list[Outgoing], *, valid_until: int | None = None
    ) -> Sent:
        """Sign and broadcast messages; an undeployed wallet is deployed by the same message."""
        seqno = network.wallet_seqno(self.address) or 0
        until = valid_until if valid_until is not None else int(time.time()) + 300
        cell = self.external(messages, seqno=seqno, valid_until=until)
        boc = cell.to_boc()
        network.send_boc(boc)
        return Sent(base64.b64encode(boc).decode(), normalised_hash(self.address, cell.refs[-1]))

    def deploy_if_needed(self, network: Network) -> None:
        """Deploy the wallet by an external without actions; it must have coins already."""
        if network.wallet_seqno(self.address) is None:
            self.transfer(network, [])

    # TON Connect.

    def ton_connect_account(self) -> dict[str, str]:
        """Return ton_addr's fields, with the SDK's name of the network beside the protocol's."""
        return {
            "address": self.address,
            "network": self.network,
            "chain": self.network,
            "publicKey": self.public_key.hex(),
            "walletStateInit": base64.b64encode(self.state_init.to_boc()).decode(),
        }

    def prove(self, domain: str, payload: str, now: int) -> dict[str, Any]:
        """Return {account, proof}: ton_addr and ton_proof signed for a domain."""
        name = domain.encode()
        message = b"ton-proof-item-v2/" + self._address_bytes()
        message += len(name).to_bytes(4, "little") + name
        message += now.to_bytes(8, "little") + payload.encode()
        proof = {
            "timestamp": now,
            "domain": {"lengthBytes": len(name), "value": domain},
            "signature": self._sign(b"ton-connect" + hashlib.sha256(message).digest()),
            "payload": payload,
        }
        return {"account": self.ton_connect_account(), "proof": proof}

    def send(self, transaction: dict[str, Any], network: Network, now: int | None = None) -> Sent:
        """Do a TON Connect sendTransaction; raises WalletRefused as a careful wallet would."""
        moment = int(time.time()) if now is None else now
        until = transaction.get("valid_until")
        if until is not None and int(until) <= moment:
            raise WalletRefused("the request has expired")
        if transaction.get("network") != self.network:
            raise WalletRefused(f"wrong network {transaction.get('network')}")
        sender = transaction.get("from")
        if sender is not None and _parse(sender) != self.address:
            raise WalletRefused("the request is for another account")
        wanted = transaction.get("messages") or []
        if not 1 <= len(wanted) <= MAX_MESSAGES:
            raise WalletRefused(f"{len(wanted)} messages")
        messages = [_outgoing(item) for item in wanted]
        return self.transfer(network, messages, valid_until=int(until) if until else None)

    def sign_data(self, payload: dict[str, Any], domain: str, now: int) -> dict[str, Any]:
        """Do a TON Connect signData of type text, binary or cell."""
        kind = payload.get("type")
        if kind == "cell":
            digest = self._cell_digest(payload, domain, now)
            signature = base64.b64encode(self._key.sign(digest).signature).decode()
        elif kind in ("text", "binary"):
            signature = self._sign_bytes(payload, domain, now)
        else:
            raise WalletRefused(f"cannot sign data of type {kind}", 400)
        return {
            "signature": signature,
            "address": self.address,
            "timestamp": now,
            "domain": domain,
            "payload": payload,
        }

    def _sign_bytes(self, payload: dict[str, Any], domain: str, now: int) -> str:
        if payload["type"] == "text":
            prefix, data = b"txt", str(payload["text"]).encode()
        else:
            prefix, data = b"bin", base64.b64decode(payload["bytes"])
        name = domain.encode()
        message = b"ton-connect/sign-data/" + self._address_bytes()
        message += len(name).to_bytes(4, "big") + name + now.to_bytes(8, "big")
        message += prefix + len(data).to_bytes(4, "big") + data
        return self._sign(message)

    def _cell_digest(self, payload: dict[str, Any], domain: str, now: int) -> bytes:
        schema = zlib.crc32(str(payload["schema"]).encode())
        wire = b"".join(part.encode() + b"\0" for part in reversed(domain.split(".")))
        content = Cell.one_from_boc(base64.b64decode(payload["cell"]))
        cell = begin_cell().store_uint(_SIGN_DATA_CELL, 32).store_uint(schema, 32)
        cell.store_uint(now, 64).store_address(self.address)
        cell.store_ref(begin_cell().store_snake_bytes(wire).end_cell()).store_ref(content)
        return bytes(cell.end_cell().hash)

    def _address_bytes(self) -> bytes:
        return (0).to_bytes(4, "big", signed=True) + bytes.fromhex(self.address[2:])

    def _sign(self, message: bytes) -> str:
        digest = hashlib.sha256(b"\xff\xff" + message).digest()
        return base64.b64encode(self._key.sign(digest).signature).decode()


def _parse(text: str) -> str:
    try:
        return addresses.parse(text)
    except addresses.BadAddress:
        raise WalletRefused(f"not an address: {text}") from None


def _outgoing(item: dict[str, Any]) -> Outgoing:
    address = str(item.get("address", ""))
    if ":" in address:
        raise WalletRefused("a raw address: wallets take user-friendly ones only")
    destination = _parse(address)
    amount = item.get("amount")
    if not isinstance(amount, str) or not amount.isdecimal():
        raise WalletRefused("an amount is a decimal string of nano")
    return Outgoing(
        destination=destination,
        amount=int(amount),
        payload=_cell(item.get("payload")),
        state_init=_cell(item.get("stateInit")),
        bounce=addresses.detect(address).given_type == "friendly_bounceable",
    )


def _cell(text: str | None) -> Cell | None:
    if not text:
        return None
    try:
        return Cell.one_from_boc(base64.b64decode(text, validate=True))
    except Exception as error:  # noqa: BLE001 - the cell reader raises anything at junk
        raise WalletRefused(f"a malformed bag of cells: {error}") from None


def _actions(messages: list[Outgoing]) -> Cell | None:
    """Return the out list, the first message innermost; None when there is nothing to send."""
    if not messages:
        return None
    actions: Cell = Cell.empty()
    for message in messages:
        action = begin_cell().store_ref(actions).store_uint(_SEND_ACTION, 32)
        actions = action.store_uint(SEND_MODE, 8).store_ref(_internal(message)).end_cell()
    return actions


def _internal(message: Outgoing) -> Cell:
    head = begin_cell().store_bits("01").store_bit_int(int(message.bounce)).store_bits("000")
    head.store_address(message.destination).store_coins(message.amount).store_bit_int(0)
    head.store_coins(0).store_coins(0).store_uint(0, 64 + 32)
    if message.state_init is None:
        head.store_bit_int(0)
    else:
        head.store_bits("11").store_ref(message.state_init)
    # Maybe-ref has the bits of Either: 1 and a reference, or 0 and, here, nothing.
    cell: Cell = head.store_maybe_ref(message.payload).end_cell()
    return cell
