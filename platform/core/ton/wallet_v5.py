"""Wallet v5r1 from outside: its address, the request that is signed, the message that is sent.

Layout: github.com/ton-blockchain/wallet-contract-v5 (types.tlb). Whoever holds the key signs
`request.hash`; nothing here does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pytoniq.contract.wallets.wallet_v5 import WALLET_V5_R1_CODE, WalletV5WalletID
from pytoniq_core import Cell, begin_cell

from core.ton import networks
from core.ton.addresses import address

_SIGNED_EXTERNAL: Final = 0x7369676E
_SEND_ACTION: Final = 0x0EC3C86D
_MODE: Final = 3  # fees apart, errors ignored: the contract demands both from outside


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message that the wallet is to send: raw address, nano, body. It may bounce."""

    destination: str
    amount: int
    body: Cell


@dataclass(frozen=True)
class Wallet:
    """The wallet of a public key on the present network, in the base chain."""

    public_key: bytes

    @cached_property
    def wallet_id(self) -> int:
        network_id = int(networks.current().chain)
        return int(WalletV5WalletID(network_global_id=network_id, workchain=0).pack())

    @cached_property
    def state_init(self) -> Cell:
        data = begin_cell().store_bit_int(1).store_uint(0, 32).store_uint(self.wallet_id, 32)
        data.store_bytes(self.public_key).store_bit_int(0)
        init = begin_cell().store_bits("00").store_maybe_ref(WALLET_V5_R1_CODE)
        cell: Cell = init.store_maybe_ref(data.end_cell()).store_bit_int(0).end_cell()
        return cell

    @cached_property
    def address(self) -> str:
        """Raw: 0:<64 hex>."""
        return f"0:{self.state_init.hash.hex()}"

    def request(self, messages: Sequence[Outgoing], *, seqno: int, valid_until: int) -> Cell:
        """What is signed (its hash): good once, for this seqno, until then (unix seconds)."""
        actions = begin_cell().end_cell()
        for message in messages:
            action = begin_cell().store_ref(actions).store_uint(_SEND_ACTION, 32)
            actions = action.store_uint(_MODE, 8).store_ref(_internal(message)).end_cell()
        request = begin_cell().store_uint(_SIGNED_EXTERNAL, 32).store_uint(self.wallet_id, 32)
        request.store_uint(valid_until, 32).store_uint(seqno, 32)
        cell: Cell = request.store_maybe_ref(actions).store_bit_int(0).end_cell()
        return cell

    def external(self, request: Cell, signature: bytes, *, deploy: bool) -> Cell:
        """The message to broadcast; with `deploy` it brings the wallet's own code along."""
        body = begin_cell().store_cell(request).store_bytes(signature).end_cell()
        message = begin_cell().store_bits("1000").store_address(self.address).store_coins(0)
        if deploy:
            message.store_bits("11").store_ref(self.state_init)
        else:
            message.store_bits("0")
        cell: Cell = message.store_bits("1").store_ref(body).end_cell()
        return cell


def _internal(message: Outgoing) -> Cell:
    """int_msg_info with bounce set; the network fills in the rest."""
    head = (
        begin_cell().store_bits("0110").store_bits("00").store_address(address(message.destination))
    )
    head.store_coins(message.amount).store_bit_int(0).store_coins(0).store_coins(0)
    head.store_uint(0, 64).store_uint(0, 32).store_bit_int(0)
    cell: Cell = head.store_bit_int(1).store_ref(message.body).end_cell()
    return cell
