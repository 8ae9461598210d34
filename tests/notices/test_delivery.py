"""Messages on their way: against the local Bot API, by real HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from redis import Redis

from accounts.models import Preferences, User
from core.outbox.models import OutboxEvent
from core.ratelimit import take
from notices import selectors, services
from notices.models import Notice, QuietHours
from notices.services.delivery import EVERYBODY
from tests.accounts.bot import Bot
from tests.notices.telling import READER, deliver, person, send

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("state", flat=True))


def test_a_notice_arrives_once_with_a_way_in_and_a_way_out(
    bot: Bot, reader: User, settings: Settings
) -> None:
    send(reader)
    deliver()
    deliver()
    assert bot.texts(READER) == ["New: <b>Night &lt;Train&gt;</b>"]
    into, out = bot.buttons(READER)
    assert into["web_app"]["url"] == f"{settings.PUBLIC_URL}/app/drops/1"
    assert out["callback_data"] == "stop:news"
    assert states() == ["sent"]


def test_it_is_told_in_the_language_that_was_chosen(bot: Bot, reader: User) -> None:
    Preferences.objects.create(user=reader, language="ru")
    send(reader)
    deliver()
    assert bot.texts(READER)[0].startswith("Новое")


def test_one_tap_under_a_message_stops_its_kind(bot: Bot, reader: User) -> None:
    send(reader)
    deliver()
    bot.answers(READER, "Stop")
    bot.again()
    assert bot.toasts[0]["text"] == "You will not get these messages any more."
    assert selectors.choices_of(reader)["news"] is False
    assert not send(reader, "2")


def test_what_was_switched_off_meanwhile_is_not_told(bot: Bot, reader: User) -> None:
    send(reader)
    services.choices_set(user=reader, on={"news": False})
    deliver()
    assert (bot.messages, states()) == ([], ["dropped"])


def test_who_blocks_the_bot_is_not_written_to_again_until_they_come_back(
    bot: Bot, reader: User
) -> None:
    send(reader)
    bot.blocked.add(READER)  # Telegram has not told us
    deliver()
    reader.refresh_from_db()
    assert (reader.bot_access, states()) == ("blocked", ["dropped"])
    assert not send(reader, "2")
    bot.act_unblock(user=READER)
    assert send(reader, "3")
    bot.act_block(user=READER)
    assert not send(reader, "4")


def test_a_stranger_to_the_bot_is_no_reason_to_try_again(bot: Bot, reader: User) -> None:
    bot.act_stranger(user=READER)
    send(reader)
    deliver()
    assert (states(), OutboxEvent.objects.get().state) == (["dropped"], "done")


def test_too_many_waits_as_long_as_telegram_says_and_loses_nothing(bot: Bot, reader: User) -> None:
    send(reader)
    bot.faults.too_many = 1
    deliver()
    event = OutboxEvent.objects.get()
    assert (states(), event.state, event.attempts) == (["waiting"], "pending", 0)
    assert timedelta() < event.due_at - timezone.now() <= timedelta(seconds=1)
    deliver()  # before its time: we ask nobody
    assert bot.messages == []


def test_one_chat_gets_one_message_a_second(bot: Bot, reader: User) -> None:
    bot.act_limits(on=True)
    for number in range(3):
        send(reader, str(number))
    deliver()
    assert states().count("sent") == 1
    assert states().count("waiting") == 2
    waiting = OutboxEvent.objects.filter(state="pending")
    assert all(one.due_at - timezone.now() <= timedelta(seconds=1) for one in waiting)


def test_all_together_stay_below_telegrams_limit(bot: Bot) -> None:
    bot.act_limits(on=True)
    for number in range(40):
        send(person(f"fan{number}", 1000 + number), "1")
    deliver(early=True)
    assert bot.floods == 0
    assert states().count("sent") + states().count("waiting") == 40  # none is lost
    assert not OutboxEvent.objects.filter(attempts__gt=0).exists()


def test_our_own_limit_is_below_telegrams_in_every_second() -> None:
    begun = time.monotonic()
    given = sum(take([EVERYBODY]) is None for _ in range(200))
    assert 5 <= given <= 6 + 25 * (time.monotonic() - begun)


def test_silence_may_mean_sent_and_is_not_said_twice(bot: Bot, reader: User) -> None:
    send(reader)
    bot.faults.error_after_effect = 1
    deliver()
    deliver()
    assert len(bot.messages) == 1
    assert states() == ["unsure"]


def test_what_a_payment_needs_is_rather_said_twice_than_never(
    bot: Bot, reader: User, redis_server: Redis
) -> None:
    send(reader, kind="law")
    bot.faults.error_after_effect = 1
    deliver()
    redis_server.flushdb()  # a minute later
    deliver(early=True)
    assert (len(bot.messages), states()) == (2, ["sent"])


def test_a_worker_killed_in_the_middle_of_a_call_does_not_repeat_it(bot: Bot, reader: User) -> None:
    send(reader)
    Notice.objects.update(state="sending")
    deliver()
    assert (bot.messages, states()) == ([], ["unsure"])


def test_telegram_away_is_waited_for(reader: User, settings: Settings) -> None:
    settings.TELEGRAM_API_URL = "http://127.0.0.1:9"
    send(reader)
    deliver()
    event = OutboxEvent.objects.get()
    assert (states(), event.state, event.attempts) == (["waiting"], "pending", 0)


def test_old_news_is_no_news(bot: Bot, reader: User) -> None:
    send(reader)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=2))
    deliver()
    assert (bot.messages, states()) == ([], ["dropped"])


def test_quiet_hours_keep_a_notice_until_their_end(bot: Bot, reader: User) -> None:
    now = timezone.now()
    minute = now.hour * 60 + now.minute
    services.quiet_hours_set(
        user=reader, starts=(minute - 60) % 1440, ends=(minute + 60) % 1440, time_zone="UTC"
    )
    send(reader)
    deliver()
    event = OutboxEvent.objects.get()
    assert (bot.messages, states(), event.attempts) == ([], ["waiting"], 0)
    assert timedelta(minutes=58) < event.due_at - now <= timedelta(minutes=60)
    services.quiet_hours_clear(user=reader)
    deliver(early=True)
    assert states() == ["sent"]


NIGHT = {"starts": 22 * 60, "ends": 9 * 60}


@pytest.mark.parametrize(
    ("zone", "at", "end"),
    [
        ("UTC", "2026-11-25T21:59", None),
        ("UTC", "2026-11-25T22:00", "2026-11-26T09:00"),
        ("UTC", "2026-11-26T08:59", "2026-11-26T09:00"),
        ("UTC", "2026-11-26T09:00", None),
        ("Europe/Moscow", "2026-11-25T20:00", "2026-11-26T06:00"),  # 23:00 there
        ("Europe/Moscow", "2026-11-25T18:30", None),
        # clocks go back an hour in this night: the morning is where the wall says it is
        ("Europe/Berlin", "2026-10-24T21:00", "2026-10-25T08:00"),
    ],
)
def test_the_end_of_a_night_is_by_the_clock_on_the_wall(
    zone: str, at: str, end: str | None
) -> None:
    found = selectors.quiet_until(
        QuietHours(**NIGHT, time_zone=zone), datetime.fromisoformat(at).replace(tzinfo=UTC)
    )
    wanted = datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None
    assert found == wanted


def test_a_rest_in_the_middle_of_the_day(reader: User) -> None:
    noon = QuietHours(starts=720, ends=780, time_zone="UTC")
    at = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    assert selectors.quiet_until(noon, at) == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    assert selectors.quiet_until(noon, at + timedelta(hours=1)) is None
