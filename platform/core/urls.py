"""All addresses. Rooms are found by name: `urls.py` with `api_urlpatterns` and `urlpatterns`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path


def _of_rooms(name: str) -> list[URLPattern | URLResolver]:
    """The patterns that rooms export under `name`, in the order of the floors."""
    found: list[URLPattern | URLResolver] = []
    for room in settings.ROOMS:
        if find_spec(f"{room}.urls") is None or room == "core":
            continue
        found.extend(getattr(import_module(f"{room}.urls"), name, []))
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(_of_rooms("api_urlpatterns"))),
    *_of_rooms("urlpatterns"),
]
