"""The admin site of the shop."""

from __future__ import annotations

from django.contrib import admin


class DeskSite(admin.AdminSite):
    site_header = "Tonality"
    site_title = "Tonality"
    index_title = "Desk"
