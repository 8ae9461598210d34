"""The transactional outbox: a promise is written with the change that makes it, and kept later.

`put` in the transaction; the `relay` command hands events to Celery; a task made by `consumer`
does the work and marks the event done in one transaction. Everything in between may be lost or
repeated: an event that is not done in time is sent again, one that is done is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, Final, TypeAlias

import structlog
from celery import current_app, shared_task
from django.db import connection, transaction
from django.db.models import Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from core.metrics import gauge
from core.outbox.models import OutboxEvent
from core.wire import plain

State = OutboxEvent.State
MAX_ATTEMPTS: Final = 12
RESERVED: Final = "event_id"
# A sent event is sent again after this: longer than the longest task (CELERY_TASK_TIME_LIMIT).
RESEND_AFTER: Final = timedelta(minutes=35)
LONGEST_WAIT: Final = timedelta(minutes=10)

Send: TypeAlias = Callable[[str, dict[str, Any]], None]
log = structlog.get_logger(__name__)


class OutboxMisuse(RuntimeError):
    """A promise outside the transaction of the change that makes it."""


class Later(Exception):
    """Raised by a consumer that has to wait: its event comes again then, and no attempt is lost."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"in {wait}")


def put(
    topic: str,
    payload: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    after: timedelta | None = None,
) -> OutboxEvent | None:
    """Promise a call of the consumer `topic` with `payload` as keyword arguments.

    With `key` there is one event for (topic, key) ever: a second one is not made (None). Raises
    OutboxMisuse outside a transaction, or for a payload that names RESERVED.
    """
    if not connection.in_atomic_block:
        raise OutboxMisuse("put an event in the transaction of its change")
    if RESERVED in (payload or {}):
        raise OutboxMisuse(f"{RESERVED} is the promise's own: name it otherwise in the payload")
    event = OutboxEvent(
        topic=topic,
        payload=plain(dict(payload or {})),
        key=key,
        due_at=timezone.now() + (after or timedelta()),
    )
    if key is None:
        event.save(force_insert=True)
        return event
    OutboxEvent.objects.bulk_create([event], ignore_conflicts=True)
    return event if OutboxEvent.objects.filter(pk=event.pk).exists() else None


def put_many(
    topic: str, payloads: Sequence[Mapping[str, Any]], *, after: Sequence[timedelta] = ()
) -> None:
    """Promise many calls at once, without keys. after: of each, else all of them at once."""
    if not connection.in_atomic_block:
        raise OutboxMisuse("put events in the transaction of their change")
    now = timezone.now()
    waits = after or [timedelta()] * len(payloads)
    OutboxEvent.objects.bulk_create(
        OutboxEvent(topic=topic, payload=plain(dict(payload)), due_at=now + wait)
        for payload, wait in zip(payloads, waits, strict=True)
    )


def consumer(topic: str, *, atomic: bool = True) -> Callable[[Callable[..., None]], Any]:
    """Make a function the Celery task that keeps promises of `topic`.

    It is called with the payload as keyword arguments. `atomic`: in the transaction that marks the
    event done, so that its effect happens exactly once. Otherwise (calls to the outside) it may run
    again after a crash and must bring its own idempotency key.
    """

    def make(function: Callable[..., None]) -> Any:
        @wraps(function)
        def task(event_id: str, **payload: Any) -> None:
            _consume(event_id, lambda: function(**payload), atomic=atomic)

        return shared_task(name=topic)(task)

    return make


def _consume(event_id: str, work: Callable[[], None], *, atomic: bool) -> None:
    try:
        if atomic:
            with transaction.atomic():
                if _claim(event_id):
                    work()
                    _finish(event_id)
        elif _claim_briefly(event_id):
            work()
            _finish(event_id)
    except Later as later:
        _postpone(event_id, later.wait)
    except Exception as error:
        _fail(event_id, error)
        raise


def _claim(event_id: str) -> bool:
    """The event under its row lock, unless another worker has finished it."""
    open_ = OutboxEvent.objects.select_for_update().filter(pk=event_id)
    return open_.filter(state__in=(State.PENDING, State.SENT)).first() is not None


