"""Background work: `celery -A deploy worker`, `celery -A deploy beat`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.prod")

from core.celery_app import app

__all__ = ["app"]
