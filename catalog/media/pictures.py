"""`/covers/{cid}/{width}.{format}`: a cover in the size and format that a page asks for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from catalog.media.models import Asset, Rendition
from catalog.media.views import ipfs
from core.errors import ProblemResponse

_SOON: Final = "public, max-age=60"


@require_safe
def picture(request: HttpRequest, cid: str, width: int, kind: str) -> HttpResponseBase:
    """GET and HEAD. The cover as it is where this size is not made yet; caches forget that soon."""
    made = (
        Rendition.objects.filter(source__cid=cid, width=width, format=kind)
        .values_list("asset__cid", flat=True)
        .first()
    )
    if made is not None:
        return ipfs(request, made)
    if not Asset.objects.filter(cid=cid, kind=Asset.Kind.COVER).exists():
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    response = ipfs(request, cid)
    if response.status_code < HTTPStatus.BAD_REQUEST:
        response["Cache-Control"] = _SOON
    return response
