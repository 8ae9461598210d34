"""What is promised, to whom, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from core.outbox.models import OutboxEvent
from core.outbox.services import OutboxMisuse
from notices import services
from notices.models import Broadcast, Notice
from tests import people
from tests.notices.telling import person, send


def nothing() -> None:
    assert Notice.objects.count() == OutboxEvent.objects.count() == 0


def test_what_was_asked_for_is_promised_once(reader: User) -> None:
    assert send(reader)
    assert not send(reader)
    assert Notice.objects.count() == OutboxEvent.objects.count() == 1


@pytest.mark.django_db
def test_what_nobody_asked_for_is_not_promised(reader: User) -> None:
    services.choices_set(user=reader, on={"news": False})
    assert not send(reader)
    assert not send(people.person("stranger"))
    nothing()


@pytest.mark.parametrize("access", ["unknown", "refused", "blocked"])
def test_where_the_bot_may_not_write_nothing_is_promised(reader: User, access: str) -> None:
    User.objects.filter(pk=reader.pk).update(bot_access=access)
    assert not send(reader)
    nothing()


def test_what_a_payment_needs_is_told_unasked_but_not_to_who_blocked_the_bot(reader: User) -> None:
    services.stop_all(user=reader)
    assert send(reader, kind="law")
    User.objects.filter(pk=reader.pk).update(bot_access="blocked")
    assert not send(reader, "2", kind="law")
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_promise_outside_the_change_is_refused(reader: User) -> None:
    with pytest.raises(OutboxMisuse):
        services.notice_send(user_id=reader.pk, kind="news", key="1", values={})
    nothing()


def test_an_unknown_kind_is_refused(reader: User) -> None:
    with pytest.raises(KeyError):
        send(reader, kind="gossip")
    nothing()


@pytest.mark.django_db
def test_many_are_told_a_page_at_a_time_and_nobody_twice() -> None:
    crowd = [person(f"fan{number}", 100 + number) for number in range(5)]
    places = [(one.pk, one.pk) for one in sorted(crowd, key=lambda one: one.pk)]

    def page(after: Any) -> list[tuple[Any, Any]]:
        return [one for one in places if after is None or one[0] > after][:2]

    def step() -> bool:
        return services.broadcast_step(
            kind="news",
            key="d1",
            values={"title": "x"},
            link="",
            page=page,
        )

    assert [step() for _ in range(5)] == [True, True, True, False, False]
    assert Notice.objects.count() == OutboxEvent.objects.count() == 5
    assert Broadcast.objects.get().told == 5
    assert services.broadcasts_done(kind="news", keys=["d1", "d2"]) == {"d1"}
