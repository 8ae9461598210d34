"""The shared ground. Celery's app is loaded with it, so that `.delay()` always finds our broker."""

from core.celery_app import app as celery_app

__all__ = ["celery_app"]
