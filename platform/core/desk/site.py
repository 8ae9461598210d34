"""The back office: Django's admin with a home that says what waits."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from core.desk.registry import places_for, tiles_for


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

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {**(extra_context or {}), "desk_tiles": tiles_for(request.user)}
        return super().index(request, context)
