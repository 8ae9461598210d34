"""The back office: Django's admin with a home that says what waits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from core.desk.registry import needs_second_factor, places_for, tiles_for


class DeskSite(admin.AdminSite):
    site_header = "Tonality desk"
    site_title = "Tonality"
    index_title = "Today"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the pages that the command palette offers on every page of the desk."""
        context = super().each_context(request)
        if self.has_permission(request):
            context["desk_places"] = places_for(request.user)
        return context

    def has_permission(self, request: HttpRequest) -> bool:
        """Asked before every page. Who may touch money has also proved the second factor."""
        return super().has_permission(request) and not _owes_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The password; who has given it and owes the second factor is sent to give that."""
        if (
            request.method == "GET"
            and super().has_permission(request)
            and _owes_second_factor(request)
        ):
            going = request.GET.get("next") or reverse("admin:index")
            return redirect_to_login(going, settings.SECOND_FACTOR_URL)
        return super().login(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {
            **(extra_context or {}),
            "desk_tiles": tiles_for(request.user),
        }
        return super().index(request, context)


def _owes_second_factor(request: HttpRequest) -> bool:
    """is_verified comes from django-otp's middleware; without it nobody is."""
    proved = getattr(request.user, "is_verified", None)
    return needs_second_factor(request.user) and not (proved is not None and proved())
