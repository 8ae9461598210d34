"""Plays: the one door by which a track's number moves."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from catalog.models import Play, PlayCount
from catalog.plays import Listener, Promise, Reason, promise_of, refused


def play_record(*, track: UUID, token: str, listener: Listener) -> Reason:
    """Count a play, or say why not; the same token again changes nothing and answers the same.

    Errors: play_token_invalid (400: forged, or of another track).
    """
    promise = promise_of(token, track)
    reason = refused(promise, listener)
    if reason is None:
        _count(promise)
    return reason or Reason.COUNTED


@transaction.atomic
def _count(promise: Promise) -> None:
    """One row a listener, track and day; the track's number moves only with a new row."""
    _, new = Play.objects.get_or_create(
        track_id=promise.track,
        day=promise.day,
        listener=promise.listener,
        defaults={"whole": promise.whole},
    )
    if new:
        PlayCount.objects.get_or_create(track_id=promise.track)
        PlayCount.objects.filter(track=promise.track).update(plays=F("plays") + 1)
