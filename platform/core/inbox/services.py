"""The inbox: what comes from outside is stored raw first, then verified, then applied.

`receive` commits before the sender gets its 200. `process` verifies and applies in one transaction
under the row's lock; a failure parks the event for a later try, and after MAX_ATTEMPTS it is dead:
it stays, for a person. A repeated delivery of the same (source, key) is counted and not applied.

Events that name a lane (one chat) are applied one at a time. Those with a number as well are
applied in its order: an earlier one that is stored goes first, one that comes after a later one
was applied is overtaken and ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import structlog
from django.db import transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat, Now
from django.utils import timezone
from prometheus_client import Counter

from core.errors import ApplicationError
from core.inbox.models import InboxEvent
from core.locks import lock
from core.metrics import gauge

State = InboxEvent.State
MAX_ATTEMPTS: Final = 10
MAX_ATTEMPTS_IN_ORDER: Final = 4  # a whole lane waits behind it
OVERTAKEN: Final = "came after a later one of its lane"
MAX_BODY: Final = 1_000_000
# A received event that its request did not finish (a crash) is taken up by the chore after this.
ABANDONED_AFTER: Final = timedelta(seconds=30)
RECEIVED: Final = Counter(
    "inbox_received", "Events by source, repeated ones apart", ["source", "new"]
)
UNVERIFIED_REASON: Final = "not verified"
UNVERIFIED: Final = Counter("inbox_unverified", "Events whose signature did not hold", ["source"])

OPEN: Final = (State.RECEIVED, State.VERIFIED, State.PARKED)
FINISHED: Final = (State.APPLIED, State.IGNORED, State.DEAD)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event: build it with applied, ignored, parked or dead."""

    state: str
    reason: str = ""
    retry_at: datetime | None = None


applied: Final = Outcome(State.APPLIED)


def ignored(reason: str) -> Outcome:
    """Understood, and nothing to do (another shop, an unknown kind)."""
    return Outcome(State.IGNORED, reason)


def parked(reason: str, after: timedelta = timedelta(seconds=2)) -> Outcome:
    """Too early; look again after this time."""
    return Outcome(State.PARKED, reason, timezone.now() + after)


def dead(reason: str) -> Outcome:
    """Cannot be applied; a person decides."""
    return Outcome(State.DEAD, reason)


Verify: TypeAlias = Callable[[InboxEvent], bool]
Apply: TypeAlias = Callable[[InboxEvent], Outcome]


@dataclass(frozen=True, slots=True)
class Source:
    """How events of one source are checked and applied."""

    name: str
    verify: Verify
    apply: Apply


_sources: dict[str, Source] = {}


def register(name: str, *, verify: Verify, apply: Apply) -> None:
    """Say how events of `name` are verified (False = forged) and applied."""
    _sources[name] = Source(name, verify, apply)


def receive(
    *,
    source: str,
    key: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    lane: str = "",
    number: int | None = None,
) -> InboxEvent:
    """Store a delivery as it came. The same (source, key) again returns the first one.

    Headers that a verification needs go in by name: pass only those. ValueError for a huge body.
    lane, number: see above; a number alone means nothing.
    """
    if len(body) > MAX_BODY:
        raise ValueError("the body is too large for an event")
    event, new = InboxEvent.objects.get_or_create(
        source=source,
        key=key,
        defaults={
            "body": body,
            "headers": dict(headers or {}),
            "lane": lane and f"{source}:{lane}",
            "number": number if lane else None,
        },
    )
    if not new:
        InboxEvent.objects.filter(pk=event.pk).update(deliveries=F("deliveries") + 1)
    RECEIVED.labels(source, str(new).lower()).inc()
    return event


def process(*, event_id: Any) -> str:
    """Verify and apply one event; its state afterwards. Finished events are left alone.

    Those that are before it in its lane are applied first, or it waits behind them.
    """
    seen = InboxEvent.objects.only("lane", "number").get(pk=event_id)
    for earlier in _earlier(seen):
        _process_one(earlier, seen.lane)
    return _process_one(event_id, seen.lane)


def lane_hold(*, source: str, lane: str) -> None:
    """Nothing of a lane is applied until this transaction ends. Raises busy (503) after a while."""
    lock(f"inbox:{source}:{lane}")


