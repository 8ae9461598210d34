"""Asking providers what became of payments, and applying what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from payments.models import PaymentAttempt
from payments.providers import provider
from payments.providers.base import ProviderError, ProviderState
from payments.services import health, outcomes, polling, states, submitting
from payments.services.events import Cause

log = structlog.get_logger(__name__)
_POLL: Final = Cause("poll")
Try = PaymentAttempt.State


def attempt_refresh(*, attempt_id: UUID, cause: Cause) -> bool:
    """Ask about one attempt now. Calls the provider: not inside a transaction.

    False when the provider could not say. Raises ProviderError when asking again may help.
    """
    attempt = (
        PaymentAttempt.objects.select_related("order__collection").filter(pk=attempt_id).first()
    )
    if attempt is None or attempt.provider == "ton":
        return False
    return _ask(attempt.provider, [attempt], cause) == 1


def attempts_poll() -> int:
    """Ask about every attempt whose time has come; how many were told of.

    Of an acquirer that is away only one is asked about: each call may hang for long.
    """
    number, away = 0, health.away()
    for (method, acquirer), attempts in polling.due(slow=away).items():
        asked = attempts[:1] if acquirer in away else attempts
        try:
            number += _ask(method, asked, _POLL)
        except ProviderError as error:
            log.warning("provider_not_asked", acquirer=acquirer, code=error.code)
            asked = []
        polling.again(attempts[len(asked) :])
    return number


def _look_for(attempt: PaymentAttempt, cause: Cause) -> None:
    """One whose creation was never answered: the provider knows it by our key only."""
    if attempt.state in (Try.CANCELLED, Try.EXPIRED):
        submitting.attempt_cancel(attempt_id=attempt.pk)  # finds it, and ends it
    elif attempt.state in (Try.CONFIRMED, Try.PROCESSING):
        submitting.attempt_find(attempt_id=attempt.pk, cause=cause)
    elif attempt.state in states.OPEN_TRIES:
        submitting.attempt_submit(attempt_id=attempt.pk)  # finds it, or makes it anew


def _ask(method: str, attempts: Sequence[PaymentAttempt], cause: Cause) -> int:
    """Attempts of one acquirer."""
    made = [attempt for attempt in attempts if attempt.handoff]
    for attempt in attempts:
        if not attempt.handoff:
            _look_for(attempt, cause)
    told: dict[UUID, ProviderState] = {}
    if made:
        with health.watched(made[0].acquirer):
            told = provider(method).fetch(made)
    for attempt_id, state in told.items():
        outcomes.apply(attempt_id=attempt_id, state=state, cause=cause)
    return len(told)
