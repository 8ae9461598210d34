"""Live updates: `granian --interface asgi deploy.asgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.prod")
django.setup()

from core.live import application  # noqa: E402  needs the app registry

__all__ = ["application"]
