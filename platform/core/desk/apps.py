"""The back office replaces Django's default admin site."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.options import BaseModelAdmin
from django.forms import BaseForm, BaseFormSet


def _subscriptable(cls: type, *_types: object) -> type:
    return cls


# Django's stubs make these generic; Django itself does not yet know `ModelAdmin[Artist]`.
for _kind in (BaseModelAdmin, BaseForm, BaseFormSet):
    if not hasattr(_kind, "__class_getitem__"):
        setattr(_kind, "__class_getitem__", classmethod(_subscriptable))  # noqa: B010


class DeskAdminConfig(AdminConfig):
    default_site = "core.desk.site.DeskSite"
