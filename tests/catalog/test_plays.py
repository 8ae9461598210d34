"""Plays: once a listener, track and day, after real time and real bytes; every trick is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from catalog import plays
from catalog.models import Play, PlayCount, Track
from catalog.services import play_record
from tests import people
from tests.catalog.people import artist_of, person, published

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605"
Later = Callable[[float], None]


@pytest.fixture
def track() -> Track:
    return published(artist_of(person("nordlys"))).tracks.get()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Seconds pass, for plays alone."""
    passed = 0.0

    def wait(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    real = time.time
    monkeypatch.setattr(plays, "_now_ms", lambda: round((real() + passed) * 1000))
    return wait


def granted(track: Track, user: User | None = None, **meta: str) -> dict[str, Any]:
    client = people.api(user, HTTP_USER_AGENT=BROWSER, **meta)
    answer = client.get(f"/api/v1/tracks/{track.pk}/stream")
    assert answer.status_code == 200
    return dict(answer.json())


def told(track: Track, token: str, user: User | None = None, **meta: str) -> Any:
    client = people.api(user, **{"HTTP_USER_AGENT": BROWSER, **meta})
    return client.post(f"/api/v1/tracks/{track.pk}/plays", {"play_token": token}, format="json")


def counts(track: Track) -> int:
    """The number that is shown is always the number of rows."""
    number = plays.track_plays([track.pk]).get(track.pk, 0)
    assert Play.objects.filter(track=track).count() == number
    return number


def refused(answer: Any, reason: str, track: Track) -> None:
    assert answer.json() == {"counted": False, "reason": reason}
    assert counts(track) == 0


def test_a_play_counts_once_however_often_it_is_told(track: Track, later: Later) -> None:
    fan = person("fan")
    grant = granted(track, fan)
    Client().get(grant["url"])
    later(grant["play_after_ms"] / 1000)
    for _ in range(3):
        assert told(track, grant["play_token"], fan).json() == {
            "counted": True,
            "reason": "counted",
        }
    assert counts(track) == 1
    assert Play.objects.get().listener == f"user:{fan.pk}"


def test_another_link_of_the_same_day_adds_nothing_and_another_day_does(
    track: Track, later: Later
) -> None:
    fan = person("fan")
    for expected in (1, 1, 2):
        later(3600 * 25 if expected == 2 else 0)
        grant = granted(track, fan)
        Client().get(grant["url"])
        later(20)
        assert told(track, grant["play_token"], fan).json()["counted"] is True
        assert counts(track) == expected


def test_half_of_a_short_piece_is_enough_and_no_less(track: Track, later: Later) -> None:
    """The preview is 30 s long, so 15 s of it count."""
    grant = granted(track)
    Client().get(grant["url"])
    assert grant["play_after_ms"] == 15_000
    later(14)
    refused(told(track, grant["play_token"]), "too_early", track)
    later(1.1)
    assert told(track, grant["play_token"]).json()["counted"] is True


def test_guests_are_told_apart_and_nobody_can_say_who_they_were(track: Track, later: Later) -> None:
    household = ("2001:db8::1", "2001:db8::2")
    guests: list[dict[str, Any]] = [
        {"REMOTE_ADDR": network} for network in ("198.51.100.7", "198.51.100.8", *household)
    ]
    grants = [(meta, granted(track, **meta)) for meta in guests]
    for _, grant in grants:
        Client().get(grant["url"])
    later(20)
    for meta, grant in grants:
        assert told(track, grant["play_token"], **meta).json()["counted"] is True
    assert counts(track) == 3
    for listener in Play.objects.values_list("listener", flat=True):
        assert listener.startswith("guest:")
        assert "198" not in listener.removeprefix("guest:")[:3]
    guest = plays.Listener(None, "198.51.100.7", BROWSER)
    assert guest.mark(date(2026, 1, 1)) != guest.mark(date(2026, 1, 2))


# --- attacks ------------------------------------------------------------------------------------


def test_a_token_of_another_track_counts_for_neither(track: Track, later: Later) -> None:
    other = published(artist_of(person("vera"), "Vera"), "Elsewhere").tracks.get()
    grant = granted(other)
    Client().get(grant["url"])
    later(20)
    answer = told(track, grant["play_token"])
    assert (answer.status_code, answer.json()["code"]) == (400, "play_token_invalid")
    assert counts(track) == counts(other) == 0


def test_a_token_of_another_listener_counts_for_neither(track: Track, later: Later) -> None:
    fan, thief = person("fan"), person("thief")
    grant = granted(track, fan)
    Client().get(grant["url"])
    later(20)
    refused(told(track, grant["play_token"], thief), "other_listener", track)
    refused(told(track, grant["play_token"]), "other_listener", track)
    guest = granted(track, REMOTE_ADDR="198.51.100.7")
    Client().get(guest["url"])
    later(20)
    stolen = told(track, guest["play_token"], REMOTE_ADDR="203.0.113.9")
    refused(stolen, "other_listener", track)
    browser: dict[str, Any] = {
        "REMOTE_ADDR": "198.51.100.7",
        "HTTP_USER_AGENT": "Mozilla/5.0 Firefox",
    }
    refused(told(track, guest["play_token"], **browser), "other_listener", track)


def test_told_too_early_nothing_counts(track: Track) -> None:
    grant = granted(track)
    Client().get(grant["url"])
    refused(told(track, grant["play_token"]), "too_early", track)


def test_told_too_late_nothing_counts(track: Track, later: Later) -> None:
    grant = granted(track)
    Client().get(grant["url"])
    later(plays.TOKEN_SECONDS + 1)
    refused(told(track, grant["play_token"]), "expired", track)


def test_without_the_sound_nothing_counts(track: Track, later: Later) -> None:
    """Not asked for, only looked at, or a taste of it; another link's bytes do not help."""
    grant, other = granted(track), granted(track)
    later(20)
    refused(told(track, grant["play_token"]), "not_heard", track)
    Client().head(grant["url"])
    Client().get(grant["url"], headers={"Range": "bytes=0-1"})
    Client().get(other["url"])
    refused(told(track, grant["play_token"]), "not_heard", track)


@pytest.mark.parametrize(
    "agent",
    ["", "curl/8.5", "python-httpx/0.28", "Googlebot/2.1 (+http://www.google.com/bot.html)",
     "Mozilla/5.0 HeadlessChrome/140", "TelegramBot (like TwitterBot)"],
)  # fmt: skip
def test_programs_that_say_so_count_nothing(track: Track, later: Later, agent: str) -> None:
    client = people.api(None, HTTP_USER_AGENT=agent)
    grant = client.get(f"/api/v1/tracks/{track.pk}/stream").json()
    Client().get(grant["url"])
    later(20)
    refused(told(track, grant["play_token"], HTTP_USER_AGENT=agent), "bot", track)


def test_a_phone_whose_maker_is_called_cubot_is_no_program() -> None:
    phone = "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG) Chrome/140 Mobile Safari/537"
    assert not plays.Listener(None, "192.0.2.1", phone).is_bot


def test_a_forged_token_is_refused(track: Track) -> None:
    token = granted(track)["play_token"]
    for forged in ("x", token[:-1] + ("A" if token[-1] != "A" else "B"), "a:b:c", "é" * 30,
                   signing.dumps(["x"], salt="catalog.plays"),
                   signing.dumps([1] * 7, salt="other")):  # fmt: skip
        answer = told(track, forged)
        assert (answer.status_code, answer.json()["code"]) == (400, "play_token_invalid"), forged
    assert told(track, "x" * 700).status_code == 400
    assert counts(track) == 0


@pytest.mark.django_db(transaction=True)
def test_a_thousand_at_once_count_once(track: Track, later: Later) -> None:
    fan = person("fan")
    listener = plays.Listener(fan, "192.0.2.1", BROWSER)
    grant = granted(track, fan)
    Client().get(grant["url"])
    later(20)

    def tell(_: int) -> list[plays.Reason]:
        try:
            return [
                play_record(track=track.pk, token=grant["play_token"], listener=listener)
                for _ in range(125)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for told in pool.map(tell, range(8)) for answer in told]
    assert len(answers) == 1000
    assert set(answers) == {plays.Reason.COUNTED}
    assert counts(track) == 1


def test_plays_stay_for_ever(track: Track) -> None:
    Play.objects.create(track=track, listener="user:1", day=datetime.now(UTC).date())
    for change in (Play.objects.all().delete, lambda: Play.objects.update(whole=True)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Play.objects.filter(whole=False).count() == 1


def test_without_redis_a_play_is_lost_and_the_music_is_not(
    track: Track, later: Later, settings: Settings
) -> None:
    grant = granted(track)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert Client().get(grant["url"]).status_code == 200
    later(20)
    assert play_record(
        track=track.pk, token=grant["play_token"],
        listener=plays.Listener(None, "127.0.0.1", BROWSER),
    ) == plays.Reason.NOT_HEARD  # fmt: skip
    assert not PlayCount.objects.exists()
