"""When to ask a provider about an attempt that tells us nothing by itself.

Webhooks are hints and may never come, so every payment outside the chain is asked about: often at
first, at its end, and a few times after it, because money may come late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from payments.models import PaymentAttempt
from payments.providers import REGISTRY

Try = PaymentAttempt.State
BATCH: Final = 100
# After the handoff; the last step repeats until the payment's end.
STEPS: Final = tuple(timedelta(seconds=s) for s in (15, 30, 60, 120, 300, 600))
# While the acquirer is away: whoever is there is asked no sooner than this.
SLOW: Final = timedelta(minutes=5)
# After the end, for money that comes late.
AFTER_END: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
_ASKED: Final = (Try.OPEN, Try.PROCESSING, Try.UNKNOWN)
_ENDED: Final = (Try.EXPIRED, Try.CANCELLED, Try.FAILED)


def plan(attempt: PaymentAttempt, now: datetime | None = None) -> None:
    """Write down when the attempt is to be asked about next, if ever."""
    now = now or timezone.now()
    at = _next(attempt, now)
    if at != attempt.poll_at:
        attempt.poll_at = at
        attempt.save(update_fields=["poll_at"])


def _next(attempt: PaymentAttempt, now: datetime) -> datetime | None:
    if attempt.provider == "ton" or attempt.state == Try.CONFIRMED or not attempt.key:
        return None
    if attempt.state in _ASKED:
        step = now + STEPS[min(attempt.polls, len(STEPS) - 1)]
        end = attempt.valid_until
        return min(step, end + timedelta(seconds=5)) if now < end else step
    if attempt.state in _ENDED:
        return next((end for end in _ends(attempt) if end > now), None)
    return None


def _ends(attempt: PaymentAttempt) -> list[datetime]:
    return [attempt.valid_until + after for after in AFTER_END]


def again(attempts: Iterable[PaymentAttempt], now: datetime | None = None) -> None:
    """Their acquirer did not answer: whose last time this was is asked about once more."""
    keys = [attempt.pk for attempt in attempts]
    last = PaymentAttempt.objects.filter(pk__in=keys, poll_at__isnull=True)
    last.exclude(state=Try.CONFIRMED).update(poll_at=(now or timezone.now()) + SLOW)


def due(
    now: datetime | None = None, limit: int = BATCH, slow: Collection[str] = ()
) -> dict[tuple[str, str], list[PaymentAttempt]]:
    """The attempts whose time has come, by method and acquirer, taken: nobody else gets them
    meanwhile. slow: acquirers that are away.

    Each is counted and planned again before it is asked about: a provider that hangs delays only
    itself, and a process that dies leaves nothing behind that is never asked again.
    """
    now = now or timezone.now()
    taken: dict[tuple[str, str], list[PaymentAttempt]] = defaultdict(list)
    with transaction.atomic():
        rows = (
            PaymentAttempt.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("order__collection")
            .filter(poll_at__lte=now, provider__in=list(REGISTRY))
            .order_by("poll_at")[:limit]
        )
        for attempt in rows:
            attempt.polls += 1
            attempt.poll_at = _next(attempt, now)
            if attempt.poll_at is not None and attempt.acquirer in slow:
                attempt.poll_at = max(attempt.poll_at, now + SLOW)
            attempt.save(update_fields=["polls", "poll_at"])
            taken[attempt.provider, attempt.acquirer].append(attempt)
    return taken
