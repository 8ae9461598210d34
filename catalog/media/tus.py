"""tus 1.0 (https://tus.io/protocols/resumable-upload): its headers, and a body put on disk.

Core, creation, termination, checksum and expiration. Nothing here knows who sends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

import structlog
from django.core.cache import cache
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.http import http_date

from catalog.media.models import Upload
from core.errors import ApplicationError, ProblemResponse

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,checksum,expiration"
BODY_TYPE: Final = "application/offset+octet-stream"
ALGORITHMS: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
MISMATCH: Final = 460
AT_ONCE: Final = 4  # bodies of one person that may be on their way at the same time
LONGEST: Final = 120.0  # seconds that one body may take; what came until then is kept
PIECE: Final = 1 << 16
MAX_METADATA: Final = 2000
log = structlog.get_logger(__name__)


def answer(
    status: int, upload: Upload | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A response without content; of an upload, with what its sender has to know."""
    response = HttpResponse(status=status, headers=dict(headers or {}))
    if upload is not None:
        response["Upload-Offset"] = str(upload.offset)
        if upload.state == Upload.State.RECEIVING:
            response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return labelled(response)


def refusal(error: ApplicationError) -> HttpResponse:
    """The problem document, with the headers that tus wants on every answer."""
    response = ProblemResponse(
        error.code, error.title, error.status, error.detail, headers=error.headers
    )
    return labelled(response)


def labelled(response: HttpResponse) -> HttpResponse:
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    return response


def method_of(request: HttpRequest) -> str:
    """The method, or X-HTTP-Method-Override on a POST: others would get past the CSRF check."""
    named = request.headers.get("X-HTTP-Method-Override", "").upper()
    return named if named and request.method == "POST" else str(request.method)


def require_version(request: HttpRequest) -> None:
    """Raises tus_version (412)."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise ApplicationError(
            "tus_version",
            detail=f"Tus-Resumable has to be {VERSION}.",
            status=412,
            headers={"Tus-Version": VERSION},
        )


def number_of(request: HttpRequest, name: str) -> int:
    """A whole number of a header, not negative. Raises tus_header (400)."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise ApplicationError("tus_header", detail=f"{name} has to be a whole number.")
    return int(text)


def metadata_of(text: str) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and base64, apart by commas. Raises tus_metadata (400)."""
    found: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            plain = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise ApplicationError("tus_metadata", detail=f"{key[:40]} is no base64.") from None
        if not key.isascii() or key in found or "\0" in plain:
            raise ApplicationError("tus_metadata", detail="Keys are ASCII, each named once.")
        found[key] = plain
    if len(text) > MAX_METADATA:
        raise ApplicationError("tus_metadata", detail=f"At most {MAX_METADATA} bytes of it.")
    return found


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the sender says its body's hash is."""

    algorithm: str
    digest: bytes


def checksum_of(request: HttpRequest) -> Checksum | None:
    """Upload-Checksum. Raises tus_checksum (400) for one that cannot be read or is unknown."""
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != ALGORITHMS[algorithm]().digest_size:
        raise ApplicationError("tus_checksum", detail=f"One of {', '.join(ALGORITHMS)} in base64.")
    return Checksum(algorithm, digest)


@contextmanager
def turn(owner: Any) -> Iterator[None]:
    """One of a person's AT_ONCE places, so that slow bodies cannot take all threads of the web.

    Raises uploads_busy (429) when all are taken.
    """
    keys = [f"upload-turn:{owner}:{place}" for place in range(AT_ONCE)]
    mine = next((key for key in keys if cache.add(key, 1, LONGEST + 30)), None)
    if mine is None:
        raise ApplicationError(
            "uploads_busy", detail="Too many at once.", status=429, headers={"Retry-After": "2"}
        )
    try:
        yield
    finally:
        cache.delete(mine)


def require_body(request: HttpRequest) -> tuple[int, Checksum | None]:
    """How many bytes a PATCH announces, and their hash, if it is told.

    Errors: tus_content_type (415), tus_length (411), tus_checksum (400).
    """
    if request.content_type != BODY_TYPE:
        raise ApplicationError("tus_content_type", detail=f"It has to be {BODY_TYPE}.", status=415)
    if not request.headers.get("Content-Length"):
        raise ApplicationError("tus_length", detail="Say how long the body is.", status=411)
    return number_of(request, "Content-Length"), checksum_of(request)


@contextmanager
def spool(
    request: HttpRequest, length: int, checksum: Checksum | None = None
) -> Iterator[TemporaryUploadedFile]:
    """The body on disk, in pieces; less than `length` when the connection was cut or too slow.

    With a checksum it is all or nothing. Errors: tus_checksum_mismatch (460).
    """
    digest = ALGORITHMS[checksum.algorithm]() if checksum else None
    file = TemporaryUploadedFile("part", BODY_TYPE, 0, None)
    try:
        file.size = _fill(request, file, length, digest.update if digest else len)
        whole = file.size == length
        if checksum and digest and not (whole and digest.digest() == checksum.digest):
            raise ApplicationError(
                "tus_checksum_mismatch",
                "Checksum Mismatch",
                "These are not the bytes that were sent.",
                MISMATCH,
            )
        file.seek(0)
        yield file
    finally:
        file.close()


def _fill(
    request: HttpRequest, file: IO[bytes], length: int, seen: Callable[[bytes], object]
) -> int:
    size, until = 0, time.monotonic() + LONGEST
    while size < length and time.monotonic() < until:
        try:
            piece = request.read(min(PIECE, length - size))
        except (UnreadablePostError, OSError) as error:
            log.info("upload_cut", at=size, of=length, error=type(error).__name__)
            break
        if not piece:
            log.info("upload_cut", at=size, of=length)
            break
        file.write(piece)
        seen(piece)
        size += len(piece)
    file.flush()
    os.fsync(file.fileno())
    return size


def capabilities(most: int) -> Mapping[str, str]:
    """What OPTIONS tells. most: bytes of one upload."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(most),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
