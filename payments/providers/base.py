"""What a way to pay must be able to do.

A provider is stateless and writes nothing: it turns an attempt into something for the payer to
act on, and tells what became of attempts. Services decide what follows. Only what `fetch` returns
or what the chain's follower hands over may confirm money; whatever else arrives is a hint.

A provider with more abilities fulfils more protocols, each checked with isinstance where it is
used, so that none has to pretend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from core.money import Money
from payments.models import PaymentAttempt


class ProviderError(Exception):
    """The provider could not do it. `retry` says whether the same call may succeed later."""

    def __init__(self, code: str, detail: str = "", *, retry: bool) -> None:
        self.code = code
        self.retry = retry
        super().__init__(f"{code}: {detail}" if detail else code)


class Status(StrEnum):
    """Of an attempt, as the provider knows it."""

    ABSENT = "absent"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ProviderState:
    """What became of one attempt. reason: a code of payments.reasons, when it did not succeed."""

    status: Status
    reason: str = ""
    paid: Money | None = None
    external_id: str = ""
    occurred_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be asked of a provider. instant: the goods come with the payment itself."""

    assets: frozenset[str]
    reserves: bool
    instant: bool
    refunds: bool


class Provider(Protocol):
    """Every provider. `name` is the method's name in the API and in the database."""

    name: str
    capabilities: Capabilities

    @property
    def configured(self) -> bool:
        """False when its settings are absent: the method is then simply not offered."""
        ...

    def create(self, attempt: PaymentAttempt) -> dict[str, Any]:
        """The handoff: what the payer acts on, as JSON with a `kind`. Raises ProviderError."""
        ...

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        """What became of these attempts, by attempt id; one that is missing is still unknown.

        One call for many, because some sources are read per account and not per payment.
        Raises ProviderError when nothing can be said now.
        """
        ...
