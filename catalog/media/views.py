"""`/ipfs/{cid}`: the origin of our own bytes. Whoever knows the CID may check what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Final

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from catalog.media.ranges import RangeNotSatisfiable, byte_range
from catalog.media.selectors import StoredBytes, open_asset
from core.errors import ProblemResponse

_PIECE: Final = 65_536


class _Part:
    """Bytes first..last of an open file, closed with the response."""

    def __init__(self, file: IO[bytes], first: int, last: int) -> None:
        self._file, self._left = file, last - first + 1
        file.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = self._file.read(min(_PIECE, self._left)) if self._left else b""
        if not data:
            raise StopIteration
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


@require_safe
def ipfs(request: HttpRequest, cid: str) -> HttpResponseBase:
    """GET and HEAD, whole or one Range; the CID is the strong ETag, so bytes never go stale."""
    asset = open_asset(cid)
    if asset is None:
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    etag = f'"{asset.cid}"'
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in wanted or f"W/{etag}" in wanted or "*" in wanted:
        return _label(HttpResponse(status=HTTPStatus.NOT_MODIFIED), asset)
    try:
        part = _part(request, asset, etag)
    except RangeNotSatisfiable:
        response = ProblemResponse(
            "range_not_satisfiable", "Range Not Satisfiable", HTTPStatus(416)
        )
        response["Content-Range"] = f"bytes */{asset.size}"
        return response
    return _label(_body(request, asset, part), asset)


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
        response = StreamingHttpResponse(_Part(file, first, last))
    response["Content-Type"] = asset.content_type
    response["Content-Length"] = str(last - first + 1)
    if part:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {first}-{last}/{asset.size}"
    return response


def _label(response: HttpResponseBase, asset: StoredBytes) -> HttpResponseBase:
    """What caches and gateways' clients read; the content itself may run nothing."""
    response["ETag"] = f'"{asset.cid}"'
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Ipfs-Path"] = f"/ipfs/{asset.cid}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    return response
