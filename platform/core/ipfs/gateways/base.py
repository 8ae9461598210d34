"""What is asked of a gateway, within which limits, and how it may go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.ipfs.cid import Cid

# ok: the right bytes. missing: it does not have them. busy: it asked for a pause. slow: no answer
# in time. away: no connection, or a broken one. status, kind, redirect, truncated, too_long: an
# answer that is none. wrong: whole, and not what was asked for. overtaken: another was faster.
Outcome: TypeAlias = Literal[
    "ok", "missing", "busy", "slow", "away", "status", "kind", "redirect", "truncated", "too_long",
    "wrong", "overtaken",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gateway:
    """url: without a slash at its end. trustless: it gives single blocks. token: sent along."""

    name: str
    url: str
    tier: int = 0
    trustless: bool = True
    token: str = ""


@dataclass(frozen=True, slots=True)
class Want:
    """One leaf of a file. first, last: its byte positions, both included. size: of the file."""

    root: Cid
    leaf: Cid
    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. A second gateway is asked after the first one's p95, between least and most.

    share: of all requests that may be such second ones.
    """

    connect: float = 2.0
    first_byte: float = 4.0
    attempt: float = 10.0
    total: float = 15.0
    hedge_least: float = 0.05
    hedge_most: float = 1.5
    hedge_unknown: float = 0.4
    share: float = 0.1


@dataclass(frozen=True, slots=True)
class News:
    """What somebody has to be told of a gateway: its circuit opened or closed, or it lied."""

    gateway: str
    kind: Literal["opened", "closed", "wrong"]
    detail: str = ""


class GatewayFailed(Exception):
    """One gateway gave no bytes. retry_after: seconds that it asked us to wait."""

    def __init__(self, outcome: Outcome, detail: str = "", retry_after: float = 0.0) -> None:
        self.outcome = outcome
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(f"{outcome}: {detail}")


class FetchFailed(Exception):
    """No gateway gave the bytes. retry_after: seconds until asking again may help."""

    def __init__(self, detail: str, retry_after: float = 5.0) -> None:
        self.retry_after = retry_after
        super().__init__(detail)
