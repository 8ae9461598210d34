"""Hot reads answer with bytes: orjson and a weak ETag, past DRF's renderers."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core.wire import dumps


def json_answer(request: Request, data: Any, *, private: bool = False) -> HttpResponse:
    """200 with JSON, or 304 when the client's copy is the same. Always revalidated, never stale."""
    body = dumps(data)
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache" if private else "public, no-cache"
    return response
