"""`/ipfs/{cid}`: the origin of our own bytes. Whoever knows the CID may check what it gets.

`/media/{token}`: bytes for whoever was given a signed link to them, as plain as they were taken in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Final

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from catalog.media import links
from catalog.media.cipher import stream
from catalog.media.ranges import RangeNotSatisfiable, byte_range
from catalog.media.selectors import StoredBytes, linked_asset, open_asset
from catalog.media.services import key_secret
from core.errors import ProblemResponse

_PIECE: Final = 65_536


class _Part:
    """Bytes first..last of an open file, deciphered where they are for holders."""

    def __init__(self, file: IO[bytes], asset: StoredBytes, first: int, last: int) -> None:
        self._file, self._left = file, last - first + 1
        self._cipher = None
        if asset.key is not None:
            self._cipher = stream(key_secret(asset.key), asset.nonce, first)
        file.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = self._file.read(min(_PIECE, self._left)) if self._left else b""
        if not data:
            raise StopIteration
        self._left -= len(data)
        return self._cipher.update(data) if self._cipher else data

    def close(self) -> None:
        self._file.close()


@require_safe
def ipfs(request: HttpRequest, cid: str) -> HttpResponseBase:
    """GET and HEAD, whole or one Range; the CID is the strong ETag, so bytes never go stale."""
    asset = open_asset(cid)
    if asset is None:
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    return _label_open(_answer(request, asset), asset)


@require_safe
def media(request: HttpRequest, token: str, filename: str = "") -> HttpResponseBase:
    """The bytes of a signed link. What is asked of it is noted: only what was sent for is heard."""
    try:
        link = links.link_open(token, filename)
    except links.LinkInvalid as error:
        return ProblemResponse(
            f"link_{error.code}",
            "Forbidden",
            HTTPStatus.FORBIDDEN,
            "This link is over. Ask for a new one.",
        )
    asset = linked_asset(link.asset)
    if asset is None:
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    response = _label(_answer(request, asset), asset)
    if request.method == "GET" and response.status_code in {HTTPStatus.OK, 206}:
        links.bytes_note(link.id, int(response["Content-Length"]))
    left = max(link.expires_at - int(time.time()), 0)
    response["Cache-Control"] = f"private, max-age={left}"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if filename:
        response["Content-Disposition"] = (
            content_disposition_header(as_attachment=True, filename=filename) or "attachment"
        )
    return response


def _answer(request: HttpRequest, asset: StoredBytes) -> HttpResponseBase:
    etag = f'"{asset.cid}"'
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in wanted or f"W/{etag}" in wanted or "*" in wanted:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    try:
        part = _part(request, asset, etag)
    except RangeNotSatisfiable:
        response = ProblemResponse(
            "range_not_satisfiable", "Range Not Satisfiable", HTTPStatus(416)
        )
        response["Content-Range"] = f"bytes */{asset.size}"
        return response
    return _body(request, asset, part)


def _part(request: HttpRequest, asset: StoredBytes, etag: str) -> tuple[int, int] | None:
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition is not None and condition != etag):
        return None
    return byte_range(request.headers.get("Range"), asset.size)


def _body(
    request: HttpRequest, asset: StoredBytes, part: tuple[int, int] | None
) -> HttpResponseBase:
    first, last = part or (0, asset.size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        file = default_storage.open(asset.storage_name)
        response = StreamingHttpResponse(_Part(file, asset, first, last))
    response["Content-Type"] = asset.content_type
    response["Content-Length"] = str(last - first + 1)
    if part:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {first}-{last}/{asset.size}"
    return response


def _label(response: HttpResponseBase, asset: StoredBytes) -> HttpResponseBase:
    """What every player reads; the content itself may run nothing."""
    response["ETag"] = f'"{asset.cid}"'
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _label_open(response: HttpResponseBase, asset: StoredBytes) -> HttpResponseBase:
    """What caches and gateways' clients read."""
    if response.status_code == 416:
        return response
    _label(response, asset)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Ipfs-Path"] = f"/ipfs/{asset.cid}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    return response
