"""What a way to pay must be able to do.

A provider is stateless and writes nothing: it turns an attempt into something for the payer to
act on, and tells what became of it. Services decide what follows. What `fetch`, `find` and
`list_since` return, what the chain's follower hands over and Telegram's `successful_payment` may
confirm money; whatever else arrives is a hint to fetch.

A provider with more abilities fulfils more protocols, each checked with isinstance where it is
used, so that none has to pretend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from core.inbox.models import InboxEvent
from core.money import Money
from payments.models import PaymentAttempt, Refund


class ProviderError(Exception):
    """The provider could not do it. `retry` says whether the same call may succeed later.

    With `retry` after a call that has an effect, the effect may be there all the same: ask with
    `find` before anything else. Without it the provider has refused and nothing happened.
    away: it gave no proper answer at all; the breaker (services.health) counts these.
    """

    def __init__(self, code: str, detail: str = "", *, retry: bool, away: bool = False) -> None:
        self.code = code
        self.retry = retry
        self.away = away
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


class RefundStatus(StrEnum):
    """Of a refund, as the provider knows it. ABSENT: our key is not known there."""

    ABSENT = "absent"
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class DisputeStatus(StrEnum):
    """Of a dispute, as the provider knows it; values are those of Dispute.State."""

    OPENED = "opened"
    FUNDS_WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"
    CLOSED_WARNING = "closed"


@dataclass(frozen=True, slots=True)
class RefundState:
    """One refund at the provider. refund_id: our Refund, when the provider hands our key back."""

    status: RefundStatus
    external_id: str
    amount: Money | None = None
    refund_id: UUID | None = None
    reason: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeState:
    """One dispute at the provider."""

    status: DisputeStatus
    external_id: str
    amount: Money
    reason: str = ""
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderState:
    """All that the provider knows about one payment, refunds and disputes included.

    reason: a code of payments.reasons, when it did not succeed. external_id: of the payment, set
    when PAID. A refunded payment is still PAID: what went back stands in `refunds`.
    """

    status: Status
    reason: str = ""
    paid: Money | None = None
    fee: Money | None = None
    external_id: str = ""
    occurred_at: datetime | None = None
    refunds: Sequence[RefundState] = ()
    disputes: Sequence[DisputeState] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Created:
    """What `create` made. handoff: what the payer acts on, as JSON with a `kind`.

    reference: the provider's own name of it, "" when there is none before the payment.
    valid_until: when the provider stops taking the payment, when it has a say in that.
    """

    handoff: Mapping[str, Any]
    reference: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be asked of a provider.

    reserves: editions are kept out of the hub quota while the payment is open. instant: the goods
    come with the payment itself. hub_methods: the hub's number for (this provider, asset).
    smallest, largest: what one payment may be, per asset in minor units. lifetime: how long a payer
    has; margin: how much longer than that the reservation lives. hold: from payment to mint.
    """

    assets: frozenset[str]
    reserves: bool
    instant: bool
    refunds: bool
    partial_refunds: bool = False
    hub_methods: Mapping[str, int] = field(default_factory=dict)
    smallest: Mapping[str, int] = field(default_factory=dict)
    largest: Mapping[str, int] = field(default_factory=dict)
    lifetime: timedelta = timedelta(minutes=5)
    margin: timedelta = timedelta(0)
    hold: timedelta = timedelta(0)
    needs_email: bool = False


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A line of the provider's own list: a payment as it knows it, whether we do or not.

    attempt_id: our key in it, when there is one that looks like ours.
    """

    state: ProviderState
    reference: str
    attempt_id: UUID | None


class Provider(Protocol):
    """Every provider. `name` is the method's name in the API and in the database."""

    name: str

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def configured(self) -> bool:
        """False when its settings are absent: the method is then simply not offered."""
        ...

    def create(self, attempt: PaymentAttempt) -> Created:
        """Make the payment at the provider, under attempt.key. Raises ProviderError."""
        ...

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        """What became of these attempts, by attempt id; one that is missing is still unknown.

        One call for many, because some sources are read per account and not per payment.
        Raises ProviderError when nothing can be said now.
        """
        ...


@runtime_checkable
class OffChain(Protocol):
    """A provider outside the chain: it keeps the payment, so it can be asked, stopped, listed."""

    @property
    def acquirers(self) -> Sequence[str]:
        """Everybody who may take a payment here, in order of preference."""
        ...

    def acquirer(self) -> str:
        """Who is to take the next payment: one of several, or the provider's own name."""
        ...

    def ping(self, acquirer: str) -> None:
        """Ask an acquirer something that has no effect. Raises ProviderError."""
        ...

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        """Look for an attempt by our own key, after a create whose outcome is unknown.

        ABSENT when the provider surely has none; with Created when it is there to be paid.
        Raises ProviderError (retry) when that cannot be told now.
        """
        ...

    def cancel(self, attempt: PaymentAttempt) -> None:
        """Stop taking the payment, as far as the provider can. Fetch afterwards: it may be paid."""
        ...

    def refund(self, refund: Refund) -> RefundState:
        """Send back refund.amount of refund.attempt, under refund.id.hex. Raises ProviderError.

        A provider that says "done already" for the key has done it.
        """
        ...

    def fetch_refund(self, refund: Refund) -> RefundState:
        """What became of it; ABSENT when the provider surely knows no such refund."""
        ...

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        """Every payment that the provider knows from then on, oldest first."""
        ...

    def holdings(self) -> Mapping[str, Money]:
        """Per acquirer what it says it holds for us and has not paid out (Stars: the balance).

        An acquirer that cannot tell is left out.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have happened to a payment, told by our id or key, or by their name of it.

    state: only where the message itself is proof (Telegram's successful_payment).
    """

    attempt_id: UUID | None = None
    acquirer: str = ""
    reference: str = ""
    external_id: str = ""
    key: str = ""
    state: ProviderState | None = None


class Webhook(Protocol):
    """The form of one sender's webhooks, at /webhooks/<source>."""

    source: str
    headers: tuple[str, ...]  # those that `verify` needs; nothing else is kept

    def event_key(self, headers: Mapping[str, str], body: bytes) -> str:
        """What tells this event from all others; cheap, of an unverified body. Never raises."""
        ...

    def verify(self, event: InboxEvent) -> bool:
        """False: forged, or not for us."""
        ...

    def hints(self, event: InboxEvent) -> Sequence[Hint]:
        """What to look at; none when it is nothing that concerns payments."""
        ...

    def answer(self) -> tuple[str, bytes]:
        """Content type and body that the sender takes for "received"."""
        ...
