"""TON Connect's sendTransaction, built on the server (protocol: ton-connect/docs, requests)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytoniq_core.boc.cell import Cell

from core.ton import addresses, codec, networks
from core.ton.messages import normalised_hash

__all__ = ["Message", "normalised_hash", "transaction"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message to sign: raw address, nano, body, StateInit of a contract to deploy."""

    address: str
    amount: int
    payload: Cell | None = None
    state_init: Cell | None = None
    bounce: bool = True


def transaction(
    valid_until: int,
    messages: Sequence[Message],
    sender: str | None = None,
    network: networks.Network | None = None,
) -> dict[str, Any]:
    """The request as the wallet takes it. `valid_until` unix seconds, `sender` raw or unknown.

    Addresses go out user-friendly (wallets refuse raw ones there), amounts as decimal strings.
    """
    on = network or networks.current()
    request: dict[str, Any] = {
        "valid_until": valid_until,
        "network": on.chain,
        "messages": [_message(message, on) for message in messages],
    }
    if sender is not None:
        request["from"] = sender
    return request


def _message(message: Message, network: networks.Network) -> dict[str, str]:
    if message.amount < 0:
        raise ValueError("an amount is not negative")
    form = {
        "address": addresses.friendly(
            message.address, bounceable=message.bounce, testnet=network.testnet
        ),
        "amount": str(message.amount),
    }
    if message.payload is not None:
        form["payload"] = boc(message.payload)
    if message.state_init is not None:
        form["stateInit"] = boc(message.state_init)
    return form


def boc(cell: Cell) -> str:
    """One-root bag of cells in base64."""
    return base64.b64encode(codec.to_boc(cell)).decode()
