"""Making the payment at the provider: once, whatever happens in between.

The key is stored before the call. A call whose outcome is not known leaves the attempt `unknown`:
the provider is then asked by our key, and only what it surely has not got is made again.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from core.ids import uuid7
from core.outbox.services import put
from payments import announce
from payments.models import PaymentAttempt
from payments.providers import off_chain, provider
from payments.providers.base import Created, ProviderError, ProviderState, Status
from payments.services import health, outcomes, polling, states
from payments.services.events import Cause

log = structlog.get_logger(__name__)
Try = PaymentAttempt.State
_SUBMIT: Final = Cause("submit")
_UNSURE: Final = (Try.SUBMITTING, Try.UNKNOWN)


def attempt_submit(*, attempt_id: UUID) -> None:
    """Create the payment at the provider, or find out what an earlier call has created.

    Calls the provider: not inside a transaction. Safe to repeat, also at the same time. Raises
    ProviderError (retry) while the outcome cannot be told: call again later.
    """
    attempt = _take(attempt_id)
    if attempt is None:
        return
    if attempt.state in _UNSURE and not _resolve(attempt):
        return
    try:
        with health.watched(attempt.acquirer):
            created = provider(attempt.provider).create(attempt)
    except ProviderError as error:
        _refused(attempt.pk, error)
        if error.retry:
            raise
        return
    _opened(attempt.pk, created)


def _take(attempt_id: UUID) -> PaymentAttempt | None:
    """Created -> submitting, with the key, committed before the call. Later states as they are."""
    with transaction.atomic():
        attempt = _locked(attempt_id)
        if attempt is None or attempt.state not in (Try.CREATED, *_UNSURE):
            return None
        if attempt.state == Try.CREATED:
            states.attempt_move(attempt, Try.SUBMITTING, _SUBMIT, key=attempt.pk.hex)
            attempt.state = Try.CREATED  # as it was taken: nobody has called the provider yet
        return attempt


def _resolve(attempt: PaymentAttempt) -> bool:
    """Ask by our key. True: the provider has surely nothing, and it may be created anew."""
    state, created = _find(attempt)
    if state.status is not Status.ABSENT:
        if created is not None:
            _opened(attempt.pk, created)
        outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("find"))
        return False
    return _renew(attempt)


def _find(attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
    with health.watched(attempt.acquirer):
        return off_chain(attempt.provider).find(attempt)


def _renew(attempt: PaymentAttempt) -> bool:
    """A fresh key: under the old one a provider may repeat its stored failure for ever."""
    with transaction.atomic():
        row = _locked(attempt.pk)
        if row is None or row.state not in _UNSURE:
            return False
        if row.valid_until <= timezone.now():
            states.attempt_move(row, Try.EXPIRED, _SUBMIT)
            polling.plan(row)
            return False
        attempt.key = uuid7().hex
        states.attempt_move(row, Try.SUBMITTING, _SUBMIT, key=attempt.key)
    return True


def _opened(attempt_id: UUID, created: Created) -> None:
    with transaction.atomic():
        attempt = _locked(attempt_id)
        if attempt is None or attempt.handoff:
            return
        changes: dict[str, object] = {"handoff": dict(created.handoff)}
        if created.reference:
            changes["reference"] = created.reference
        if created.valid_until is not None:
            changes["valid_until"] = min(attempt.valid_until, created.valid_until)
        # A webhook may have been faster than the answer: what it said stays.
        state = Try.OPEN if attempt.state in (Try.CREATED, *_UNSURE) else Try(attempt.state)
        states.attempt_move(attempt, state, _SUBMIT, **changes)
        polling.plan(attempt)
        announce.order_changed(attempt.order)
        if attempt.state == Try.CANCELLED:  # given up while the call was under way
            put("payments.attempt_cancel", {"attempt_id": attempt.pk})


def _refused(attempt_id: UUID, error: ProviderError) -> None:
    log.warning("attempt_not_submitted", attempt_id=str(attempt_id), code=error.code)
    with transaction.atomic():
        attempt = _locked(attempt_id)
        if attempt is None or attempt.state not in (Try.CREATED, *_UNSURE):
            return
        state = Try.UNKNOWN if error.retry else Try.FAILED
        states.attempt_move(attempt, state, _SUBMIT, error=str(error)[:200])
        polling.plan(attempt)
        announce.order_changed(attempt.order)


def _locked(attempt_id: UUID) -> PaymentAttempt | None:
    order = states.order_lock(attempts__pk=attempt_id)
    if order is None:
        return None
    attempt = order.attempts.get(pk=attempt_id)
    attempt.order = order
    return attempt


def attempt_find(*, attempt_id: UUID, cause: Cause) -> None:
    """What became of a payment that is known by our key only: refunds and disputes, too.

    Calls the provider: not inside a transaction. Raises ProviderError.
    """
    attempt = PaymentAttempt.objects.select_related("order__collection").get(pk=attempt_id)
    state, _ = _find(attempt)
    if state.status is not Status.ABSENT:
        outcomes.apply(attempt_id=attempt.pk, state=state, cause=cause)


def attempt_cancel(*, attempt_id: UUID) -> None:
    """Tell the provider that an attempt was given up, and hear whether it was paid after all.

    What was given up before the provider's answer came is looked for by our key. Calls the
    provider: not inside a transaction. Raises ProviderError.
    """
    attempt = PaymentAttempt.objects.select_related("order__collection").get(pk=attempt_id)
    if attempt.state not in (Try.CANCELLED, Try.EXPIRED) or not attempt.key:
        return
    if not attempt.handoff:
        state, created = _find(attempt)
        if created is None:
            outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("find"))
            return
        _opened(attempt.pk, created)
        attempt.refresh_from_db()
    _stop(attempt)


def attempt_stop(*, attempt_id: UUID) -> bool:
    """End an open attempt at its provider; True when it was paid before it could be ended.

    Calls the provider: not inside a transaction. Raises ProviderError.
    """
    attempt = PaymentAttempt.objects.select_related("order__collection").get(pk=attempt_id)
    if attempt.state in states.OPEN_TRIES:
        _stop(attempt)
        attempt.refresh_from_db(fields=["state"])
    return attempt.state in (Try.CONFIRMED, Try.PROCESSING)


def _stop(attempt: PaymentAttempt) -> None:
    try:
        with health.watched(attempt.acquirer):
            off_chain(attempt.provider).cancel(attempt)
    except ProviderError as error:
        if error.retry:
            raise
        log.info("attempt_not_stopped", attempt_id=str(attempt.pk), code=error.code)
    told = provider(attempt.provider).fetch([attempt])
    for found, state in told.items():
        outcomes.apply(attempt_id=found, state=state, cause=Cause("cancel"))
