"""The chain's door: rooms register one handler per op code in their `chain.py`.

A handler runs inside the database transaction that moves the cursor: whatever it writes is
committed with the cursor or not at all. It must be quick, ask nothing of the network and start
nothing outside but through the outbox or transaction.on_commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from pytoniq_core.boc.slice import Slice

from core.ton.models import ChainTransaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message. Only `parked` ones are shown to their handler again."""

    state: ChainTransaction.State
    reason: str = ""


HANDLED: Final = Verdict(ChainTransaction.State.HANDLED)


def ignored(reason: str) -> Verdict:
    """Not ours or of no consequence, for good."""
    return Verdict(ChainTransaction.State.IGNORED, reason)


def parked(reason: str) -> Verdict:
    """Cannot be judged yet; it is replayed until the handler says otherwise."""
    return Verdict(ChainTransaction.State.PARKED, reason)


@dataclass(frozen=True, slots=True)
class Inbound:
    """An internal message that the followed account received and processed successfully.

    Addresses are raw, `value` and `fees` (the transaction's total) nano, `hash` lower-case hex,
    `utime` unix seconds. `body` stands after the op code; of a bounced message, after 0xffffffff
    and the original op.
    """

    transaction: ChainTransaction
    account: str
    source: str
    value: int
    fees: int
    op: int
    body: Slice
    bounced: bool
    lt: int
    utime: int
    hash: str
    compute_exit: int | None
    success: bool


Handler: TypeAlias = Callable[[Inbound], Verdict]
_handlers: dict[tuple[int, bool], Handler] = {}


class AlreadyRegistered(Exception):
    """Two rooms claim the same op code."""


def on_message(op: int, *, bounced: bool = False) -> Callable[[Handler], Handler]:
    """Register the handler of an op code; with `bounced`, of that op's bounced messages.

    The handler may raise core.ton.codec.Malformed (see core.ton.codec.reading): the message is
    then ignored with that reason. Any other exception rolls back and is tried again.
    """

    def register(handler: Handler) -> Handler:
        present = _handlers.get((op, bounced))
        if present is not None and present is not handler:
            raise AlreadyRegistered(f"op {op:#010x} is handled by {present.__module__}")
        _handlers[op, bounced] = handler
        return handler

    return register


def handler_of(op: int, *, bounced: bool) -> Handler | None:
    return _handlers.get((op, bounced))
