"""SBP as a way to pay: one method, several acquirers; the attempt remembers which one it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from core.money import Money
from payments.models import MethodSwitch, PaymentAttempt, ProviderHealth, Refund
from payments.providers.base import (
    Capabilities,
    Created,
    ProviderError,
    ProviderPayment,
    ProviderState,
    RefundState,
)
from payments.providers.sbp.acquirer import Acquirer
from payments.providers.sbp.tbank import TBank
from payments.providers.sbp.yookassa import YooKassa

ACQUIRERS: Final[Mapping[str, Acquirer]] = {"yookassa": YooKassa(), "tbank": TBank()}
# YooKassa's page for SBP lives for an hour, whatever we would like.
LIFETIME: Final = timedelta(hours=1)
MARGIN: Final = timedelta(minutes=10)


class SbpProvider:
    """Fulfils Provider and OffChain. Amounts are kopecks."""

    name = "sbp"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            assets=frozenset({"RUB"}),
            reserves=True,
            instant=False,
            refunds=True,
            partial_refunds=True,
            hub_methods={"RUB": 2},
            smallest={"RUB": self._smallest()},
            largest={"RUB": 70_000_000},
            lifetime=LIFETIME,
            margin=MARGIN,
            needs_email=True,
        )

    @property
    def configured(self) -> bool:
        return bool(self.acquirers)

    def _smallest(self) -> int:
        """Enough for every acquirer, so that each may take over for another."""
        return max((ACQUIRERS[name].smallest for name in self.acquirers), default=100)

    def _wanted(self) -> list[str]:
        return [name for name in settings.SBP_ACQUIRERS if name in ACQUIRERS]

    @property
    def acquirers(self) -> Sequence[str]:
        return [name for name in self._wanted() if ACQUIRERS[name].configured]

    def acquirer(self) -> str:
        """The first that is neither switched off nor away. Raises ProviderError for none."""
        off = set(MethodSwitch.objects.filter(on=False).values_list("method", flat=True))
        away = ProviderHealth.objects.exclude(state=ProviderHealth.State.CLOSED)
        off.update(away.values_list("acquirer", flat=True))
        for name in self.acquirers:
            if name not in off:
                return name
        raise ProviderError("no_acquirer", "No acquirer of SBP is available.", retry=False)

    def ping(self, acquirer: str) -> None:
        ACQUIRERS[acquirer].ping()

    def create(self, attempt: PaymentAttempt) -> Created:
        return _of(attempt).create(attempt)

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        """One acquirer that does not answer leaves its own attempts untold, not the others'."""
        groups: dict[str, list[PaymentAttempt]] = defaultdict(list)
        for attempt in attempts:
            groups[attempt.acquirer].append(attempt)
        told: dict[UUID, ProviderState] = {}
        errors: list[ProviderError] = []
        for name, group in groups.items():
            try:
                told.update((attempt.pk, ACQUIRERS[name].state(attempt)) for attempt in group)
            except ProviderError as error:
                errors.append(error)
        if errors and not told:
            raise errors[0]
        return told

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        return _of(attempt).find(attempt)

    def cancel(self, attempt: PaymentAttempt) -> None:
        _of(attempt).cancel(attempt)

    def refund(self, refund: Refund) -> RefundState:
        return _of(refund.attempt).refund(refund)

    def fetch_refund(self, refund: Refund) -> RefundState:
        return _of(refund.attempt).fetch_refund(refund)

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        for name in self._wanted():
            if ACQUIRERS[name].configured:
                yield from ACQUIRERS[name].list_since(since)

    def holdings(self) -> Mapping[str, Money]:
        """Acquirers pay out by their own plan: their reports tell."""
        return {}


def _of(attempt: PaymentAttempt) -> Acquirer:
    return ACQUIRERS[attempt.acquirer]
