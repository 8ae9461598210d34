"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from notices import api

api_urlpatterns = [
    path("me/notices", api.NoticesView.as_view(), name="notices"),
    path("me/notices/access", api.NoticeAccessView.as_view(), name="notices-access"),
]