def _process_one(event_id: Any, lane: str) -> str:
    try:
        with transaction.atomic():
            if lane:
                lock(f"inbox:{lane}")
            event = InboxEvent.objects.select_for_update().get(pk=event_id)
            if event.state in FINISHED:
                return event.state
            return _in_turn(event) or _move(event, _judge(event))
    except Exception as error:  # noqa: BLE001  the effect rolled back; the event must not be lost
        log.warning("inbox_failed", event_id=str(event_id), error=type(error).__name__)
        return _fail(event_id, error)


def _earlier(event: InboxEvent) -> list[Any]:
    """What is open before an event in its lane, in order."""
    if event.number is None:
        return []
    before = InboxEvent.objects.filter(lane=event.lane, number__lt=event.number, state__in=OPEN)
    return list(before.order_by("number").values_list("pk", flat=True))


def _in_turn(event: InboxEvent) -> str:
    """Under the lane's lock: "" when it is this event's turn, else its state."""
    if event.number is None:
        return ""
    beside = InboxEvent.objects.filter(lane=event.lane)
    if beside.filter(number__gt=event.number, state=State.APPLIED).exists():
        return _move(event, ignored(OVERTAKEN))
    if not beside.filter(number__lt=event.number, state__in=OPEN).exists():
        return ""
    event.attempts -= 1  # waiting for another one's trouble is no attempt of its own
    return _move(event, parked("waits behind an earlier one of its lane"))


def _judge(event: InboxEvent) -> Outcome:
    source = _sources[event.source]
    if event.verified_at is None:
        if not source.verify(event):
            UNVERIFIED.labels(event.source).inc()
            return ignored(UNVERIFIED_REASON)
        event.state, event.verified_at = State.VERIFIED, timezone.now()
    return source.apply(event)


def _move(event: InboxEvent, outcome: Outcome) -> str:
    if outcome.state == State.PARKED:
        event.attempts += 1
        if event.attempts >= (MAX_ATTEMPTS if event.number is None else MAX_ATTEMPTS_IN_ORDER):
            outcome = dead(f"parked {event.attempts} times: {outcome.reason}")
    event.state, event.reason = outcome.state, outcome.reason[:300]
    event.retry_at = outcome.retry_at
    event.handled_at = None if outcome.state == State.PARKED else timezone.now()
    event.save(
        update_fields=["state", "reason", "retry_at", "attempts", "verified_at", "handled_at"]
    )
    return event.state


def _fail(event_id: Any, error: Exception) -> str:
    with transaction.atomic():
        event = InboxEvent.objects.select_for_update().get(pk=event_id)
        if isinstance(error, ApplicationError) and error.code == "busy":
            event.attempts -= 1  # another event of its lane takes long
        wait = timedelta(seconds=min(2 ** (event.attempts + 1), 600))
        return _move(event, parked(f"{type(error).__name__}: {error}", wait))


def set_aside(*, event_id: Any) -> bool:
    """Free the key of an event that was forged (or checked with an old secret); True if it was.

    The row stays for whoever looks into it, but cannot stand in the way of the genuine delivery.
    """
    forged = InboxEvent.objects.filter(pk=event_id, state=State.IGNORED, reason=UNVERIFIED_REASON)
    return forged.update(key=Concat(Value("unverified:"), Cast("id", CharField()))) == 1


def process_due(*, limit: int = 100) -> int:
    """Take up parked events that are due and received ones whose request died; how many."""
    now = timezone.now()
    open_ = (State.RECEIVED, State.VERIFIED)
    due = InboxEvent.objects.filter(
        Q(state=State.PARKED, retry_at__lte=now)
        | Q(state__in=open_, received_at__lte=now - ABANDONED_AFTER)
    )
    ids = list(due.order_by("id").values_list("id", flat=True)[:limit])
    for event_id in ids:
        process(event_id=event_id)
    return len(ids)


def revive(*, event_id: Any) -> bool:
    """A person's decision: try a dead event once more."""
    waiting = InboxEvent.objects.filter(pk=event_id, state=State.DEAD)
    return waiting.update(state=State.PARKED, retry_at=Now(), attempts=0, handled_at=None) == 1


@gauge("inbox_oldest_unprocessed_seconds", "Age of the oldest event that is not finished")
def _oldest() -> float:
    oldest = InboxEvent.objects.filter(state__in=OPEN).order_by("received_at").first()
    return max(0.0, (timezone.now() - oldest.received_at).total_seconds()) if oldest else 0.0


@gauge("inbox_dead", "Events given up; each needs a person")
def _dead() -> float:
    return float(InboxEvent.objects.filter(state=State.DEAD).count())
