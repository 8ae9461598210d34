"""Pins: wanted, made, watched, given up. A row says what should be; the worker makes it so."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from catalog.media.models import Asset, Pin
from catalog.media.pinned import GIVEN_UP, assets_ready, pins_lost
from core import audit
from core.ipfs import pinning
from core.ipfs.cid import PROFILES, parse
from core.ipfs.pinning import Content, PinError, PinService, Status

log = structlog.get_logger(__name__)
State = Pin.State
# Longer than any flight: the largest file at a slow service.
LEASE: Final = timedelta(minutes=20)
CHECK_EVERY: Final = timedelta(hours=6)
AGAIN_AFTER_FAILURE: Final = timedelta(hours=6)
LONGEST_WAIT: Final = timedelta(hours=1)
LONGEST_POLL: Final = timedelta(minutes=5)
MOST_POLLS: Final = 300  # about a day at the longest
AFTER_THE_SOURCE: Final = timedelta(seconds=2)
RUNNING: Final = 60  # seconds after which a run that died is no longer in the way


# --- what should be ---------------------------------------------------------------------------
@transaction.atomic
def pins_want(*assets: Asset | None) -> None:
    """These are to be kept at every configured service. In the transaction that makes them public.

    One that was to leave, or has left, comes back. None among them is passed over.
    """
    wanted, names = [one for one in assets if one is not None], list(pinning.services())
    Pin.objects.bulk_create(
        [
            Pin(asset=asset, service=name, due_at=timezone.now())
            for asset in wanted
            for name in names
        ],
        ignore_conflicts=True,
    )
    Pin.objects.filter(asset__in=wanted, service__in=names, state__in=GIVEN_UP).update(
        state=State.WAITING, due_at=Now(), leaving_at=None, attempts=0, error=""
    )


def pins_ready(assets: Iterable[Asset | None]) -> bool:
    """Whether each is pinned often enough: at IPFS_REPLICAS services, or at all that there are."""
    return assets_ready(assets)


@transaction.atomic
def pins_release(*assets: Asset, actor: User | None = None, reason: str = "") -> int:
    """Nothing of ours needs these any more: unpin them after IPFS_UNPIN_DAYS. How many pins leave.

    What others have copied stays with them: nobody can call public bytes back.
    """
    leaving_at = timezone.now() + timedelta(days=settings.IPFS_UNPIN_DAYS)
    pins = Pin.objects.filter(asset__in=assets).exclude(state__in=GIVEN_UP)
    left = pins.update(state=State.LEAVING, leaving_at=leaving_at, due_at=leaving_at, attempts=0)
    if left:
        for asset in assets:
            audit.record(actor=actor, action="media.pins_release", target=asset, reason=reason)
    return left


def pins_check(*, pins: Iterable[Pin]) -> int:
    """Look at these at once instead of when their time comes; how many."""
    wanted = Pin.objects.filter(pk__in=[pin.pk for pin in pins])
    return wanted.exclude(state__in=GIVEN_UP).update(due_at=Now(), attempts=0)


def pin_lost(*, pin: Pin, why: str) -> bool:
    """Somebody has found that it is not there: it is pinned again. False: it was not thought so."""
    lost = Pin.objects.filter(pk=pin.pk, state=State.PINNED).update(
        state=State.LOST, due_at=Now(), checked_at=Now(), attempts=0, error=why[:300]
    )
    if lost:
        _tell_lost(pin, why)
    return bool(lost)


# --- making it so -----------------------------------------------------------------------------
def pins_work(*, seconds: float = 20.0) -> int:
    """See to the pins that are due, service after service; how many were seen to.

    Begins nothing after `seconds`. Of each service one run at a time takes care, so that one that
    hangs holds up nobody else; a pin is never in two hands.
    """
    end = time.monotonic() + seconds
    done = 0
    for service in pinning.services().values():
        key = f"media.pins_work:{service.name}"
        if not cache.add(key, 1, RUNNING):
            continue
        try:
            done += _work_at(service, end)
        finally:
            cache.delete(key)
    return done


def _work_at(service: PinService, end: float) -> int:
    done = 0
    while time.monotonic() < end and (pin := _claim(service.name)) is not None:
        done += 1
        try:
            _settle(pin, _flight(service, pin))
        except PinError as error:
            _settle(pin, _failed(pin, error))
            log.warning("pin_failed", service=service.name, cid=pin.asset.cid, code=error.code)
            if error.code == "unavailable":
                break  # the others would fare no better now
    return done


@transaction.atomic
def _claim(service: str) -> Pin | None:
    """The pin that has waited longest, ours until LEASE is over."""
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=Now())
    due = Pin.objects.filter(free, service=service, due_at__lte=Now()).exclude(state=State.GONE)
    locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("asset")
    pin = locked.order_by("due_at", "id").first()
    if pin is not None:
        pin.busy_until = timezone.now() + LEASE
        Pin.objects.filter(pk=pin.pk).update(busy_until=pin.busy_until)
    return pin


def _settle(pin: Pin, changes: Mapping[str, Any]) -> None:
    """Write what came of it, unless it should meanwhile be otherwise; the only door of a state."""
    ours = Pin.objects.filter(pk=pin.pk, busy_until=pin.busy_until)
    if not ours.filter(state=pin.state).update(busy_until=None, **changes):
        ours.update(busy_until=None)


def _flight(service: PinService, pin: Pin) -> dict[str, Any]:
    """One call at the service; what it makes of the pin. Raises PinError."""
    cid = parse(pin.asset.cid)
    if pin.state == State.LEAVING:
        service.remove(cid, pin.remote_id)
        return {"state": State.GONE, "remote_id": "", "error": ""}
    if pin.state in {State.PINNED, State.WORKING}:
        return _after(pin, service.state(cid, pin.remote_id))
    if service.fetches and _source_missing(pin):
        return {"due_at": timezone.now() + AFTER_THE_SOURCE}
    try:
        return _after(pin, service.add(_content(pin.asset)))
    except OSError as error:
        raise PinError("bytes_missing", f"{type(error).__name__}: {error}", retry=True) from error


def _content(asset: Asset) -> Content:
    return Content(
        cid=parse(asset.cid),
        size=asset.size,
        profile=PROFILES[asset.profile],
        name=asset.cid,
        open=lambda: default_storage.open(asset.storage_name),
    )


def _source_missing(pin: Pin) -> bool:
    """Whether a service that fetches would find the bytes nowhere yet."""
    sources = [one.name for one in pinning.services().values() if not one.fetches]
    there = Pin.objects.filter(asset=pin.asset_id, service__in=sources, state=State.PINNED)
    return bool(sources) and not there.exists()


def _after(pin: Pin, status: Status) -> dict[str, Any]:
    found = _OUTCOMES[status.state](pin, status)
    return {"remote_id": status.remote_id or pin.remote_id, "error": status.detail, **found}


def _is_pinned(pin: Pin, _status: Status) -> dict[str, Any]:
    now = timezone.now()
    return {
        "state": State.PINNED,
        "pinned_at": pin.pinned_at if pin.state == State.PINNED else now,
        "checked_at": now,
        "due_at": _later(CHECK_EVERY),
        "attempts": 0,
        "error": "",
    }


def _is_working(pin: Pin, status: Status) -> dict[str, Any]:
    polls = pin.attempts + 1 if pin.state == State.WORKING else 0
    if polls > MOST_POLLS:
        return _is_failed(pin, status)
    wait = min(timedelta(seconds=2 ** min(polls, 20)), LONGEST_POLL)
    return {"state": State.WORKING, "attempts": polls, "due_at": _later(wait)}


def _is_absent(pin: Pin, status: Status) -> dict[str, Any]:
    """Lost if it was there, and asked for again either way."""
    state = State.LOST if pin.state == State.PINNED else State.WAITING
    if state == State.LOST:
        _tell_lost(pin, status.detail)
    return {"state": state, "remote_id": "", "checked_at": timezone.now(), "due_at": Now()}


def _is_failed(_pin: Pin, status: Status) -> dict[str, Any]:
    return {
        "state": State.FAILED,
        "due_at": _later(AGAIN_AFTER_FAILURE),
        "error": status.detail or "The service gave up.",
    }


_OUTCOMES: Final[Mapping[pinning.State, Callable[[Pin, Status], dict[str, Any]]]] = {
    pinning.State.PINNED: _is_pinned,
    pinning.State.WORKING: _is_working,
    pinning.State.ABSENT: _is_absent,
    pinning.State.FAILED: _is_failed,
}


def _failed(pin: Pin, error: PinError) -> dict[str, Any]:
    """Once more with a growing wait, as late as the service asks; or not before a person looks."""
    said = f"{error.code}: {error.detail}"[:300]
    if not error.retry:
        failed = _later(AGAIN_AFTER_FAILURE)
        return {
            "state": State.FAILED,
            "due_at": failed,
            "error": said,
            "attempts": F("attempts") + 1,
        }
    wait = min(timedelta(seconds=2 ** min(pin.attempts, 20)), LONGEST_WAIT)
    wait = max(wait, timedelta(seconds=error.after))
    return {"due_at": _later(wait), "error": said, "attempts": F("attempts") + 1}


def _later(wait: timedelta) -> datetime:
    """A fifth of chance, so that what began together does not stay together."""
    return timezone.now() + wait * random.uniform(1.0, 1.2)  # noqa: S311  no secret


def _tell_lost(pin: Pin, why: str) -> None:
    pins_lost.labels(pin.service).inc()
    log.error("pin_lost", service=pin.service, cid=pin.asset.cid, why=why)
