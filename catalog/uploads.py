"""/portal/uploads/: artists' files by tus 1.0, over the page's cookie session (CSRF in a header).

Whoever did not begin an upload does not find it. What it is for is named at its creation, in
Upload-Metadata: release, purpose (audio or cover), filename; access and track where they matter.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from accounts.models import User
from accounts.web import web_user
from catalog import services
from catalog.media import tus
from catalog.media.models import Asset, Upload
from catalog.media.services import require_open, upload_receive
from catalog.models import Release
from catalog.selectors import release_managed
from core.errors import ApplicationError

_View = Callable[..., HttpResponse]
_ALLOWED: Final = {"uploads": "OPTIONS, POST", "upload": "OPTIONS, HEAD, PATCH, DELETE"}


def _tus(view: _View) -> _View:
    """Every answer in the words of tus: refusals too."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            method = tus.method_of(request)
            if method == "OPTIONS":
                return _options(view.__name__)
            tus.require_version(request)
            if not request.user.is_authenticated:
                raise ApplicationError("session_missing", detail="Sign in again.", status=401)
            return view(request, method, *args, **kwargs)
        except ApplicationError as error:
            return tus.refusal(error)

    return guarded


def _options(name: str) -> HttpResponse:
    headers = tus.capabilities(settings.UPLOAD_MAX_BYTES)
    return tus.answer(204, headers={**headers, "Allow": _ALLOWED[name]})


@_tus
def uploads(request: HttpRequest, method: str) -> HttpResponse:
    """POST: begin one; its address is in Location."""
    if method != "POST":
        raise _not_allowed("uploads")
    if "Upload-Defer-Length" in request.headers:
        raise ApplicationError("tus_header", detail="Say at once how long the file is.")
    length = tus.number_of(request, "Upload-Length")
    raw = request.headers.get("Upload-Metadata", "")
    upload = _begin(web_user(request), length, tus.metadata_of(raw), raw)
    return tus.answer(201, upload, {"Location": reverse("portal-upload", args=[upload.pk])})


def _begin(user: User, length: int, said: Mapping[str, str], raw: str) -> Upload:
    release = release_managed(user, _key(said.get("release", "")))
    if release is None:
        raise ApplicationError("not_found", detail="No such release of yours.", status=404)
    common: dict[str, Any] = {"actor": user, "release": release, "length": length, "metadata": raw}
    filename = said.get("filename", "")
    if said.get("purpose") == Upload.Purpose.COVER:
        return services.cover_upload_begin(filename=filename, **common)
    if said.get("purpose") != Upload.Purpose.AUDIO:
        raise ApplicationError("tus_metadata", detail="purpose is audio or cover.")
    track = _track(release, said["track"]) if said.get("track") else None
    access = said.get("access") or Asset.Access.HOLDERS
    if access not in Asset.Access.values:
        raise ApplicationError("tus_metadata", detail="access is open or holders.")
    return services.track_upload_begin(
        filename=filename, access=Asset.Access(access), track=track, **common
    )


def _track(release: Release, key: str) -> Any:
    track = release.tracks.select_related("recording__upload").filter(pk=_key(key)).first()
    if track is None:
        raise ApplicationError("not_found", detail="No such track of this release.", status=404)
    return track


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ApplicationError("not_found", detail="Nothing has this name.", status=404) from None


@_tus
def upload(request: HttpRequest, method: str, upload: UUID) -> HttpResponse:
    """HEAD: how far it is. PATCH: more of it. DELETE: not wanted any more."""
    user = web_user(request)
    row = Upload.objects.filter(pk=upload, owner=user).first()
    if row is None:
        raise ApplicationError("not_found", detail="No such upload of yours.", status=404)
    if method == "HEAD":
        return _head(row)
    if method == "PATCH":
        return _patch(request, row)
    if method == "DELETE":
        services.upload_drop(actor=user, upload=row)
        return tus.answer(204)
    raise _not_allowed("upload")


def _head(row: Upload) -> HttpResponse:
    _require_there(row)
    headers = {"Upload-Length": str(row.length)}
    if row.metadata:
        headers["Upload-Metadata"] = row.metadata
    return tus.answer(200, row, headers)


def _patch(request: HttpRequest, row: Upload) -> HttpResponse:
    """Everything that can be refused is refused before a byte of the body is read."""
    offset = tus.number_of(request, "Upload-Offset")
    length, checksum = tus.require_body(request)
    require_open(row, offset)
    if offset + length > row.length:
        raise ApplicationError(
            "upload_too_large", detail="More bytes than were promised.", status=413
        )
    try:
        with tus.turn(row.owner_id), tus.spool(request, length, checksum) as piece:
            row = upload_receive(upload=row, offset=offset, data=piece)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise ApplicationError(
            "storage_full", detail="There is no room now. What came before is kept.", status=507
        ) from None
    return tus.answer(204, row)


def _require_there(row: Upload) -> None:
    """Raises upload_gone (410)."""
    require_open(row, row.offset)


def _not_allowed(name: str) -> ApplicationError:
    allowed = _ALLOWED[name]
    return ApplicationError(
        "method_not_allowed", f"One of {allowed}.", status=405, headers={"Allow": allowed}
    )


urlpatterns = [
    path("portal/uploads/", uploads, name="portal-uploads"),
    path("portal/uploads/<uuid:upload>", upload, name="portal-upload"),
]
