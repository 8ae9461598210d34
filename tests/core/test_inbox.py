from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from core.inbox import services
from core.inbox.models import InboxEvent
from core.inbox.services import Outcome, applied, dead, ignored, parked

State = InboxEvent.State


class Shop:
    """A source whose judgement the test sets."""

    genuine = True
    outcome: Outcome = applied
    crash = False
    calls = 0

    def verify(self, event: InboxEvent) -> bool:
        return self.genuine and bytes(event.body) == b"{}"

    def apply(self, event: InboxEvent) -> Outcome:
        self.calls += 1
        User.objects.create_user(f"effect-{event.pk}-{self.calls}")
        if self.crash:
            raise RuntimeError("half way")
        return self.outcome


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(services, "_sources", {})
    one = Shop()
    services.register("shop", verify=one.verify, apply=one.apply)
    return one


def receive(key: str = "e1", body: bytes = b"{}") -> InboxEvent:
    return services.receive(source="shop", key=key, body=body)


def state(event: InboxEvent) -> tuple[str, str]:
    event.refresh_from_db()
    return event.state, event.reason


@pytest.mark.django_db
def test_an_event_is_stored_as_it_came_before_anyone_looks(shop: Shop) -> None:
    event = receive(body=b"\xff not json")
    assert bytes(InboxEvent.objects.get().body) == b"\xff not json"
    assert (event.state, shop.calls) == (State.RECEIVED, 0)


@pytest.mark.django_db
def test_a_repeated_delivery_is_counted_and_applied_once(shop: Shop) -> None:
    for _ in range(3):
        services.process(event_id=receive().pk)
    kept = InboxEvent.objects.get()
    assert (kept.state, kept.deliveries, shop.calls) == (State.APPLIED, 3, 1)


@pytest.mark.django_db
def test_a_forged_event_has_no_effect(shop: Shop) -> None:
    shop.genuine = False
    event = receive()
    assert services.process(event_id=event.pk) == State.IGNORED
    assert (state(event), shop.calls) == ((State.IGNORED, "not verified"), 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "expected"), [(ignored("another shop"), State.IGNORED), (dead("?"), State.DEAD)]
)
def test_a_judgement_is_final(shop: Shop, outcome: Outcome, expected: str) -> None:
    shop.outcome = outcome
    event = receive()
    services.process(event_id=event.pk)
    services.process(event_id=event.pk)
    assert (state(event)[0], shop.calls) == (expected, 1)


@pytest.mark.django_db
def test_a_crash_undoes_the_effect_and_parks_the_event(shop: Shop) -> None:
    shop.crash = True
    event = receive()
    assert services.process(event_id=event.pk) == State.PARKED
    assert not User.objects.exists()
    shop.crash = False
    InboxEvent.objects.update(retry_at=timezone.now())
    assert services.process_due() == 1
    assert state(event)[0] == State.APPLIED
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_an_event_whose_check_crashed_is_checked_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(event: InboxEvent) -> bool:
        raise ConnectionError(event.key)

    services.register("shop", verify=unreachable, apply=shop.apply)
    event = receive()
    services.process(event_id=event.pk)
    shop.genuine = False
    services.register("shop", verify=shop.verify, apply=shop.apply)
    InboxEvent.objects.update(retry_at=timezone.now())
    services.process_due()
    assert (state(event)[0], shop.calls) == (State.IGNORED, 0)


@pytest.mark.django_db
def test_an_event_parked_too_often_is_dead_until_a_person_revives_it(shop: Shop) -> None:
    shop.outcome = parked("too early", timedelta())
    event = receive()
    services.process(event_id=event.pk)
    for _ in range(services.MAX_ATTEMPTS):
        services.process_due()
    assert state(event)[0] == State.DEAD
    assert services.process_due() == 0
    assert services.revive(event_id=event.pk)
    shop.outcome = applied
    assert services.process_due() == 1
    assert state(event)[0] == State.APPLIED


@pytest.mark.django_db
def test_an_event_whose_request_died_is_taken_up_later(shop: Shop) -> None:
    event = receive()
    assert services.process_due() == 0
    InboxEvent.objects.update(received_at=timezone.now() - services.ABANDONED_AFTER)
    assert services.process_due() == 1
    assert state(event)[0] == State.APPLIED


@pytest.mark.django_db
def test_a_huge_body_is_refused(shop: Shop) -> None:
    with pytest.raises(ValueError, match="large"):
        receive(body=b"x" * (services.MAX_BODY + 1))
    assert not InboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deliveries_at_the_same_moment_have_one_effect(shop: Shop) -> None:
    def deliver() -> None:
        services.process(event_id=receive().pk)
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.calls == 1
    assert User.objects.count() == 1
    assert InboxEvent.objects.get().deliveries == 6
