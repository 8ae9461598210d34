"""The back office: Django's admin with a home that says what waits."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from core.desk.registry import pages_for, tiles_for


class DeskSite(admin.AdminSite):
    site_header = "Tonality desk"
    site_title = "Tonality"
    index_title = "Today"

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {
            **(extra_context or {}),
            "desk_tiles": tiles_for(request.user),
            "desk_pages": pages_for(request.user),
        }
        return super().index(request, context)
