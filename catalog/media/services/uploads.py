"""Uploads: begun, filled piece by piece, ended. Their bytes lie in the default storage as parts.

Nothing here waits for a client: a piece is on disk before the row is locked, and the row is locked
only while the offset moves.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Final
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from catalog.media.models import Upload
from catalog.media.sizes import size_words
from core.errors import ApplicationError
from core.ids import uuid7
from core.locks import lock
from core.outbox.services import put

State = Upload.State
MAX_PARTS: Final = 2000  # a gigabyte in pieces of 8 MB has 125
KEPT: Final = (State.RECEIVING, State.RECEIVED, State.TAKEN)  # what counts for the quota
_SWEPT_AFTER: Final = timedelta(minutes=10)
_PIECE: Final = 1 << 20


@transaction.atomic
def upload_begin(
    *,
    owner: User,
    artist: UUID,
    release: UUID,
    purpose: Upload.Purpose,
    filename: str,
    length: int,
    metadata: str = "",
    limit: int | None = None,
) -> Upload:
    """Make room for a file of `length` bytes. The caller has checked who may.

    limit: bytes, UPLOAD_MAX_BYTES by default. Errors: upload_empty (400), upload_too_large (413),
    upload_quota_exceeded (413).
    """
    most = settings.UPLOAD_MAX_BYTES if limit is None else limit
    if length <= 0:
        raise ApplicationError("upload_empty", detail="This file is empty.")
    if length > most:
        raise ApplicationError(
            "upload_too_large", detail=f"A file may have {size_words(most)}.", status=413
        )
    lock(f"upload-quota:{artist}")
    left = settings.UPLOAD_QUOTA_BYTES - quota_used(artist)
    if length > left:
        raise ApplicationError(
            "upload_quota_exceeded",
            "No room left",
            f"This artist has {size_words(max(left, 0))} of "
            f"{size_words(settings.UPLOAD_QUOTA_BYTES)} left.",
            413,
        )
    return Upload.objects.create(
        owner=owner,
        artist=artist,
        release=release,
        purpose=purpose,
        filename=name_of(filename),
        length=length,
        metadata=metadata,
        expires_at=timezone.now() + settings.UPLOAD_LIFETIME,
    )


def quota_used(artist: UUID) -> int:
    """Bytes that an artist's files take, with those that were promised and are on their way."""
    kept = Upload.objects.filter(artist=artist, state__in=KEPT)
    return int(kept.aggregate(sum=Sum("length"))["sum"] or 0)


def name_of(filename: str) -> str:
    """The last part of a path of any system, without what no line of text holds."""
    plain = "".join(letter for letter in filename if letter.isprintable())
    return PurePosixPath(plain.replace("\\", "/")).name[-255:] or "file"


def upload_receive(*, upload: Upload, offset: int, data: File[bytes]) -> Upload:
    """Append a piece that is on disk already; the row as it is then. Empty ones change nothing.

    Of two pieces for one offset the first to come here wins, the other is thrown away. Errors:
    upload_offset_conflict (409), upload_gone (410), upload_too_large (413: more than was promised),
    upload_too_many_pieces (400).
    """
    size = int(data.size or 0)
    name = default_storage.save(f"uploads/{upload.pk}/{offset}-{uuid7()}", data) if size else ""
    try:
        with transaction.atomic():
            return _append(upload, offset, name, size)
    except BaseException:
        if name:
            default_storage.delete(name)
        raise


def _append(upload: Upload, offset: int, name: str, size: int) -> Upload:
    fresh = Upload.objects.select_for_update().get(pk=upload.pk)
    require_open(fresh, offset)
    if fresh.offset + size > fresh.length:
        raise ApplicationError(
            "upload_too_large", detail="More bytes than were promised.", status=413
        )
    if size and len(fresh.parts) >= MAX_PARTS:
        raise ApplicationError("upload_too_many_pieces", detail="Send larger pieces.")
    if not size or fresh.state != State.RECEIVING:
        return fresh
    now = timezone.now()
    fresh.parts = [*fresh.parts, [name, size]]
    fresh.offset += size
    fresh.touched_at, fresh.expires_at = now, now + settings.UPLOAD_LIFETIME
    fresh.save(update_fields=["parts", "offset", "touched_at", "expires_at"])
    if fresh.offset == fresh.length:
        _received(fresh)
    return fresh


