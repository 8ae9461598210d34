"""All addresses. Rooms are found by name: `urls.py` with `api_urlpatterns` and `urlpatterns`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from core import errors, health, metrics, pages
from core.telegram import views as telegram


def _of_rooms(name: str) -> list[URLPattern | URLResolver]:
    """The patterns that rooms export under `name`, in the order of the floors."""
    found: list[URLPattern | URLResolver] = []
    for room in settings.ROOMS:
        if room != "core" and find_spec(f"{room}.urls") is not None:
            found.extend(getattr(import_module(f"{room}.urls"), name, []))
    return found


admin.autodiscover()
_schema = SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[AllowAny])

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.landing, name="landing"),
    path("app/", pages.miniapp, name="miniapp"),
    path("app/<path:rest>", pages.miniapp, name="miniapp-path"),
    path("admin/", admin.site.urls),
    path("api/v1/config", pages.ConfigView.as_view(), name="config"),
    path("api/v1/", include(_of_rooms("api_urlpatterns"))),
    path("api/schema/", _schema, name="schema"),
    path("api/docs/", pages.api_docs, name="api-docs"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("webhooks/telegram", telegram.webhook, name="telegram-webhook"),
    path("metrics", metrics.metrics, name="metrics"),
    path("tonconnect-manifest.json", pages.tonconnect_manifest, name="tonconnect-manifest"),
    *_of_rooms("urlpatterns"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