def _claim_briefly(event_id: str) -> bool:
    with transaction.atomic():
        return _claim(event_id)


def _finish(event_id: str) -> None:
    OutboxEvent.objects.filter(pk=event_id).update(state=State.DONE, done_at=Now(), error="")


def _postpone(event_id: str, wait: timedelta) -> None:
    open_ = OutboxEvent.objects.filter(pk=event_id, state__in=(State.PENDING, State.SENT))
    open_.update(state=State.PENDING, due_at=timezone.now() + wait)


def _fail(event_id: str, error: Exception) -> None:
    """Back to pending with a growing wait; dead after MAX_ATTEMPTS, for a person to look at."""
    with transaction.atomic():
        event = OutboxEvent.objects.select_for_update().filter(pk=event_id).first()
        if event is None or event.state not in (State.PENDING, State.SENT):
            return
        event.attempts += 1
        event.state = State.DEAD if event.attempts >= MAX_ATTEMPTS else State.PENDING
        event.due_at = timezone.now() + wait_of(event.attempts)
        event.error = f"{type(error).__name__}: {error}"[:300]
        event.save(update_fields=["attempts", "state", "due_at", "error"])
    log.warning("outbox_failed", topic=event.topic, attempts=event.attempts, state=event.state)


def wait_of(attempts: int) -> timedelta:
    """1, 2, 4 ... seconds, ten minutes at most."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 20)), LONGEST_WAIT)


def _to_celery(topic: str, arguments: dict[str, Any]) -> None:
    current_app.send_task(topic, kwargs=arguments, retry=False)


def relay_batch(*, limit: int = 100, send: Send = _to_celery) -> int:
    """Hand the due events to Celery, oldest first; how many were taken.

    Rows are skipped while another relay holds them. A crash before commit sends them again.
    """
    with transaction.atomic():
        due = OutboxEvent.objects.select_for_update(skip_locked=True).filter(
            state__in=(State.PENDING, State.SENT), due_at__lte=Now()
        )
        events = list(due.order_by("due_at", "id")[:limit])
        for event in events:
            _send_one(event, send)
    return len(events)


def _send_one(event: OutboxEvent, send: Send) -> None:
    """Marked as sent before it is: a task that runs at once may already mark it done."""
    now = timezone.now()
    row = OutboxEvent.objects.filter(pk=event.pk)
    row.update(state=State.SENT, sent_at=now, due_at=now + RESEND_AFTER)
    try:
        send(event.topic, {"event_id": str(event.pk), **event.payload})
    except Exception as error:  # noqa: BLE001  whatever the broker says, the promise stays
        log.warning("outbox_unsent", topic=event.topic, error=type(error).__name__)
        later = now + timedelta(seconds=2)
        row.update(state=State.PENDING, due_at=later, error=type(error).__name__)


def revive(*, event_id: Any) -> bool:
    """A person's decision: try a dead event once more from the start."""
    dead = OutboxEvent.objects.filter(pk=event_id, state=State.DEAD)
    return dead.update(state=State.PENDING, attempts=0, due_at=Now(), error="") == 1


def sweep(*, older_than: timedelta = timedelta(days=30)) -> int:
    """Forget finished events without a key; those with one keep their promise of "once"."""
    old = OutboxEvent.objects.filter(
        state=State.DONE, key__isnull=True, done_at__lt=timezone.now() - older_than
    )
    removed, _ = old.delete()
    return removed


@gauge("outbox_oldest_unprocessed_seconds", "Age of the oldest due event that is not done")
def _oldest() -> float:
    late = Q(state=State.PENDING) | Q(state=State.SENT)
    oldest = OutboxEvent.objects.filter(late, created_at__lte=Now()).aggregate(
        at=Min("created_at")
    )["at"]
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


@gauge("outbox_dead", "Events given up; each needs a person")
def _dead() -> float:
    return float(OutboxEvent.objects.filter(state=State.DEAD).count())
