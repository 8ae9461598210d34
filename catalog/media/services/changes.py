"""What an artist may still change about a recording, and how one is given up."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from catalog.media.models import Asset, Recording, Step, Upload
from catalog.media.services.keys import key_create
from catalog.media.services.pins import pins_release
from catalog.media.services.recordings import recording_move
from catalog.media.services.uploads import upload_cancel
from core.errors import ApplicationError
from core.outbox.services import put

PREVIEW_MS: Final = 30_000
REMOVED: Final = "removed"  # the reason of a recording that no track has any more


@transaction.atomic
def recording_access_set(*, recording: Recording, access: Asset.Access) -> None:
    """Open or for holders, as long as its file is not here. Errors: recording_stored (409)."""
    fresh = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    upload = Upload.objects.select_for_update().filter(recording=fresh).first()
    here = upload is not None and upload.state in (Upload.State.RECEIVED, Upload.State.TAKEN)
    if here or fresh.state != Recording.State.WAITING:
        raise ApplicationError(
            "recording_stored",
            detail="Its file is here already. Remove the track and upload it again.",
            status=409,
        )
    fresh.access = access
    if access == Asset.Access.HOLDERS and fresh.key is None:
        fresh.key = key_create()
    elif access == Asset.Access.OPEN:
        fresh.key = None
    fresh.save(update_fields=["access", "key"])
    recording.access, recording.key = fresh.access, fresh.key


@transaction.atomic
def preview_move(*, recording: Recording, start_ms: int) -> None:
    """Cut the preview anew, from another place.

    Errors: recording_unready (409: how long it is is not known yet), preview_out_of_range.
    """
    fresh = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    if not fresh.duration_ms or fresh.state == Recording.State.REFUSED:
        raise ApplicationError(
            "recording_unready", detail="Wait until the file is checked.", status=409
        )
    if not 0 <= start_ms <= max(0, fresh.duration_ms - PREVIEW_MS):
        raise ApplicationError("preview_out_of_range", detail="Thirty seconds have to follow.")
    _let_go(fresh, "preview")
    fresh.preview_start_ms = recording.preview_start_ms = start_ms
    fresh.save(update_fields=["preview_start_ms"])
    fresh.steps.filter(name=Step.Name.PREVIEW).update(
        state=Step.State.WAITING, started_at=None, ended_at=None, error=""
    )
    put("media.recording_work", {"recording": fresh.pk})


@transaction.atomic
def recording_again(*, recording: Recording) -> None:
    """Try once more what failed. Errors: recording_not_failed (409)."""
    fresh = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    if fresh.state != Recording.State.FAILED:
        raise ApplicationError("recording_not_failed", detail="It did not fail.", status=409)
    fresh.steps.filter(state=Step.State.FAILED).update(state=Step.State.WAITING, error="")
    recording_move(recording=recording, state=Recording.State.WORKING)
    put("media.recording_work", {"recording": fresh.pk})


@transaction.atomic
def recording_discard(*, recording: Recording) -> None:
    """No track has it any more: its upload ends; a recording without anything goes away itself."""
    upload = Upload.objects.select_for_update().filter(recording=recording).first()
    here = (Upload.State.RECEIVED, Upload.State.TAKEN)
    arrived = upload is not None and upload.state in here
    if upload is not None:
        upload_cancel(upload=upload)
    if arrived or recording.master_id:
        recording_move(recording=recording, state=Recording.State.REFUSED)
        Recording.objects.filter(pk=recording.pk).update(reason=REMOVED)
        _let_go(recording, "master", "aac", "opus", "preview")
        return
    key = recording.key
    recording.delete()
    if key is not None:
        key.delete()


def _let_go(recording: Recording, *names: str) -> None:
    """Nobody has to keep these files of a draft any more, unless another recording has them too."""
    for name in names:
        asset: Asset | None = getattr(recording, name)
        others = Recording.objects.filter(**{name: asset}).exclude(reason=REMOVED)
        if asset is not None and not others.exclude(pk=recording.pk).exists():
            pins_release(asset, reason="no longer part of the draft")
