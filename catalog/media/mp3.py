"""`/previews/{cid}.mp3`: a preview as MP3, for Telegram, whose audio cards take nothing else.

It is made from the AAC of the preview when it is first asked for, kept in the cache of plain bytes
(which makes room by age) and made again when it was removed.
"""

from __future__ import annotations

import math
import os
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from catalog.media import encoding
from catalog.media.confine import ConfineFailed, scratch
from catalog.media.models import Asset
from catalog.media.programs import ffmpeg
from catalog.media.reading import SourcesUnavailable, read
from catalog.media.selectors import open_asset
from core.errors import ProblemResponse
from core.ratelimit import Bucket, take

log = structlog.get_logger(__name__)
# Half a second of one processor each; those that are there already cost nothing.
MAKING: Final = Bucket("previews", "made", 30, 30)
_FOREVER: Final = "public, max-age=31536000, immutable"


@require_safe
def preview_mp3(_request: HttpRequest, cid: str) -> HttpResponseBase:
    """200 with the whole; 404 for what is no open preview, 503 when it cannot be made just now."""
    asset = open_asset(cid)
    if asset is None or asset.kind != Asset.Kind.PREVIEW:
        return ProblemResponse("not_found", "Not Found", HTTPStatus.NOT_FOUND)
    path = _path(asset)
    if not path.is_file():
        refusal = take([MAKING])
        if refusal is not None:
            return _later(math.ceil(refusal.wait))
        try:
            _make(asset, path)
        except (encoding.EncodingFailed, ConfineFailed, SourcesUnavailable) as error:
            log.warning("preview_not_made", cid=asset.cid, error=str(error)[:200])
            return _later(60)
    response = FileResponse(path.open("rb"), content_type="audio/mpeg")
    response["Cache-Control"] = _FOREVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def mp3_url(cid: str) -> str:
    """The path of a preview as MP3."""
    return f"/previews/{cid}.mp3"


def _later(seconds: int) -> ProblemResponse:
    return ProblemResponse(
        "busy", "Service Unavailable", 503, headers={"Retry-After": str(max(1, seconds))}
    )


def _path(asset: Asset) -> Path:
    return Path(settings.MEDIA_CACHE_DIR, "mp", f"{asset.cid}.mp3")


def _make(asset: Asset, path: Path) -> None:
    """Two who do it at once make the same."""
    with scratch(settings.MEDIA_SCRATCH_DIR) as place:
        sound = place.inward / "preview.m4a"
        with sound.open("wb") as file:
            file.writelines(read(asset))
        made = encoding.as_mp3(sound, place, ffmpeg()).read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
    fresh.write_bytes(made)
    fresh.replace(path)
