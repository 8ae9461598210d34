"""What each stage of a recording does. Every one may run again, and then changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage

from catalog.media import encoding
from catalog.media.cipher import stream
from catalog.media.confine import Scratch
from catalog.media.inspection.kinds import content_type_of
from catalog.media.inspection.worker import FileRefused, inspect
from catalog.media.models import Asset, Recording, Step, Upload
from catalog.media.programs import ffmpeg
from catalog.media.services.keys import key_secret
from catalog.media.services.pins import pins_want
from catalog.media.services.recordings import recording_describe, recording_store
from catalog.media.services.uploads import upload_taken
from core.locks import alone

_PIECE: Final = 1 << 20
_DEMUXERS: Final = {
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/aiff": "aiff",
    "audio/mpeg": "mp3",
}
_COPIED: Final = ("duration_ms", "codec", "sample_rate", "channels", "bit_depth", "loudness",
                  "true_peak", "flags", "waveform")  # fmt: skip


class Occupied(Exception):
    """Another worker has the same bytes in its hands: come again in a moment."""


@dataclass
class Work:
    """One recording on the bench. path: the artist's file, once it lies there."""

    recording: Recording
    place: Scratch
    held: ExitStack
    path: Path | None = None
    sha256: str = ""
    detail: str = field(default="")

    def file(self) -> Path:
        """The artist's file: from its upload, or out of the master that is stored already."""
        if self.path is None:
            self.path = self.place.inward / "sound"
            upload = self.recording.upload
            if upload is not None and upload.parts:
                self.sha256 = _assemble(upload, self.path)
            elif self.recording.master is not None:
                self.sha256 = _reopen(self.recording.master, self.path)
            else:
                raise FileNotFoundError("neither an upload nor a master")
            self.path.chmod(0o444)
        return self.path


def _assemble(upload: Upload, path: Path) -> str:
    """Put the parts together; sha256 of the whole."""
    digest = hashlib.sha256()
    with path.open("wb") as whole:
        for name, _ in upload.parts:
            with default_storage.open(name) as part:
                while piece := part.read(_PIECE):
                    digest.update(piece)
                    whole.write(piece)
    Upload.objects.filter(pk=upload.pk).update(sha256=digest.hexdigest())
    return digest.hexdigest()


def _reopen(asset: Asset, path: Path) -> str:
    """The plain bytes of a stored asset."""
    with default_storage.open(asset.storage_name) as stored, path.open("wb") as whole:
        if asset.key is None or asset.nonce is None:
            shutil.copyfileobj(stored, whole, _PIECE)
        else:
            cipher = stream(key_secret(asset.key), bytes(asset.nonce))
            while piece := stored.read(_PIECE):
                whole.write(cipher.update(piece))
    return asset.sha256


def _inspect(work: Work) -> None:
    """Refuse, or find out what it is; bytes that the artist has here already are used again."""
    path = work.file()
    if not work.held.enter_context(alone(f"music:{work.recording.artist}:{work.sha256}")):
        raise Occupied("the same bytes are being worked on")
    if known := _twin(work):
        _adopt(work, known)
        return
    found = inspect(path, work.place, ffmpeg())
    recording_describe(recording=work.recording, facts=found.facts)


def _twin(work: Work) -> Recording | None:
    """An earlier recording of the same artist, under the same access, of the same bytes."""
    return (
        Recording.objects.filter(
            artist=work.recording.artist,
            access=work.recording.access,
            master__sha256=work.sha256,
            aac__isnull=False,
            opus__isnull=False,
        )
        .exclude(pk=work.recording.pk)
        .exclude(state=Recording.State.REFUSED)
        .select_related("master", "aac", "opus")
        .order_by("pk")
        .first()
    )


def _adopt(work: Work, known: Recording) -> None:
    facts: dict[str, Any] = {name: getattr(known, name) for name in _COPIED}
    recording_describe(recording=work.recording, facts=facts)
    assets = {"master": known.master, "aac": known.aac, "opus": known.opus}
    Recording.objects.filter(pk=work.recording.pk).update(**assets)
    for name, asset in assets.items():
        setattr(work.recording, name, asset)
    track: Any = getattr(known, "track", None)  # catalog's, one floor up: only its name is said
    where = f"“{track}” on “{track.release}”" if track else "an earlier upload"
    work.detail = f"These are the very bytes of {where}: they are kept once."


def _master(work: Work) -> None:
    """Keep the artist's bytes as they are; then the upload has done its work."""
    path = work.file()
    if work.recording.master is None:
        with path.open("rb") as data:
            kind = content_type_of(data.read(16))
            recording_store(recording=work.recording, field="master", data=data, content_type=kind)
    if work.recording.upload is not None:
        upload_taken(upload=work.recording.upload, sha256=work.sha256)


def _streams(work: Work) -> None:
    if work.recording.aac is not None and work.recording.opus is not None:
        return
    aac, opus = encoding.streams(_source(work), work.place, ffmpeg())
    for name, path, kind in (("aac", aac, "audio/mp4"), ("opus", opus, "audio/ogg")):
        with path.open("rb") as data:
            recording_store(recording=work.recording, field=name, data=data, content_type=kind)


def _preview(work: Work) -> None:
    start = work.recording.preview_start_ms
    path = encoding.preview(_source(work), start, work.place, ffmpeg())
    with path.open("rb") as data:
        recording_store(
            recording=work.recording, field="preview", data=data, content_type="audio/mp4"
        )


def _source(work: Work) -> encoding.Source:
    row = work.recording
    if row.master is None or row.sample_rate is None or row.channels is None:
        raise FileNotFoundError("a recording without its facts")
    return encoding.Source(
        path=work.file(),
        demuxer=_DEMUXERS[row.master.content_type],
        codec=row.codec,
        rate=row.sample_rate,
        channels=row.channels,
        duration_ms=row.duration_ms,
        loudness=float(row.loudness or 0),
        true_peak=float(row.true_peak or 0),
    )


def _publish(work: Work) -> None:
    """Ask every pinning service to keep what was made; the pins are seen to by a job of theirs."""
    row = Recording.objects.select_related("master", "aac", "opus", "preview").get(
        pk=work.recording.pk
    )
    pins_want(row.master, row.aac, row.opus, row.preview)


STAGES: Final[Mapping[str, Callable[[Work], None]]] = {
    Step.Name.INSPECT: _inspect,
    Step.Name.MASTER: _master,
    Step.Name.STREAMS: _streams,
    Step.Name.PREVIEW: _preview,
    Step.Name.PUBLISH: _publish,
}
__all__ = ["STAGES", "FileRefused", "Occupied", "Work"]
