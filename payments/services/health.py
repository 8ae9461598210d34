"""A breaker per acquirer, shared by all processes.

Only silence opens it: no connection, no answer in time, a broken one. A refusal is an answer. While
it is open nobody is sent there anew; payments that are open are asked about slowly, and the first
proper answer, to one of them or to the probe, closes it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone

from core import audit
from payments.models import PaymentAttempt, ProviderHealth
from payments.providers import REGISTRY, provider
from payments.providers.base import OffChain, ProviderError
from payments.services import states

log = structlog.get_logger(__name__)
State = ProviderHealth.State
# So many failures in a row, none of them longer apart than this, open it.
FAILURES: Final = 3
TOGETHER: Final = timedelta(minutes=5)
PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)


@contextmanager
def watched(acquirer: str) -> Iterator[None]:
    """Around calls of an acquirer, outside a transaction. What is raised goes on."""
    try:
        yield
    except ProviderError as error:
        if error.away:
            acquirer_failed(acquirer=acquirer, code=error.code)
        else:
            acquirer_answered(acquirer=acquirer)
        raise
    acquirer_answered(acquirer=acquirer)


@transaction.atomic
def acquirer_failed(*, acquirer: str, code: str) -> None:
    """It gave no proper answer: one more in a row, and perhaps one too many."""
    now = timezone.now()
    ProviderHealth.objects.get_or_create(acquirer=acquirer)
    row = ProviderHealth.objects.select_for_update().get(pk=acquirer)
    recent = row.failed_at is not None and now - row.failed_at <= TOGETHER
    row.failures = row.failures + 1 if recent or row.state != State.CLOSED else 1
    row.failed_at, row.error = now, code[:80]
    if row.state == State.TRYING:
        row.probes += 1
        row.state, row.probe_at = State.OPEN, now + _pause(row)
    elif row.state == State.CLOSED and row.failures >= FAILURES:
        row.state, row.opened_at, row.probes = State.OPEN, now, 0
        row.probe_at = now + _pause(row)
        log.error("provider_away", acquirer=acquirer, code=code)
        audit.record(
            actor="breaker", action="payments.provider_opened", target=row, reason=row.error
        )
    row.save()


def acquirer_answered(*, acquirer: str) -> None:
    """It gave a proper answer. One query that finds nothing, as long as all is well."""
    if not ProviderHealth.objects.filter(pk=acquirer, failures__gt=0).exists():
        return
    with transaction.atomic():
        row = ProviderHealth.objects.select_for_update().get(pk=acquirer)
        was_open = row.state != State.CLOSED
        row.state, row.failures, row.probes = State.CLOSED, 0, 0
        row.opened_at = row.probe_at = None
        row.save()
        if was_open:
            log.warning("provider_back", acquirer=acquirer)
            audit.record(actor="breaker", action="payments.provider_closed", target=row)
            _ask_soon(acquirer)


def _ask_soon(acquirer: str) -> None:
    """What may have been paid meanwhile is asked about now, not at the slow pace of an outage."""
    waiting = PaymentAttempt.objects.filter(acquirer=acquirer, state__in=states.OPEN_TRIES)
    waiting.filter(poll_at__gt=timezone.now()).update(poll_at=timezone.now())


def away() -> frozenset[str]:
    """The acquirers that do not answer now."""
    rows = ProviderHealth.objects.exclude(state=State.CLOSED)
    return frozenset(rows.values_list("acquirer", flat=True))


def acquirers_probe() -> int:
    """Ask each that is away and whose time has come, once; how many answer again."""
    now = timezone.now()
    due = ProviderHealth.objects.exclude(state=State.CLOSED).filter(probe_at__lte=now)
    return sum(_probe(name) for name in due.values_list("acquirer", flat=True))


def _probe(acquirer: str) -> bool:
    with transaction.atomic():
        row = ProviderHealth.objects.select_for_update(skip_locked=True).filter(pk=acquirer).first()
        now = timezone.now()
        if row is None or row.probe_at is None or row.probe_at > now:
            return False
        # A prober that dies leaves it to the next one.
        row.state, row.probe_at = State.TRYING, now + LONGEST_PAUSE
        row.save()
    method = _method_of(acquirer)
    if method is None:
        return False
    try:
        with watched(acquirer):
            method.ping(acquirer)
    except ProviderError as error:
        return not error.away
    return True


def _method_of(acquirer: str) -> OffChain | None:
    for name in REGISTRY:
        made = provider(name)
        if isinstance(made, OffChain) and acquirer in made.acquirers:
            return made
    return None


def _pause(row: ProviderHealth) -> timedelta:
    doublings: int = 2 ** min(row.probes, 6)
    return min(PAUSE * doublings, LONGEST_PAUSE)
