"""Chores of the ground."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import structlog
from celery import shared_task
from django.utils import timezone

from core import audit
from core.celery_app import Schedule
from core.models import IdempotencyKey
from core.outbox.services import consumer
from core.telegram import api
from core.telegram.router import SAY

log = structlog.get_logger(__name__)

# Purchases keep theirs for ever (their scope says so); the rest outlives any sane retry.
KEY_LIFETIME: Final = timedelta(days=7)
FOREVER: Final = "orders"


@shared_task(name="core.audit_seal")
def audit_seal() -> int:
    return audit.seal()


@shared_task(name="core.idempotency_sweep")
def idempotency_sweep() -> int:
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEY_LIFETIME)
    removed, _ = old.exclude(scope__contains=FOREVER).delete()
    return removed


@consumer(SAY, atomic=False)
def telegram_say(call: dict[str, Any]) -> None:
    """Give a late answer to an update. A chat that is closed to the bot gets none."""
    method, params = call["method"], {name: call[name] for name in call if name != "method"}
    try:
        api.call(method, params)
    except api.BotError as error:
        if error.retry and not error.unsure:
            raise
        log.info("telegram_unsaid", method=method, code=error.code)


BEAT: Schedule = {
    "core-audit-seal": {"task": "core.audit_seal", "schedule": 60.0},
    "core-idempotency-sweep": {"task": "core.idempotency_sweep", "schedule": 3600.0},
}
