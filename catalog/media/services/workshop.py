"""A recording's way from an uploaded file to a verified stream, one stage after the other.

A stage that is done is skipped; one whose worker was killed runs again. Only one process at a time
works on a recording, and on the same bytes of an artist.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.media.confine import scratch
from catalog.media.models import Recording, Step, Upload
from catalog.media.services.changes import recording_again
from catalog.media.services.recordings import recording_move
from catalog.media.services.stages import STAGES, FileRefused, Occupied, Work
from catalog.media.services.uploads import upload_refuse
from core import audit
from core.errors import ApplicationError
from core.locks import alone
from core.outbox.models import OutboxEvent
from core.outbox.services import put

log = structlog.get_logger(__name__)
TOPIC: Final = "media.recording_work"
MAX_ATTEMPTS: Final = 5
OURS: Final = "Something went wrong on our side, not with your file. Try again in a while."
ELSEWHERE: Final = "These bytes are in the shop already, under other terms: open or for holders."
_IDLE: Final = timedelta(minutes=1)


@transaction.atomic
def recording_begin(*, upload: Upload) -> None:
    """All bytes are here: promise that the workshop takes them. Once for each upload."""
    recording = Recording.objects.get(upload=upload)
    put(TOPIC, {"recording": recording.pk}, key=str(upload.pk))


@transaction.atomic
def recording_retry(*, actor: User, recording: Recording, reason: str) -> None:
    """Staff have what failed tried once more. Errors: recording_not_failed (409)."""
    recording_again(recording=recording)
    audit.record(actor=actor, action="media.recording_retry", target=recording, reason=reason)


def recording_work(*, recording: UUID) -> None:
    """Do what is left to do. Nothing when another process is at it, or when it has ended.

    Raises what a stage raised, to be called again with a growing wait; after MAX_ATTEMPTS of one
    stage the recording has failed, and a person decides (`recording_again`).
    """
    with alone(f"recording:{recording}") as mine:
        row = _row(recording) if mine else None
        if row is None or row.state in (Recording.State.REFUSED, Recording.State.FAILED):
            return
        if row.state == Recording.State.WAITING:
            recording_move(recording=row, state=Recording.State.WORKING)
        with ExitStack() as held:
            place = held.enter_context(scratch(settings.MEDIA_SCRATCH_DIR))
            _through(Work(row, place, held))


def _row(recording: UUID) -> Recording | None:
    found = Recording.objects.select_related("upload", "key", "master__key", "aac", "opus")
    return found.filter(pk=recording).first()


def _through(work: Work) -> None:
    for step in list(work.recording.steps.exclude(state=Step.State.DONE)):
        if not _begun(work, step):
            return
        try:
            STAGES[step.name](work)
        except FileRefused as refused:
            _refuse(work, step, refused.code, refused.detail)
            return
        except ApplicationError as error:
            if error.code != "asset_access_conflict":
                _stumbled(work, step, error)
                raise
            _refuse(work, step, "known_elsewhere", ELSEWHERE)
            return
        except Exception as error:
            _stumbled(work, step, error)
            raise
        _step_move(step, Step.State.DONE)
    recording_move(
        recording=work.recording,
        state=Recording.State.READY,
        reason="duplicate" if work.detail else "",
        detail=work.detail,
    )


def _begun(work: Work, step: Step) -> bool:
    """False: it was given up meanwhile, or tried too often (a worker may have died of it)."""
    state = Recording.objects.filter(pk=work.recording.pk).values_list("state", flat=True).first()
    if state in (None, Recording.State.REFUSED):
        return False
    if step.attempts >= MAX_ATTEMPTS:
        _fail(work, step, step.error or "the worker died of it")
        return False
    step.attempts += 1
    _step_move(step, Step.State.RUNNING)
    return True


def _stumbled(work: Work, step: Step, error: Exception) -> None:
    """Kept with the stage; a worker that only waits for another one has not tried."""
    said = f"{type(error).__name__}: {error}"[:300]
    log.warning("recording_stage", recording=str(work.recording.pk), stage=step.name, error=said)
    if isinstance(error, Occupied):
        step.attempts -= 1
    _step_move(step, Step.State.WAITING, said)


def _refuse(work: Work, step: Step, code: str, detail: str) -> None:
    with transaction.atomic():
        if work.recording.upload is not None:
            upload_refuse(upload=work.recording.upload, reason=code)
        _step_move(step, Step.State.FAILED, detail)
        state = Recording.State.REFUSED
        recording_move(recording=work.recording, state=state, reason=code, detail=detail)


def _fail(work: Work, step: Step, error: str) -> None:
    with transaction.atomic():
        step.attempts = 0  # "try again" begins anew
        _step_move(step, Step.State.FAILED, error)
        state = Recording.State.FAILED
        recording_move(recording=work.recording, state=state, reason="workshop", detail=OURS)


def _step_move(step: Step, state: Step.State, error: str = "") -> None:
    """The only place where a stage's state changes while it is worked on."""
    now = timezone.now()
    running = state == Step.State.RUNNING
    step.state, step.error = state, error[:300]
    step.started_at = now if running else step.started_at
    step.ended_at = None if running else now
    step.save(update_fields=["state", "error", "attempts", "started_at", "ended_at"])


def recordings_pick_up() -> int:
    """Promise anew the work that nobody does: its worker was killed, or the promise was lost."""
    picked = 0
    for recording in _left().order_by("pk")[:100]:
        with alone(f"recording:{recording.pk}") as free:
            if free and not _promised(recording):
                with transaction.atomic():
                    put(TOPIC, {"recording": recording.pk})
                picked += 1
    return picked


def _left() -> QuerySet[Recording]:
    """Those that are under way, or whose file is here, with a stage that is not done."""
    under_way = Recording.objects.filter(state=Recording.State.WORKING)
    cut_anew = Recording.objects.filter(
        state=Recording.State.READY,
        steps__name=Step.Name.PREVIEW,
        steps__state__in=[Step.State.RUNNING, Step.State.WAITING],
    )
    here = Recording.objects.filter(
        state=Recording.State.WAITING,
        upload__state=Upload.State.RECEIVED,
    )
    return (under_way | cut_anew | here).distinct()


def _promised(recording: Recording) -> bool:
    """A promise that a relay or a queue still holds; none when the stage had begun already."""
    if recording.steps.filter(state=Step.State.RUNNING).exists():
        return False  # begun, and nobody holds its lock: killed
    open_ = OutboxEvent.objects.filter(
        topic=TOPIC,
        payload__recording=str(recording.pk),
        state__in=[OutboxEvent.State.PENDING, OutboxEvent.State.SENT],
    )
    fresh = recording.steps.filter(ended_at__gt=timezone.now() - _IDLE)
    return open_.exists() or fresh.exists()