def require_open(upload: Upload, offset: int) -> None:
    """Raises upload_gone (410) for what was ended, upload_offset_conflict (409)."""
    late = upload.state == State.RECEIVING and upload.expires_at <= timezone.now()
    if late or upload.state in (State.CANCELLED, State.EXPIRED, State.REFUSED):
        raise ApplicationError(
            "upload_gone", detail="This upload is over: start it anew.", status=410
        )
    if upload.offset != offset:
        raise ApplicationError(
            "upload_offset_conflict",
            detail=f"{upload.offset} bytes are here, not {offset}.",
            status=409,
            headers={"Upload-Offset": str(upload.offset)},
        )


def _received(upload: Upload) -> None:
    """All is here: promise the work that comes next."""
    upload.state = State.RECEIVED
    upload.save(update_fields=["state"])
    if upload.purpose == Upload.Purpose.AUDIO:
        put("media.recording_work", {"recording": upload.recording.pk}, key=str(upload.pk))
    else:
        cover = {"upload": upload.pk, "release": upload.release}
        put("catalog.cover_take", cover, key=str(upload.pk))


@contextmanager
def upload_open(upload: Upload) -> Iterator[IO[bytes]]:
    """All bytes of an upload as one file on disk, gone afterwards."""
    with TemporaryFile() as whole:
        for name, _ in upload.parts:
            with default_storage.open(name) as part:
                shutil.copyfileobj(part, whole, _PIECE)
        whole.seek(0)
        yield whole


def upload_taken(*, upload: Upload, sha256: str = "") -> bool:
    """What it was sent for is made and stored: its parts are thrown away. False: it had ended."""
    return _end(upload, State.TAKEN, sha256=sha256)


def upload_refuse(*, upload: Upload, reason: str) -> bool:
    """It is not what it has to be. reason: a code of ours. False: it had ended."""
    return _end(upload, State.REFUSED, reason=reason)


def upload_cancel(*, upload: Upload) -> bool:
    """Whoever sent it does not want it any more; also frees the quota of one that was taken in."""
    return _end(upload, State.CANCELLED, among=KEPT)


@transaction.atomic
def _end(
    upload: Upload,
    state: Upload.State,
    *,
    among: tuple[Upload.State, ...] = (State.RECEIVING, State.RECEIVED),
    **told: str,
) -> bool:
    moved = Upload.objects.filter(pk=upload.pk, state__in=among).update(
        state=state, touched_at=timezone.now(), **told
    )
    if moved:
        upload.state = state
        transaction.on_commit(lambda: _forget_parts(upload.pk))
    return bool(moved)


def _forget_parts(upload: UUID) -> None:
    """Delete what lies of an ended upload: its parts, and any that a crash left without a name."""
    row = Upload.objects.exclude(state__in=(State.RECEIVING, State.RECEIVED)).filter(pk=upload)
    if not row.exists():
        return
    folder = f"uploads/{upload}"
    with suppress(OSError):  # nothing lies there, or another one has just deleted it
        for name in default_storage.listdir(folder)[1]:
            default_storage.delete(f"{folder}/{name}")
        default_storage.delete(folder)
    row.update(parts=[])


def uploads_sweep() -> int:
    """End what nobody went on with in time, and delete parts that were left; how many ended."""
    now, ended = timezone.now(), 0
    late = Upload.objects.filter(state=State.RECEIVING, expires_at__lte=now)
    for upload in late.order_by("expires_at")[:500]:
        with transaction.atomic():
            still = Upload.objects.select_for_update().get(pk=upload.pk)
            if still.state == State.RECEIVING and still.expires_at <= now:
                ended += _end(still, State.EXPIRED)
    left = Upload.objects.filter(touched_at__lte=now - _SWEPT_AFTER).exclude(parts=[])
    for pk in left.exclude(state__in=(State.RECEIVING, State.RECEIVED)).values_list("pk")[:500]:
        _forget_parts(pk[0])
    return ended
