"""Recordings: opened, filled with what was made of them, moved from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog.media.models import AccessKey, Asset, Recording, Step, Upload
from catalog.media.services.assets import asset_store
from catalog.media.services.keys import key_create

State = Recording.State
# Which field an asset of a recording fills, and what kind of asset that is.
KINDS: Final = {
    "master": Asset.Kind.MASTER,
    "aac": Asset.Kind.STREAM,
    "opus": Asset.Kind.STREAM,
    "preview": Asset.Kind.PREVIEW,
}
FACTS: Final = frozenset(
    {
        "duration_ms",
        "codec",
        "sample_rate",
        "channels",
        "bit_depth",
        "loudness",
        "true_peak",
        "flags",
        "waveform",
    }
)


@transaction.atomic
def recording_create(
    *, artist: UUID, access: Asset.Access, upload: Upload | None = None
) -> Recording:
    """A recording that waits for its file. One for holders gets its key now."""
    key = key_create() if access == Asset.Access.HOLDERS else None
    recording = Recording.objects.create(artist=artist, access=access, key=key, upload=upload)
    Step.objects.bulk_create(
        [
            Step(recording=recording, name=name, position=position)
            for position, name in enumerate(Step.Name.values)
        ]
    )
    return recording


def recording_store(
    *, recording: Recording, field: str, data: IO[bytes], content_type: str
) -> Asset:
    """Store what was made of a recording: its `master`, `aac`, `opus` or `preview`.

    All but the preview are encrypted when the recording is for holders. The same bytes again
    change nothing. Errors: those of asset_store.
    """
    key: AccessKey | None = recording.key if field != "preview" else None
    asset = asset_store(kind=KINDS[field], data=data, content_type=content_type, key=key)
    Recording.objects.filter(pk=recording.pk).update(**{field: asset})
    setattr(recording, field, asset)
    return asset


def recording_describe(*, recording: Recording, facts: Mapping[str, Any]) -> None:
    """Keep what was found out about a recording: fields named in FACTS."""
    if unknown := facts.keys() - FACTS:
        raise ValueError(f"no facts of a recording: {', '.join(sorted(unknown))}")
    Recording.objects.filter(pk=recording.pk).update(**facts)
    for name, value in facts.items():
        setattr(recording, name, value)


def recording_move(
    *, recording: Recording, state: Recording.State, reason: str = "", detail: str = ""
) -> bool:
    """The only place where a recording's state changes. False: it had ended already."""
    ready_at = timezone.now() if state == State.READY else None
    moved = (
        Recording.objects.filter(pk=recording.pk)
        .exclude(state__in=[State.READY, State.REFUSED])
        .update(state=state, reason=reason, detail=detail[:300], ready_at=ready_at)
    )
    if moved:
        recording.state, recording.ready_at = state, ready_at
        recording.reason, recording.detail = reason, detail[:300]
    return bool(moved)


@transaction.atomic
def recording_made(
    *,
    artist: UUID,
    access: Asset.Access,
    files: Mapping[str, tuple[IO[bytes], str]],
    facts: Mapping[str, Any],
) -> Recording:
    """A recording out of files that were made elsewhere: {field: (bytes, content type)}."""
    recording = recording_create(artist=artist, access=access)
    for field, (data, content_type) in files.items():
        recording_store(recording=recording, field=field, data=data, content_type=content_type)
    recording_describe(recording=recording, facts=facts)
    recording.steps.exclude(name=Step.Name.PUBLISH).update(
        state=Step.State.DONE, ended_at=timezone.now()
    )
    recording_move(recording=recording, state=State.READY)
    return recording
