from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import User
from core.outbox.models import OutboxEvent
from core.outbox.services import OutboxMisuse
from notices import kinds, services
from notices.kinds import Kind
from notices.models import Notice

NEWS = Kind(
    "news",
    text={"en": "New: <b>{title}</b>", "ru": "Новое: <b>{title}</b>"},
    open={"en": "Open", "ru": "Открыть"},
)


@pytest.fixture(autouse=True)
def _news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds._kinds, NEWS.name, NEWS)


@pytest.fixture
def reader(fan: User) -> User:
    """Asked for the news, and let the bot write."""
    User.objects.filter(pk=fan.pk).update(telegram_id=777, bot_access="allowed")
    services.choices_set(user=fan, on={"news": True})
    fan.refresh_from_db()
    return fan


def send(user: User, key: str = "1") -> bool:
    with transaction.atomic():
        return services.notice_send(
            user_id=user.pk, kind="news", key=key, values={"title": "Night Train"}, link=""
        )


@pytest.mark.django_db
def test_what_was_asked_for_is_promised_once(reader: User) -> None:
    assert send(reader)
    assert not send(reader)
    assert Notice.objects.count() == OutboxEvent.objects.count() == 1


@pytest.mark.django_db
def test_what_nobody_asked_for_is_not_promised(reader: User) -> None:
    services.choices_set(user=reader, on={"news": False})
    assert not send(reader)
    assert Notice.objects.count() == OutboxEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_promise_outside_the_change_is_refused(reader: User) -> None:
    with pytest.raises(OutboxMisuse):
        services.notice_send(user_id=reader.pk, kind="news", key="1", values={})
    assert OutboxEvent.objects.count() == 0
