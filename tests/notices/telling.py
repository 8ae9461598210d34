"""Kinds of the tests' own, who asked for them, and the way of a notice to Telegram."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.outbox.models import OutboxEvent
from core.outbox.services import relay_batch
from notices import services
from notices.kinds import Kind
from tests import people

NEWS = Kind(
    "news",
    text={"en": "New: <b>{title}</b>", "ru": "Новое: <b>{title}</b>"},
    open={"en": "Open", "ru": "Открыть"},
)
LAW = Kind(
    "law",
    text={"en": "Paid back: {title}", "ru": "Возвращено: {title}"},
    open={"en": "Open", "ru": "Открыть"},
    required=True,
)
READER = 777


def person(name: str, telegram_id: int, **facts: Any) -> User:
    user = people.person(name)
    User.objects.filter(pk=user.pk).update(telegram_id=telegram_id, bot_access="allowed", **facts)
    user.refresh_from_db()
    services.choices_set(user=user, on={"news": True})
    return user


def send(user: User, key: str = "1", kind: str = "news", title: str = "Night <Train>") -> bool:
    with transaction.atomic():
        return services.notice_send(
            user_id=user.pk, kind=kind, key=key, values={"title": title}, link="drops/1"
        )


def deliver(*, early: bool = False) -> int:
    """Run the outbox once: what is due; `early`: all of it."""
    if early:
        OutboxEvent.objects.exclude(state="done").update(due_at=timezone.now())
    return relay_batch(send=_run)


def _run(topic: str, given: dict[str, Any]) -> None:
    """The broker and the worker in one."""
    current_app.tasks[topic].apply(kwargs=given)
