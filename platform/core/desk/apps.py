"""The back office replaces Django's default admin site."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    default_site = "core.desk.site.DeskSite"
