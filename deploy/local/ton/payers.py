"""Wallets that pay in tests and measurements.

``PlainPayer`` is a contract of ours, written out in assembler, that sends what its owner signs off
on (nobody: it checks only its counter). It is padded to the 1 937 gas that the usual test wallet
of other tool chains burns for one message, so that whole traces compare. ``W5Payer`` is the real
wallet v5; its code comes from the pytoniq package at runtime.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

from nacl.signing import SigningKey
from pytoniq_core import Address, Cell, StateInit, begin_cell

from deploy.local.ton.config import GLOBAL_ID
from deploy.local.ton.sandbox import Sandbox, Trace

PLAIN_GAS: Final = 1937
_PADDING: Final = "16 PUSHINT DROP " * 3 + "NOP"  # 150 gas
_PROGRAM: Final = """
PROGRAM{{
  DECLPROC recv_internal
  -1 DECLMETHOD recv_external
  recv_internal PROC:<{{ }}>
  recv_external PROC:<{{
    32 LDU c4 PUSH CTOS 32 PLDU s2 PUSH EQUAL 33 THROWIFNOT
    ACCEPT
    SWAP INC NEWC 32 STU ENDC c4 POP
    {padding}
    LDREF DROP 3 PUSHINT SENDRAWMSG
  }}>
}}END>c
"""


@cache
def plain_code() -> Cell:
    """Assemble the plain payer."""
    fift: Any = import_module("tonpy.fift.fift").Fift()
    fift.add_lib("Asm.fif")
    fift.run(_PROGRAM.format(padding=_PADDING))
    return Cell.one_from_boc(base64.b64decode(fift.last().to_boc()))


def outgoing(
    dest: Address,
    value: int,
    body: Cell | None = None,
    *,
    init: StateInit | None = None,
    bounce: bool = True,
) -> Cell:
    """Build the message that a wallet is asked to send (MessageRelaxed)."""
    builder = begin_cell().store_bits("01").store_bit_int(int(bounce)).store_bits("000")
    builder.store_address(dest).store_coins(value).store_uint(0, 1 + 4 + 4 + 64 + 32)
    if init is None:
        builder.store_bit_int(0)
    else:
        builder.store_bits("11").store_ref(init.serialize())
    if body is None:
        return builder.store_bit_int(0).end_cell()
    return builder.store_bit_int(1).store_ref(body).end_cell()


@dataclass
class PlainPayer:
    """A funded plain wallet. ``name`` makes its address different from others."""

    sandbox: Sandbox
    name: int
    coins: int
    seqno: int = 0

    def __post_init__(self) -> None:
        data = begin_cell().store_uint(0, 32).store_uint(self.name, 64).end_cell()
        init = StateInit(code=plain_code(), data=data)
        self.address = Address((0, init.serialize().hash))
        self.sandbox.fund(self.address, self.coins, init)

    def pay(self, message: Cell) -> Trace:
        """Send one message and deliver everything that follows."""
        body = begin_cell().store_uint(self.seqno, 32).store_ref(message).end_cell()
        self.seqno += 1
        return self.sandbox.send_external(self.address, body)


@dataclass
class W5Payer:
    """A funded wallet v5 with a real signature. ``seed``: 32 bytes of a throw-away key."""

    sandbox: Sandbox
    seed: bytes
    coins: int
    seqno: int = 0

    def __post_init__(self) -> None:
        self._key = SigningKey(self.seed)
        self._wallet_id = (1 << 31) ^ (GLOBAL_ID & 0xFFFFFFFF)
        data = begin_cell().store_bit_int(1).store_uint(0, 32).store_uint(self._wallet_id, 32)
        data.store_bytes(bytes(self._key.verify_key)).store_bit_int(0)
        code: Cell = import_module("pytoniq.contract.wallets.wallet_v5").WALLET_V5_R1_CODE
        init = StateInit(code=code, data=data.end_cell())
        self.address = Address((0, init.serialize().hash))
        self.sandbox.fund(self.address, self.coins, init)

    def body(self, *messages: Cell) -> Cell:
        """Return the signed body of an external message that sends these messages."""
        actions = Cell.empty()
        for message in messages:
            action = begin_cell().store_ref(actions).store_uint(0x0EC3C86D, 32)
            actions = action.store_uint(3, 8).store_ref(message).end_cell()
        body = begin_cell().store_uint(0x7369676E, 32).store_uint(self._wallet_id, 32)
        body.store_uint(self.sandbox.now + 60, 32).store_uint(self.seqno, 32)
        body.store_maybe_ref(actions).store_bit_int(0)
        signature = self._key.sign(body.end_cell().hash).signature
        return body.store_bytes(signature).end_cell()

    def pay(self, *messages: Cell) -> Trace:
        """Send messages and deliver everything that follows."""
        body = self.body(*messages)
        self.seqno += 1
        return self.sandbox.send_external(self.address, body)
