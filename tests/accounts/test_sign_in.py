from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from prometheus_client import REGISTRY
from pytest_django import Settings

from accounts.development import init_data_make
from accounts.models import Session, User
from accounts.people import Person
from tests.accounts.people import Caller, sign_in

pytestmark = pytest.mark.django_db
MIRA = Person(1001, "Mira", "mira")


def test_a_first_visit_makes_the_person_and_a_session(fan: Caller) -> None:
    user = fan.user
    assert (user.telegram_id, user.login, user.first_name) == (1001, "tg:1001", "Mira")
    assert not user.is_staff
    assert not user.has_usable_password()
    session = Session.objects.get()
    assert (session.kind, session.context) == ("miniapp", "telegram")
    assert session.auth_date is not None


def test_the_answer_has_what_the_app_needs(stranger: Caller) -> None:
    launch = init_data_make(person=MIRA, start_param="trk_42")
    answer = stranger.post("auth/telegram", {"init_data": launch}).json()
    assert answer.keys() == {"access", "refresh", "expires_in", "user", "start_param"}
    assert answer["expires_in"] == 1200
    assert answer["start_param"] == "trk_42"
    assert answer["user"] == {
        "id": str(User.objects.get().pk),
        "first_name": "Mira",
        "last_name": "",
        "username": "mira",
        "photo_url": "",
        "language": "en",
    }
    assert Session.objects.get().start_param == "trk_42"


def test_a_later_visit_is_the_same_person_with_todays_name(fan: Caller) -> None:
    again = sign_in(1001, "Mirabel")
    assert again.user_id == fan.user_id
    assert User.objects.get().first_name == "Mirabel"
    assert Session.objects.count() == 2


@pytest.mark.parametrize("change", ["&user=%7B%22id%22%3A666%7D", "x", "&hash=1"])
def test_a_forged_launch_is_refused_and_makes_nobody(stranger: Caller, change: str) -> None:
    before = REGISTRY.get_sample_value("init_data_refused_total", {"reason": "duplicate"}) or 0
    launch = init_data_make(person=MIRA) + change
    answer = stranger.post("auth/telegram", {"init_data": launch})
    assert (answer.status_code, answer.json()["code"]) == (401, "init_data_invalid")
    assert not User.objects.exists()
    assert not Session.objects.exists()
    after = REGISTRY.get_sample_value("init_data_refused_total", {"reason": "duplicate"}) or 0
    assert after - before == ("=" in change)


def test_a_launch_for_another_bot_is_refused(stranger: Caller, settings: Settings) -> None:
    launch = init_data_make(person=MIRA)
    settings.TELEGRAM_BOT_TOKEN = "999999999:SOMEBODY-ELSES-BOT"
    assert stranger.post("auth/telegram", {"init_data": launch}).status_code == 401
    assert not User.objects.exists()


def test_an_old_launch_is_refused_as_stale(
    stranger: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(hours=2))
    launch = init_data_make(person=MIRA)
    monkeypatch.setattr(timezone, "now", real)
    answer = stranger.post("auth/telegram", {"init_data": launch})
    assert (answer.status_code, answer.json()["code"]) == (401, "init_data_stale")
    assert not User.objects.exists()


@pytest.mark.parametrize("body", [{}, {"init_data": ""}, {"init_data": None}, {"init_data": []}])
def test_a_launch_that_is_none_is_invalid_input(stranger: Caller, body: object) -> None:
    assert stranger.post("auth/telegram", body).status_code == 400


def test_a_disabled_person_is_refused(fan: Caller, stranger: Caller) -> None:
    User.objects.update(is_active=False)
    answer = stranger.post("auth/telegram", {"init_data": init_data_make(person=MIRA)})
    assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")
    assert Session.objects.count() == 1
    assert fan.get("me").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_person() -> None:
    def visit() -> None:
        sign_in(1001, "Mira")
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.count() == 1
    assert Session.objects.count() == 4


def test_signing_in_is_limited(stranger: Caller) -> None:
    codes = [stranger.post("auth/telegram", {"init_data": "x"}).status_code for _ in range(21)]
    assert codes == [401] * 20 + [429]
