"""Stars as a way to pay: one invoice link an attempt.

A link can be paid more than once and by anybody: the bot says no before the payment
(payments/telegram.py), and every payment has a charge id of its own. Invoices cannot be looked up;
payments stand in the bot's list of transactions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core.money import Money
from core.telegram import api
from payments.models import PaymentAttempt, Refund
from payments.providers.base import (
    Capabilities,
    Created,
    ProviderError,
    ProviderPayment,
    ProviderState,
    RefundState,
    RefundStatus,
    Status,
)

LIFETIME: Final = timedelta(minutes=30)
MARGIN: Final = timedelta(minutes=10)
# How far back a payment is looked for; the list has no filter, only an offset.
RECENT: Final = timedelta(days=3)
_OFFSET: Final = "payments.stars.offset"


class StarsProvider:
    """Fulfils Provider and OffChain. Amounts are whole Stars."""

    name = "stars"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            assets=frozenset({"XTR"}),
            reserves=True,
            instant=False,
            refunds=True,
            hub_methods={"XTR": 1},
            smallest={"XTR": 1},
            largest={"XTR": 100_000},
            lifetime=LIFETIME,
            margin=MARGIN,
            hold=settings.STARS_HOLD,
        )

    @property
    def configured(self) -> bool:
        return bool(settings.TELEGRAM_BOT_TOKEN and settings.TELEGRAM_WEBHOOK_SECRET)

    @property
    def acquirers(self) -> Sequence[str]:
        return (self.name,)

    def acquirer(self) -> str:
        return self.name

    def ping(self, acquirer: str) -> None:
        del acquirer
        self.holdings()

    def create(self, attempt: PaymentAttempt) -> Created:
        order = attempt.order
        release = order.collection.release
        number = "1 edition" if order.quantity == 1 else f"{order.quantity} editions"
        try:
            link = api.invoice_link(
                title=release.title[:32],
                description=f"{number} of {release.title} by {release.artist.name}"[:255],
                payload=str(attempt.pk),
                label=number,
                stars=attempt.amount,
            )
        except api.BotError as error:
            raise _refusal(error) from error
        return Created({"kind": "invoice", "url": link})

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        """One reading of the recent transactions for all. Unpaid ones are open until their end."""
        rows = list(_recent())
        return {attempt.pk: _state_of(attempt, rows) for attempt in attempts}

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        """An unpaid invoice leaves no trace, and nobody saw its link: it is made again."""
        state = self.fetch([attempt])[attempt.pk]
        absent = ProviderState(Status.ABSENT)
        return (state if state.status is Status.PAID else absent), None

    def cancel(self, attempt: PaymentAttempt) -> None:
        """A link cannot be withdrawn: the pre-checkout refuses it from now on."""

    def refund(self, refund: Refund) -> RefundState:
        attempt = refund.attempt
        user = attempt.order.user
        if user is None or user.telegram_id is None or not attempt.external_id:
            raise ProviderError("no_payer", "The payer's Telegram id is not known.", retry=False)
        try:
            api.star_refund(user_id=user.telegram_id, charge_id=attempt.external_id)
        except api.BotError as error:
            raise _refusal(error) from error
        return _refunded(attempt, refund.pk)

    def fetch_refund(self, refund: Refund) -> RefundState:
        charge = refund.attempt.external_id
        for row in _recent():
            if row.get("id") == charge and "receiver" in row:
                return _refunded(refund.attempt, refund.pk)
        return RefundState(RefundStatus.ABSENT, "")

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        """A refund carries its payment's id: one of today tells of a payment of last month."""
        rows = list(_rows(0))
        moved = {row["id"] for row in rows if int(row["date"]) >= since.timestamp()}
        for row in rows:
            if row["id"] not in moved or "source" not in row:
                continue
            if row["source"].get("transaction_type") == "invoice_payment":
                state = _paid(row, rows)
                yield ProviderPayment(state, str(row["id"]), _uuid(_payload(row)))

    def holdings(self) -> Mapping[str, Money]:
        try:
            return {self.name: Money("XTR", api.star_balance())}
        except api.BotError as error:
            raise _refusal(error) from error


def _rows(offset: int) -> Iterator[dict[str, Any]]:
    try:
        for _, rows in api.star_transactions(offset):
            yield from rows
    except api.BotError as error:
        raise _refusal(error) from error


def _recent() -> Iterator[dict[str, Any]]:
    """Transactions of the last days. Pages that are wholly older are skipped from then on."""
    start = int(cache.get(_OFFSET, 0))
    edge = (timezone.now() - RECENT).timestamp()
    try:
        for offset, rows in api.star_transactions(start):
            if len(rows) == api.PAGE and int(rows[-1]["date"]) < edge:
                cache.set(_OFFSET, offset + api.PAGE, None)
                continue
            yield from rows
    except api.BotError as error:
        raise _refusal(error) from error


def _state_of(attempt: PaymentAttempt, rows: Sequence[Mapping[str, Any]]) -> ProviderState:
    """Of several payments by one link, the one that this attempt stands for, else the first."""
    paid = [row for row in rows if "source" in row and _payload(row) == str(attempt.pk)]
    known = [row for row in paid if row["id"] == attempt.external_id]
    if found := (known or paid):
        return _paid(found[0], rows)
    over = attempt.valid_until <= timezone.now()
    return ProviderState(Status.EXPIRED if over else Status.OPEN)


def _paid(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> ProviderState:
    """A refund has the payment's own id, with a receiver in place of the source."""
    money = Money("XTR", int(row["amount"]))
    back = [
        RefundState(RefundStatus.DONE, str(one["id"]), amount=money)
        for one in rows
        if one.get("id") == row["id"] and "receiver" in one
    ]
    return ProviderState(
        Status.PAID,
        paid=money,
        external_id=str(row["id"]),
        occurred_at=datetime.fromtimestamp(int(row["date"]), UTC),
        refunds=back,
    )


def _payload(row: Mapping[str, Any]) -> str:
    return str(row.get("source", {}).get("invoice_payload", ""))


def _refunded(attempt: PaymentAttempt, refund_id: UUID) -> RefundState:
    return RefundState(
        RefundStatus.DONE,
        str(attempt.external_id),
        amount=Money("XTR", attempt.paid or 0),
        refund_id=refund_id,
    )


def _refusal(error: api.BotError) -> ProviderError:
    code = str(error.code or "unavailable")
    return ProviderError(code, error.description, retry=error.retry, away=error.retry)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
