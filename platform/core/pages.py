"""Pages of no room: landing, the Mini App's shell, the TON Connect manifest, the API's docs."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import http_date
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import answer
from core.money import DECIMALS
from core.openings import opening
from core.ratelimit import buckets_of, take
from core.schema import ConfigSerializer
from core.ton.networks import current
from core.wire import plain

_View = Callable[..., HttpResponseBase]
TELEGRAM_WEB: Final = "https://web.telegram.org"


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _outside_scripts() -> list[str]:
    """Telegram's script from its own host, unless we serve it ourselves."""
    url: str = settings.TELEGRAM_JS_URL
    return [origin_of(url)] if url.startswith("https://") else []


def _connections() -> list[str]:
    """Where the Mini App may talk to: us, live updates, wallets' bridges; a local TON network."""
    local = [origin_of(settings.LOCAL_TON_API)] if settings.DEVELOPMENT else []
    return [SELF, origin_of(settings.WS_URL), *settings.TON_CONNECT_BRIDGES, *local]


def wallet_page(view: _View) -> _View:
    """The policy of a page on which a wallet connects: bridges, and wallets' icons."""
    allowed = csp_replace({"connect-src": _connections()})
    return csp_update({"img-src": ["https:"]})(allowed(view))


# Screens that links lead to, by the first part of their address: their code comes with the page.
SCREENS: Final = {
    "artists": "artist", "drops": "drop", "gift": "gift", "items": "item", "library": "library",
    "orders": "order", "playlists": "playlist", "releases": "release", "search": "search",
    "tracks": "track",
}  # fmt: skip


def limited(scope: str) -> Callable[[_View], _View]:
    """A page or a form that nobody may ask for too often: the API's buckets, and 429."""

    def decorate(view: _View) -> _View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refusal = take(buckets_of(request, scope))
            if refusal is None:
                return view(request, *args, **kwargs)
            wait = {"Retry-After": str(math.ceil(refusal.wait))}
            return answer(request, "throttled", "Too Many Requests", 429, headers=wait)

        return guarded

    return decorate


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """GET /: what this is; in development also links with their demo logins."""
    return render(request, "landing/index.html", _context())


@require_safe
@gzip_page
@xframe_options_exempt
@csp_replace({"frame-ancestors": [SELF, TELEGRAM_WEB], "connect-src": _connections()})
@csp_update({"script-src": _outside_scripts(), "img-src": ["https:"]})
def miniapp(request: HttpRequest, rest: str = "") -> HttpResponse:
    """GET /app/...: the shell; the Mini App routes by the rest of the path.

    Telegram Web shows it in a frame. Pictures come from anywhere over https: Telegram's user
    photos and wallets' icons have no fixed hosts.
    """
    head = rest.partition("/")[0]
    screen = f"src/screens/{SCREENS[head]}.tsx" if head in SCREENS else ""
    known, cover = opening(rest)
    told = {"date": http_date(), "known": plain(known)}
    context = {**_context(), "screen": screen, "opening": told, "cover": cover}
    return render(request, "miniapp/index.html", context)


def _context() -> dict[str, Any]:
    return {
        "development": settings.DEVELOPMENT,
        "telegram_js_url": settings.TELEGRAM_JS_URL,
        "bot_username": settings.TELEGRAM_BOT_USERNAME,
        "app_name": settings.TELEGRAM_APP_NAME,
        "public_url": settings.PUBLIC_URL,
        "ton_api": settings.LOCAL_TON_API if settings.DEVELOPMENT else "",
        "config": config(),
    }


@require_safe
@cache_control(public=True, max_age=300)
def tonconnect_manifest(request: HttpRequest) -> HttpResponse:
    """GET /tonconnect-manifest.json: wallets read it from any origin (TON Connect, "Manifest")."""
    del request
    url: str = settings.PUBLIC_URL
    response = JsonResponse(
        {
            "url": url,
            "name": "Tonality",
            "iconUrl": f"{url}{static('img/icon-180.png')}",
        }
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=4)
def _wallets(path: Path, changed: float) -> list[dict[str, Any]]:
    del changed
    wallets: list[dict[str, Any]] = orjson.loads(path.read_bytes())
    return wallets


def wallets() -> list[dict[str, Any]]:
    """The wallets that we offer, as entries of TON Connect's wallets list."""
    path: Path = settings.TON_CONNECT_WALLETS
    found = _wallets(path, path.stat().st_mtime) if path.is_file() else []
    if settings.DEVELOPMENT:
        return [*settings.DEVELOPMENT_WALLETS, *found]
    return found


def config() -> dict[str, Any]:
    """What the Mini App must know of this deployment. Public."""
    return {
        "network": current().chain,
        "coin": {
            "label": settings.NATIVE_COIN_LABEL,
            "decimals": DECIMALS[settings.NATIVE_COIN],
        },
        "ws_url": settings.WS_URL,
        "bot": {
            "username": settings.TELEGRAM_BOT_USERNAME,
            "app": settings.TELEGRAM_APP_NAME,
        },
        "manifest_url": f"{settings.PUBLIC_URL}/tonconnect-manifest.json",
        "development": settings.DEVELOPMENT,
        "wallets": wallets(),
    }


def wallet_config() -> dict[str, Any]:
    """The same for a page on which a wallet connects: development's needs its network's address."""
    return config() | ({"ton_api": settings.LOCAL_TON_API} if settings.DEVELOPMENT else {})


class ConfigView(APIView):
    """What a client must know of this deployment."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=ConfigSerializer, operation_id="config")
    def get(self, request: Request) -> Response:
        del request
        return Response(config(), headers={"Cache-Control": "public, max-age=60"})


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """GET /api/docs/: Swagger UI from our own files."""
    return render(request, "core/api_docs.html")
