"""`/ipfs/{cid}`, the origin of our own open bytes, and `/media/{token}`, signed links to any."""

from __future__ import annotations

import time
from functools import partial
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from catalog.media.links import grant_count, link_of
from catalog.media.models import Asset
from catalog.media.selectors import open_asset
from catalog.media.serving import bytes_response
from core.errors import ApplicationError, ProblemResponse


@require_safe
def ipfs(request: HttpRequest, cid: str) -> HttpResponseBase:
    """Whoever knows the CID may check what it gets; it is the strong ETag, and never goes stale."""
    asset = open_asset(cid)
    if asset is None:
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    response = bytes_response(request, asset, cache_control="public, max-age=31536000, immutable")
    response["X-Ipfs-Path"] = f"/ipfs/{asset.cid}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def media(request: HttpRequest, token: str) -> HttpResponseBase:
    """Plain bytes for the listener whom the link was signed for; catalog.media.links."""
    try:
        link = link_of(token)
    except ApplicationError as refused:
        return ProblemResponse(refused.code, refused.title, refused.status, refused.detail)
    asset = Asset.objects.select_related("key").filter(pk=link.asset).first()
    if asset is None:
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    left = max(0, link.expires_at - int(time.time()))
    response = bytes_response(
        request,
        asset,
        cache_control=f"private, max-age={left}",
        filename=link.filename,
        attachment=link.attachment,
        counted=partial(grant_count, link),
    )
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
