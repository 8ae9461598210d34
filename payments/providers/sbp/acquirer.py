"""What an acquirer of SBP must be able to do; see payments.providers.base.OffChain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol
from uuid import UUID

from core.money import Money
from payments.models import PaymentAttempt, Refund
from payments.providers.base import (
    Created,
    ProviderError,
    ProviderPayment,
    ProviderState,
    RefundState,
)


class Acquirer(Protocol):
    """One contract with a bank or PSP. Every method raises ProviderError.

    smallest: kopecks that one payment has to be at least.
    """

    smallest: int

    @property
    def configured(self) -> bool: ...

    def ping(self) -> None: ...

    def create(self, attempt: PaymentAttempt) -> Created: ...

    def state(self, attempt: PaymentAttempt) -> ProviderState: ...

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]: ...

    def cancel(self, attempt: PaymentAttempt) -> None: ...

    def refund(self, refund: Refund) -> RefundState: ...

    def fetch_refund(self, refund: Refund) -> RefundState: ...

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]: ...


def roubles(kopecks: int) -> str:
    """1990 -> "19.90"."""
    return f"{kopecks // 100}.{kopecks % 100:02}"


def money(amount: object) -> Money:
    """{"value": "19.90", "currency": "RUB"} -> kopecks. Raises ProviderError for another form."""
    try:
        value = Decimal(str(amount["value"]))  # type: ignore[index]
        asset = str(amount["currency"])  # type: ignore[index]
        return Money(asset, int(value.scaleb(Money(asset, 0).decimals)))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise ProviderError("malformed", f"an amount: {amount!r}"[:100], retry=True) from error


def uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
