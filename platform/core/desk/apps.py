"""The back office replaces Django's default admin site.

The rooms' `admin.py` are found when the addresses are read (core/urls.py): a worker, the relay or
the follower show no desk, and loading it is a fifth of their start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.contrib.admin.options import BaseModelAdmin
from django.core import checks
from django.forms import BaseForm, BaseFormSet
from django.urls import get_resolver


def _subscriptable(cls: type, *_types: object) -> type:
    return cls


# Django's stubs make these generic; Django itself does not yet know `ModelAdmin[Artist]`.
for _kind in (BaseModelAdmin, BaseForm, BaseFormSet):
    if not hasattr(_kind, "__class_getitem__"):
        setattr(_kind, "__class_getitem__", classmethod(_subscriptable))  # noqa: B010


def check_desk(app_configs: Sequence[AppConfig] | None, **given: Any) -> list[checks.CheckMessage]:
    """Django's checks of every ModelAdmin. Reading the addresses finds the desk."""
    _ = get_resolver().url_patterns
    return list(check_admin_app(app_configs, **given))


class DeskAdminConfig(SimpleAdminConfig):
    default_site = "core.desk.site.DeskSite"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_desk, checks.Tags.admin)
