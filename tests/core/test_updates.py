"""Updates of one chat: each once, one at a time, in their order, however they arrive."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from core.inbox import services as inbox
from core.inbox.models import InboxEvent
from core.outbox.models import OutboxEvent
from core.telegram import router, sequence
from tests.accounts.bot import SECRET

SOMEBODY, OTHER = 7, 8
FIRST = 5000


class Log:
    """What was done, in order; `alone` is False when two were at it at the same time."""

    def __init__(self) -> None:
        self.said: dict[int, list[str]] = {}
        self.alone = True
        self.failing: set[str] = set()
        self._inside: set[int] = set()

    def say(self, message: Mapping[str, Any]) -> str:
        chat, word = int(message["chat"]["id"]), str(message["text"]).partition(" ")[2]
        self.alone = self.alone and chat not in self._inside
        self._inside.add(chat)
        time.sleep(0.01)
        self._inside.discard(chat)
        if word in self.failing:
            raise RuntimeError("not now")
        User.objects.create_user(f"{chat}-{word}")  # its effect: a second time would fail
        self.said.setdefault(chat, []).append(word)
        return f"heard {word}"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Log:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    log = Log()
    monkeypatch.setitem(router._commands, "say", ({"en": "Say", "ru": "Скажи"}, log.say))
    return log


def update(number: int, word: str, chat: int = SOMEBODY) -> bytes:
    message = {
        "message_id": number, "date": 1, "text": f"/say {word}",
        "chat": {"id": chat, "type": "private"}, "from": {"id": chat, "language_code": "en"},
    }  # fmt: skip
    return orjson.dumps({"update_id": number, "message": message})


def post(body: bytes) -> dict[str, Any]:
    answer = Client().post(
        "/webhooks/telegram", body, "application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
    )  # fmt: skip
    assert answer.status_code == 200
    return dict(orjson.loads(answer.content or b"{}"))


@pytest.mark.django_db
def test_a_replayed_update_changes_nothing_and_says_nothing(log: Log) -> None:
    assert post(update(FIRST, "one"))["text"] == "heard one"
    assert [post(update(FIRST, "one")) for _ in range(3)] == [{}, {}, {}]
    assert log.said == {SOMEBODY: ["one"]}
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_what_was_overtaken_in_its_chat_is_not_done_any_more(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "PATIENCE", 0.0)
    post(update(FIRST, "one"))
    post(update(FIRST + 2, "three"))
    assert post(update(FIRST + 1, "two")) == {}
    assert post(update(FIRST + 1, "other", OTHER)) == {}  # the same number: a repetition
    post(update(FIRST + 3, "late", OTHER))
    assert log.said == {SOMEBODY: ["one", "three"], OTHER: ["late"]}
    overtaken = InboxEvent.objects.get(state="ignored")
    assert overtaken.reason == inbox.OVERTAKEN


@pytest.mark.django_db
def test_a_later_one_waits_behind_one_that_failed_and_both_are_answered(log: Log) -> None:
    log.failing.add("one")
    assert post(update(FIRST, "one")) == {}
    assert post(update(FIRST + 1, "two")) == {}
    assert post(update(FIRST + 2, "else", OTHER))["text"] == "heard else"  # nobody else waits
    assert log.said == {OTHER: ["else"]}
    log.failing.clear()
    InboxEvent.objects.filter(state="parked").update(retry_at=timezone.now())
    inbox.process_due()
    assert log.said[SOMEBODY] == ["one", "two"]
    told = [event.payload["call"]["text"] for event in OutboxEvent.objects.order_by("id")]
    assert told == ["heard one", "heard two"]


@pytest.mark.django_db
def test_one_that_never_works_does_not_keep_its_chat_for_ever(log: Log) -> None:
    log.failing.add("one")
    post(update(FIRST, "one"))
    post(update(FIRST + 1, "two"))
    for _ in range(2 * inbox.MAX_ATTEMPTS_IN_ORDER):
        InboxEvent.objects.filter(state="parked").update(retry_at=timezone.now())
        inbox.process_due()
    assert log.said == {SOMEBODY: ["two"]}
    assert InboxEvent.objects.filter(state="dead").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_and_repeated_at_the_same_time_they_are_done_in_order_and_once(
    log: Log, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(sequence, "PATIENCE", 30.0)
    post(update(FIRST, "0"))
    post(update(FIRST + 1, "0", OTHER))
    bodies = [
        update(FIRST + number, str(number), SOMEBODY if number % 2 else OTHER)
        for number in range(2, 14)
    ]
    shuffled = [*bodies, *bodies[::3]]
    random.Random(seed).shuffle(shuffled)
    threads = [threading.Thread(target=_post, args=(body,)) for body in shuffled]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    while InboxEvent.objects.filter(state="parked").exists():  # who found its chat busy for long
        InboxEvent.objects.filter(state="parked").update(retry_at=timezone.now())
        inbox.process_due()
    assert log.said == {
        SOMEBODY: ["0", *(str(number) for number in range(2, 14) if number % 2)],
        OTHER: ["0", *(str(number) for number in range(2, 14) if not number % 2)],
    }
    assert log.alone
    assert InboxEvent.objects.filter(state="applied").count() == 14


def _post(body: bytes) -> None:
    try:
        post(body)
    finally:
        connection.close()


def test_a_number_that_never_comes_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "PATIENCE", 0.2)
    sequence.seen("1", 10)
    for number, waited in ((12, True), (13, False)):
        sequence.seen("1", number)
        begun = time.monotonic()
        sequence.wait_for_earlier("1", number)
        assert (time.monotonic() - begun > 0.15) is waited
