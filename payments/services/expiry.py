"""Orders whose time is over: what became of them is asked once, then they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone

from payments import reasons, selectors
from payments.models import Order, PaymentAttempt
from payments.providers import provider
from payments.providers.base import ProviderError, ProviderState, Status
from payments.services import states
from payments.services.events import Cause

log = structlog.get_logger(__name__)
BATCH: Final = 200
_ENDED: Final = (Status.EXPIRED, Status.CANCELLED, Status.ABSENT)


def orders_expire(*, now: datetime | None = None) -> int:
    """End what was not paid in time; how many orders ended. Safe to run twice at once.

    An order whose outcome cannot be told yet stays as it is and is asked about again.
    """
    now = now or timezone.now()
    ended, last = 0, None
    while due := selectors.orders_due(now, BATCH, last):
        told = _outcomes(due)
        ended += sum(_end(order, told) for order in due)
        last = due[-1].pk
    return ended


def _outcomes(due: Iterable[Order]) -> dict[UUID, ProviderState]:
    by_provider: dict[str, list[PaymentAttempt]] = defaultdict(list)
    for order in due:
        for attempt in order.attempts.all():
            attempt.order = order  # with its collection, loaded once
            by_provider[attempt.provider].append(attempt)
    told: dict[UUID, ProviderState] = {}
    for name, attempts in by_provider.items():
        try:
            told.update(provider(name).fetch(attempts))
        except ProviderError as error:
            log.warning("orders_not_expired", provider=name, code=error.code, detail=str(error))
    return told


def _end(order: Order, told: dict[UUID, ProviderState]) -> bool:
    states_told = [told.get(attempt.pk) for attempt in order.attempts.all()]
    if any(one is None or one.status not in {*_ENDED, Status.FAILED} for one in states_told):
        return False
    refusals = [one for one in states_told if one is not None and one.status == Status.FAILED]
    if refusals:
        last = refusals[-1]
        return states.order_refused(
            order_id=order.pk, reason=last.reason, cause=Cause("expiry", dict(last.raw))
        )
    return states.order_expire(order_id=order.pk, reason=reasons.UNPAID, cause=Cause("expiry"))
