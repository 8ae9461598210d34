"""Answers with bytes of an asset: whole or a part, from whatever source has them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from catalog.media.links import MAX_NAME, safe_name
from catalog.media.models import Asset
from catalog.media.ranges import Decision, decide
from catalog.media.reading import Readable, SourcesUnavailable, local_path, read, readable
from core.errors import ProblemResponse

log = structlog.get_logger(__name__)
_ENDINGS: Final = {
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/aiff": "aiff",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
}


def bytes_response(
    request: HttpRequest,
    asset: Asset,
    *,
    cache_control: str,
    filename: str = "",
    attachment: bool = False,
    counted: Callable[[int], None] = lambda _size: None,
) -> HttpResponseBase:
    """200, 206, 304, 412, 416, or 503 when no source answers. counted: told the bytes to be sent.

    What an artist uploaded is never shown by a browser: masters go out as downloads.
    """
    etag = f'"{asset.cid}"'
    decision = decide(request.method or "GET", request.headers, etag=etag, size=asset.size)
    response = _answer(request, asset, decision, counted)
    if response.status_code in {200, 206, 304}:
        response["ETag"] = etag
        response["Cache-Control"] = cache_control
        response["Accept-Ranges"] = "bytes"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        if attachment or asset.kind == Asset.Kind.MASTER:
            response["Content-Disposition"] = _disposition(asset, filename)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(
    request: HttpRequest, asset: Asset, decision: Decision, counted: Callable[[int], None]
) -> HttpResponseBase:
    if decision.status == HTTPStatus.NOT_MODIFIED:
        # Of a 304 the length is that of the 200 (8.6); unset, Django would say 0.
        response = HttpResponse(status=304, headers={"Content-Length": str(asset.size)})
        del response["Content-Type"]
        return response
    if decision.status == HTTPStatus.PRECONDITION_FAILED:
        return ProblemResponse("precondition_failed", "Precondition Failed", decision.status)
    if decision.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        refused = ProblemResponse("range_not_satisfiable", "Range Not Satisfiable", decision.status)
        refused["Content-Range"] = f"bytes */{asset.size}"
        return refused
    if request.method == "HEAD":
        return _described(HttpResponse(), asset, decision)
    one = readable(asset)
    if handed := _handed_over(request, asset, one):
        counted(decision.last - decision.first + 1)
        return handed
    return _streamed(asset, one, decision, counted)


def _streamed(
    asset: Asset, one: Readable, decision: Decision, counted: Callable[[int], None]
) -> HttpResponseBase:
    try:
        body = read(one, decision.first, decision.last)
    except SourcesUnavailable as away:
        log.error("media_unavailable", asset=str(asset.pk))
        return ProblemResponse(
            "sources_unavailable",
            "Not available right now",
            HTTPStatus.SERVICE_UNAVAILABLE,
            "No source of this recording answers. Try again in a moment.",
            headers={"Retry-After": str(max(1, round(away.retry_after)))},
        )
    counted(decision.last - decision.first + 1)
    return _described(StreamingHttpResponse(body), asset, decision)


def _described(response: HttpResponseBase, asset: Asset, decision: Decision) -> HttpResponseBase:
    response["Content-Type"] = asset.content_type
    response["Content-Length"] = str(decision.last - decision.first + 1)
    if decision.status == HTTPStatus.PARTIAL_CONTENT:
        response.status_code = decision.status
        response["Content-Range"] = f"bytes {decision.first}-{decision.last}/{asset.size}"
    return response


def _handed_over(request: HttpRequest, asset: Asset, one: Readable) -> HttpResponse | None:
    """Let nginx send a complete file of the cache; it reads Range itself.

    Its entity tag is another one than ours, so whoever continues with ours is answered by us.
    """
    prefix = settings.MEDIA_ACCEL_PREFIX
    if not prefix or "If-Range" in request.headers:
        return None
    path = local_path(one)
    if path is None:
        return None
    response = HttpResponse(content_type=asset.content_type)
    place = path.relative_to(settings.MEDIA_CACHE_DIR).as_posix()
    response["X-Accel-Redirect"] = f"{prefix}/{quote(place)}"
    return response


def _disposition(asset: Asset, filename: str) -> str:
    name = file_name(asset, filename)
    return content_disposition_header(as_attachment=True, filename=name) or ""


def file_name(asset: Asset, called: str) -> str:
    """What an asset is saved as: "Nordlys - 01 First Crossing.flac", fit for any disk.

    At most links.MAX_NAME bytes with its ending, which `called` may have already.
    """
    ending = "." + _ENDINGS.get(asset.content_type, "bin")
    stem = safe_name(called).removesuffix(ending).encode()[: MAX_NAME - len(ending)]
    return (stem.decode(errors="ignore").strip(" .-") or asset.kind) + ending
