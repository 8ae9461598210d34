"""Choosing what to be told: in the app and in the chat."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.development import init_data_make
from accounts.models import User
from accounts.people import Person
from accounts.services import session_open_by_telegram
from core import privacy
from notices import selectors
from notices.models import Choice, QuietHours
from tests import people
from tests.accounts.bot import Bot
from tests.notices.telling import READER, send

pytestmark = pytest.mark.django_db
URL, ACCESS = "/api/v1/me/notices", "/api/v1/me/notices/access"


def kinds(answer: Any) -> dict[str, bool]:
    return {one["kind"]: one["on"] for one in answer.json()["kinds"]}


def test_everything_is_off_until_asked_for_but_what_a_payment_needs(fan: User) -> None:
    answer = people.api(fan).get(URL)
    on = kinds(answer)
    assert (on["news"], on["drop"], on["law"], on["payment"]) == (False, False, True, True)
    assert (answer.json()["access"], answer.json()["quiet"]) == ("unknown", None)


def test_kinds_and_quiet_hours_are_chosen(fan: User) -> None:
    quiet = {"starts": 1320, "ends": 540, "time_zone": "Europe/Moscow"}
    answer = people.api(fan).patch(URL, {"kinds": {"news": True}, "quiet": quiet})
    assert (kinds(answer)["news"], answer.json()["quiet"]) == (True, quiet)
    answer = people.api(fan).patch(URL, {"quiet": None})
    assert (kinds(answer)["news"], answer.json()["quiet"]) == (True, None)


@pytest.mark.parametrize(
    "body",
    [
        {"kinds": {"gossip": True}},
        {"kinds": {"law": False}},
        {"kinds": {"news": True}, "quiet": {"starts": 60, "ends": 60, "time_zone": "UTC"}},
        {"kinds": {"news": True}, "quiet": {"starts": 0, "ends": 60, "time_zone": "Mars/Base"}},
        {"quiet": {"starts": 0, "ends": 1440, "time_zone": "UTC"}},
        {"quiet": {"starts": 0, "ends": 60, "time_zone": "../../etc/passwd"}},
    ],
)
def test_a_choice_that_cannot_be_changes_nothing(fan: User, body: dict[str, Any]) -> None:
    assert people.api(fan).patch(URL, body).status_code == 400
    assert not Choice.objects.exists()
    assert not QuietHours.objects.exists()


def test_the_answer_to_telegrams_question_is_kept(fan: User) -> None:
    for allowed, access in ((True, "allowed"), (False, "refused")):
        answer = people.api(fan).put(ACCESS, {"allowed": allowed})
        assert answer.json()["access"] == access
        fan.refresh_from_db()
        assert fan.bot_access == access


def test_signed_launch_data_tell_that_the_bot_may_write(settings: Any) -> None:
    person = Person(telegram_id=4242, first_name="Ada", username="ada")
    for may, access in ((False, "unknown"), (True, "allowed"), (False, "allowed")):
        opened = session_open_by_telegram(init_data=init_data_make(person=person, may_write=may))
        assert User.objects.get(pk=opened.session.user_id).bot_access == access


def test_stop_in_the_chat_stops_all_and_settings_lead_to_the_choice(bot: Bot, reader: User) -> None:
    bot.act_message(user=READER, text="/stop")
    assert selectors.choices_of(reader)["news"] is False
    assert not send(reader)
    assert bot.buttons(READER)[0]["web_app"]["url"].endswith("/app/notifications")
    bot.act_message(user=READER, text="/settings")
    assert bot.last(READER)["text"].startswith("Choose what you are told")


def test_start_lets_the_bot_write_and_opens_the_shop(bot: Bot, reader: User) -> None:
    User.objects.update(bot_access="blocked")
    bot.act_start(user=READER)
    reader.refresh_from_db()
    assert reader.bot_access == "allowed"
    assert bot.buttons(READER)[0]["web_app"]["url"].endswith("/app/")


def test_what_a_person_chose_goes_out_and_away_with_them(reader: User) -> None:
    send(reader)
    assert privacy.export(reader.pk)["notices"]["choices"][0]["kind"] == "news"
    assert len(privacy.export(reader.pk)["notices"]["notices"]) == 1
    privacy.erase(reader.pk)
    told = privacy.export(reader.pk)["notices"]
    assert (told["choices"], told["notices"]) == ([], [])
