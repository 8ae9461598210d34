from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis

from accounts.models import User
from core.metrics import registry
from core.outbox import services
from core.outbox.models import OutboxEvent

State = OutboxEvent.State
failing: list[bool] = []


@services.consumer("tests.greet")
def greet(*, login: str) -> None:
    User.objects.create_user(login)
    if failing:
        raise RuntimeError("half way")


def put(login: str = "fan", **options: Any) -> OutboxEvent | None:
    with transaction.atomic():
        return services.put("tests.greet", {"login": login}, **options)


def deliver(topic: str, arguments: dict[str, Any]) -> None:
    """The broker and the worker in one: run the task now, as Celery would."""
    current_app.tasks[topic].apply(kwargs=arguments)


def later() -> None:
    OutboxEvent.objects.update(due_at=timezone.now())


@pytest.fixture(autouse=True)
def _calm() -> None:
    failing.clear()


@pytest.mark.django_db(transaction=True)
def test_a_promise_outside_a_transaction_is_refused() -> None:
    with pytest.raises(services.OutboxMisuse):
        services.put("tests.greet", {})


@pytest.mark.django_db
def test_a_promise_of_a_change_that_never_happened_is_not_kept() -> None:
    with transaction.atomic():
        services.put("tests.greet", {"login": "fan"})
        transaction.set_rollback(True)
    assert services.relay_batch(send=deliver) == 0


@pytest.mark.django_db
def test_a_key_makes_one_promise_ever() -> None:
    assert put(key="order-1") is not None
    assert put(key="order-1") is None
    assert put(key="order-2") is not None
    assert OutboxEvent.objects.count() == 2


@pytest.mark.django_db
def test_a_promise_is_kept_once_however_often_it_is_delivered() -> None:
    event = put()
    assert event is not None
    sent: list[dict[str, Any]] = []
    services.relay_batch(send=lambda _topic, arguments: sent.append(arguments))
    for _ in range(3):
        deliver("tests.greet", sent[0])
    event.refresh_from_db()
    assert event.state == State.DONE
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_promise_lost_by_the_broker_is_sent_again() -> None:
    put()
    services.relay_batch(send=lambda *_: None)
    assert services.relay_batch(send=deliver) == 0
    later()
    assert services.relay_batch(send=deliver) == 1
    assert User.objects.count() == 1
    later()
    assert services.relay_batch(send=deliver) == 0


@pytest.mark.django_db
def test_a_broker_that_is_away_costs_only_time() -> None:
    def away(topic: str, arguments: dict[str, Any]) -> None:
        raise ConnectionError(topic, len(arguments))

    event = put()
    assert event is not None
    services.relay_batch(send=away)
    event.refresh_from_db()
    assert (event.state, event.attempts) == (State.PENDING, 0)
    later()
    services.relay_batch(send=deliver)
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_failed_task_leaves_no_effect_and_is_tried_again() -> None:
    event = put()
    assert event is not None
    failing.append(True)
    services.relay_batch(send=lambda *_: None)
    deliver("tests.greet", {"event_id": str(event.pk), "login": "fan"})
    event.refresh_from_db()
    assert (event.state, event.attempts) == (State.PENDING, 1)
    assert event.due_at > timezone.now()
    assert not User.objects.exists()
    failing.clear()
    later()
    services.relay_batch(send=lambda *_: None)
    deliver("tests.greet", {"event_id": str(event.pk), "login": "fan"})
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_task_that_fails_too_often_is_dead_until_a_person_revives_it() -> None:
    event = put()
    assert event is not None
    failing.append(True)
    for _ in range(services.MAX_ATTEMPTS):
        deliver("tests.greet", {"event_id": str(event.pk), "login": "fan"})
    event.refresh_from_db()
    assert event.state == State.DEAD
    assert "half way" in event.error
    failing.clear()
    assert services.revive(event_id=event.pk)
    later()
    services.relay_batch(send=lambda *_: None)
    deliver("tests.greet", {"event_id": str(event.pk), "login": "fan"})
    assert User.objects.count() == 1


def test_waits_grow_to_a_limit() -> None:
    waits = [services.wait_of(attempt).total_seconds() for attempt in (1, 2, 3, 10, 99)]
    assert waits == [1, 2, 4, 512, 600]


@pytest.mark.django_db
def test_a_promise_for_later_waits() -> None:
    put(after=timedelta(minutes=5))
    assert services.relay_batch(send=deliver) == 0


@pytest.mark.django_db(transaction=True)
def test_two_relays_never_take_the_same_event() -> None:
    for number in range(40):
        put(f"fan{number}")
    taken: list[str] = []

    def relay() -> None:
        while services.relay_batch(
            limit=7, send=lambda _topic, arguments: taken.append(arguments["event_id"])
        ):
            pass
        connection.close()

    threads = [threading.Thread(target=relay) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40


@pytest.mark.django_db(transaction=True)
def test_the_relay_command_hands_events_to_the_real_broker(redis_server: Redis) -> None:
    event = put()
    assert event is not None
    call_command("relay", "--once")
    (message,) = redis_server.lrange("default", 0, -1)
    assert str(event.pk).encode() in str(message).encode() or b"body" in str(message).encode()
    event.refresh_from_db()
    assert event.state == State.SENT


@pytest.mark.django_db
def test_the_oldest_unfinished_promise_is_measured() -> None:
    put()
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(seconds=90))
    age = registry().get_sample_value("outbox_oldest_unprocessed_seconds")
    assert age is not None
    assert 89 < age < 100
    services.relay_batch(send=deliver)
    assert registry().get_sample_value("outbox_oldest_unprocessed_seconds") == 0


@pytest.mark.django_db
def test_old_finished_promises_are_forgotten_but_not_their_keys() -> None:
    put("fan")
    put("collector", key="k")
    services.relay_batch(send=deliver)
    OutboxEvent.objects.update(done_at=timezone.now() - timedelta(days=31))
    assert services.sweep() == 1
    assert OutboxEvent.objects.get().key == "k"


@pytest.mark.django_db
def test_a_payload_may_not_take_the_promises_own_name() -> None:
    with transaction.atomic(), pytest.raises(services.OutboxMisuse):
        services.put("core.test", {"event_id": "x"})
