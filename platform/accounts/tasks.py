"""Chores of accounts."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from accounts.models import BotSignIn, Session, WalletNonce
from core.celery_app import Schedule
from core.outbox.services import consumer
from core.telegram import api

log = structlog.get_logger(__name__)


@shared_task(name="accounts.sweep")
def sweep() -> int:
    """Forget nonces and bot sign-ins a day after their time, sessions after three months."""
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    nonces, _ = WalletNonce.objects.filter(expires_at__lt=yesterday).delete()
    asked, _ = BotSignIn.objects.filter(expires_at__lt=yesterday).delete()
    old = now - timedelta(days=90)
    sessions, _ = Session.objects.filter(expires_at__lt=old).delete()
    return nonces + asked + sessions


@consumer("accounts.bot_question_close", atomic=False)
def bot_question_close(chat_id: int, message_id: int, text: str) -> None:
    """Put what became of a question in the place of its buttons."""
    try:
        api.message_edit(chat_id=chat_id, message_id=message_id, text=text)
    except api.BotError as error:
        if error.retry:
            raise
        log.info("bot_question_stays", code=error.code)  # the chat was cleared, or the bot blocked


BEAT: Schedule = {"accounts-sweep": {"task": "accounts.sweep", "schedule": 3600.0}}
