"""What we ask of the chain: one protocol, its value types and its errors.

`core.ton.toncenter` and `core.ton.liteserver` implement it, `core.ton.sources` chooses.
All calls block; none is made inside a database transaction that holds contended locks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from pytoniq_core.boc.cell import Cell
from pytoniq_core.boc.slice import Slice

StackValue: TypeAlias = "int | Cell | Slice | list[StackValue] | None"
AccountStatus: TypeAlias = Literal["active", "uninit", "frozen"]
NO_HASH = bytes(32)


class ChainError(Exception):
    """Base of everything that goes wrong between us and the chain."""


class ChainUnavailable(ChainError):
    """No source answered (or all are overloaded). Trying again later may help."""


class ChainRefused(ChainError):
    """The network, or a source, refused the request for good; trying again will not help."""


class SourceFault(ChainError):
    """A source answered something that cannot be true. `kind` is a metric label:
    hash, account, link, order, fork, gap, malformed, lagging, disagreement."""

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}: {detail}")


class GetMethodFailed(ChainError):
    """The get-method ran and threw, or the account has no code (-256)."""

    def __init__(self, address: str, method: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(f"{method} of {address} gave exit code {exit_code}")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest masterchain block that a source knows; gen_utime in unix seconds."""

    seqno: int
    gen_utime: int


@dataclass(frozen=True, slots=True)
class Account:
    """State at the source's newest masterchain block. Balance in nano; hashes of cells."""

    status: AccountStatus
    balance: int
    code_hash: str | None
    code: Cell | None
    data: Cell | None
    last_lt: int
    last_hash: bytes


@dataclass(frozen=True, slots=True)
class RawTransaction:
    """A transaction whose every field was read from `boc`, and whose hash is the BoC's own."""

    account: str
    lt: int
    hash: bytes
    utime: int
    boc: bytes
    prev_lt: int
    prev_hash: bytes
    mc_seqno: int | None = None


class ChainClient(Protocol):
    """One source of truth about the chain. `name` is its metric and log label (no secrets)."""

    @property
    def name(self) -> str: ...

    def head(self) -> Head:
        """Newest masterchain block. Raises ChainUnavailable."""
        ...

    def account(self, address: str) -> Account:
        """State of a raw address; one never used is `uninit` with balance 0."""
        ...

    def run_get(
        self, address: str, method: str, stack: Sequence[StackValue] = ()
    ) -> list[StackValue]:
        """Run a get-method; results in order (`return` order of FunC). Raises GetMethodFailed."""
        ...

    def transactions_page(
        self, address: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]:
        """At most `limit` transactions, newest first, from `start` (lt, hash; None = newest)
        inclusive down to `until_lt` exclusive. Each is decoded, none is checked against another.
        """
        ...

    def transactions_since(
        self, address: str, lt: int, limit: int | None = None
    ) -> list[RawTransaction]:
        """Every transaction with a greater lt, oldest first, without holes (the first `limit`
        of them). Raises SourceFault when the source's chain of transactions is broken.
        """
        ...

    def send(self, boc: bytes) -> bytes:
        """Send an external message; its normalised hash (TEP-467). Raises ChainRefused when the
        account does not accept it. Sending again the same message is harmless."""
        ...
