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
from payments.services import health, outcomes, states, submitting
from payments.services.events import Cause

log = structlog.get_logger(__name__)
BATCH: Final = 200
_CAUSE: Final = Cause("expiry")
_NOTHING: Final = ProviderState(Status.EXPIRED)
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
    by_acquirer: dict[tuple[str, str], list[PaymentAttempt]] = defaultdict(list)
    told: dict[UUID, ProviderState] = {}
    for order in due:
        for attempt in order.attempts.all():
            attempt.order = order  # with its collection, loaded once
            if _was_made(attempt):
                by_acquirer[attempt.provider, attempt.acquirer].append(attempt)
            else:
                told[attempt.pk] = _known(attempt)
    for (name, acquirer), attempts in by_acquirer.items():
        try:
            told.update(_asked(name, acquirer, attempts))
        except ProviderError as error:
            log.warning("orders_not_expired", provider=name, code=error.code, detail=str(error))
    return told


def _asked(name: str, acquirer: str, attempts: list[PaymentAttempt]) -> dict[UUID, ProviderState]:
    if provider(name).capabilities.instant:  # the chain has its own watch
        return provider(name).fetch(attempts)
    with health.watched(acquirer):
        return provider(name).fetch(attempts)


def _was_made(attempt: PaymentAttempt) -> bool:
    """Whether there is anything at the provider that could be asked about."""
    able = provider(attempt.provider).capabilities
    return able.instant or attempt.state not in (
        PaymentAttempt.State.CREATED,
        PaymentAttempt.State.FAILED,
    )


def _known(attempt: PaymentAttempt) -> ProviderState:
    """What we know without asking: declined, or never made."""
    if attempt.state != PaymentAttempt.State.FAILED:
        return _NOTHING
    reason = attempt.error if attempt.error in reasons.CODES else reasons.DECLINED
    return ProviderState(Status.FAILED, reason=reason)


def _end(order: Order, told: dict[UUID, ProviderState]) -> bool:
    tries = list(order.attempts.all())
    if any(not _over(attempt, told.get(attempt.pk)) for attempt in tries):
        return False
    refusals = [
        one
        for attempt in tries
        if (one := told.get(attempt.pk)) is not None and one.status == Status.FAILED
    ]
    if refusals:
        last = refusals[-1]
        return states.order_refused(
            order_id=order.pk,
            reason=last.reason or reasons.DECLINED,
            cause=Cause("expiry", dict(last.raw)),
        )
    return states.order_expire(order_id=order.pk, reason=reasons.UNPAID, cause=_CAUSE)


def _over(attempt: PaymentAttempt, told: ProviderState | None) -> bool:
    """Whether nothing can come of the attempt any more, as far as anybody can tell.

    A payment that is still open at a provider is ended there; what it says then is applied. If it
    stays open all the same, late money is dealt with when it comes.
    """
    if told is None or told.status is Status.PROCESSING:
        return False
    if told.status in {*_ENDED, Status.FAILED}:
        return True
    if provider(attempt.provider).capabilities.instant:
        return False
    outcomes.apply(attempt_id=attempt.pk, state=told, cause=_CAUSE)
    if told.status is Status.PAID:
        return False
    try:
        return not submitting.attempt_stop(attempt_id=attempt.pk)
    except ProviderError:
        return False
