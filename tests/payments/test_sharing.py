"""Music in other chats: inline answers, prepared messages, links, against the local Bot API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from accounts.models import User
from catalog.models import Playlist
from core.inbox.models import InboxEvent
from deploy.local.sandbox.frame import Refuse
from nft.models import Collection
from referrals.start_param import start_param_parse
from tests import people
from tests.accounts.bot import SECRET, Bot
from tests.catalog.people import artist_of
from tests.nft import drops

pytestmark = pytest.mark.django_db
FAN = 7001


@pytest.fixture
def bot(settings: Settings) -> Iterator[Bot]:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    with Bot(token=settings.TELEGRAM_BOT_TOKEN, secret=SECRET) as bot:
        settings.TELEGRAM_API_URL = bot.url
        yield bot


@pytest.fixture
def drop(artist: User, settings: Settings, tmp_path: Any) -> Collection:
    settings.MEDIA_ROOT = str(tmp_path)
    return drops.live(artist_of(artist), "Night Train")


@pytest.fixture
def sharer(fan: User) -> User:
    User.objects.filter(pk=fan.pk).update(telegram_id=FAN)
    fan.refresh_from_db()
    return fan


def start_of(link: str) -> Any:
    return start_param_parse(link.partition("startapp=")[2])


def button_of(result: dict[str, Any]) -> str:
    return str(result["reply_markup"]["inline_keyboard"][0][0]["url"])


def test_words_after_the_bots_name_find_music_whose_link_carries_the_sharers_code(
    bot: Bot, drop: Collection, sharer: User
) -> None:
    title = drop.release.tracks.get().title
    answer = bot.act_inline(user=FAN, query=title[1] + title[0] + title[2:])  # a slip
    kinds = {one["id"][0] for one in answer["results"]}
    assert "t" in kinds
    found = next(one for one in answer["results"] if one["id"][0] == "t")
    opened = start_of(button_of(found))
    assert opened.track == drop.release.tracks.get().pk
    assert opened.code == sharer.referral_code.code
    assert answer["is_personal"] is True
    assert answer["button"]["web_app"]["url"].endswith("/app/")
    assert not InboxEvent.objects.exists()  # what somebody types is not kept


def test_without_words_it_answers_what_is_heard_most_and_goes_on_where_it_ended(
    bot: Bot, artist: User, settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    of = artist_of(artist)
    for title in ("One", "Two", "Three"):
        drops.live(of, title)
    monkeypatch.setattr("payments.inline.PAGE", 3)
    seen: list[str] = []
    offset = ""
    for _ in range(5):
        answer = bot.act_inline(user=FAN, offset=offset)
        seen += [one["id"] for one in answer["results"]]
        offset = answer["next_offset"]
        if not offset:
            break
    assert len(seen) == len(set(seen)) == 7  # an artist, three tracks, three releases


def test_a_stranger_shares_without_a_code_and_gets_nothing_for_nonsense(
    bot: Bot, drop: Collection
) -> None:
    found = bot.act_inline(user=1, query="night")["results"]
    assert found
    assert all(start_of(button_of(one)).code is None for one in found)
    assert bot.act_inline(user=1, query="qqqqzzzz")["results"] == []
    assert bot.act_inline(user=1, query="night", offset="'; DROP TABLE")["results"]


def test_who_types_too_fast_gets_an_empty_answer_and_no_error(
    bot: Bot, drop: Collection, settings: Settings
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "inline": (2, 60)}
    answers = [bot.act_inline(user=FAN, query="night") for _ in range(3)]
    assert [bool(one["results"]) for one in answers] == [True, True, False]


def test_what_was_picked_is_noted_once_and_nothing_else(bot: Bot, drop: Collection) -> None:
    found = bot.act_inline(user=FAN, query="night")["results"][0]
    bot.act_choose(user=FAN, result=found["id"])
    bot.again()
    assert InboxEvent.objects.get().state == "applied"
    assert bot.shared[0]["result"] == found


def share(user: User | None, what: str, key: object) -> Any:
    return people.api(user).post("/api/v1/share", {"what": what, "id": str(key)})


@pytest.mark.parametrize("what", ["drop", "release", "track", "artist"])
def test_everything_is_shared_by_a_prepared_message(
    bot: Bot, drop: Collection, sharer: User, what: str
) -> None:
    release = drop.release
    keys = {
        "drop": drop.pk, "release": release.pk,
        "track": release.tracks.get().pk, "artist": release.artist_id,
    }  # fmt: skip
    answer = share(sharer, what, keys[what]).json()
    assert start_of(answer["link"]).code == sharer.referral_code.code
    bot.act_share(user=FAN, message=answer["message"])
    (sent,) = bot.shared
    assert button_of(sent["result"]) == answer["link"]
    with pytest.raises(Refuse):
        bot.act_share(user=FAN + 1, message=answer["message"])  # it is nobody else's


def test_without_telegram_or_its_answer_the_link_is_left(
    bot: Bot, drop: Collection, fan: User, sharer: User
) -> None:
    bot.faults.unavailable = 1
    answer = share(sharer, "drop", drop.pk).json()
    assert (answer["message"], start_of(answer["link"]).drop) == (None, drop.pk)
    User.objects.filter(pk=sharer.pk).update(telegram_id=None)
    assert share(sharer, "drop", drop.pk).json()["message"] is None
    assert bot.prepared == {}


@pytest.mark.parametrize("what", ["drop", "track", "artist", "playlist", "item"])
def test_what_is_not_there_cannot_be_shared(bot: Bot, sharer: User, what: str) -> None:
    assert share(sharer, what, uuid4()).status_code == 404
    assert share(sharer, what, "no id").status_code == 404
    assert bot.prepared == {}


def test_a_private_playlist_is_not_shared_and_one_by_link_by_its_token(
    bot: Bot, sharer: User, stranger: User
) -> None:
    playlist = Playlist.objects.create(owner=sharer, title="Mine")
    playlist.members.create(user=sharer, role="owner")
    assert share(sharer, "playlist", playlist.pk).status_code == 404
    Playlist.objects.update(visibility="unlisted")
    answer = share(sharer, "playlist", playlist.pk).json()
    assert start_of(answer["link"]).playlist == playlist.share_token
    assert share(stranger, "playlist", playlist.pk).status_code == 404


def test_a_hidden_artist_is_neither_found_nor_shared(
    bot: Bot, drop: Collection, sharer: User
) -> None:
    artist = drop.release.artist
    artist.status = "hidden"
    artist.save(update_fields=["status"])
    assert share(sharer, "drop", drop.pk).status_code == 404
    assert share(sharer, "artist", artist.pk).status_code == 404
    assert bot.act_inline(user=FAN, query="night")["results"] == []


def test_the_setup_command_tells_telegram_everything(bot: Bot, settings: Settings) -> None:
    from django.core.management import call_command

    call_command("telegram_setup")
    names = [one["command"] for one in bot.commands[""]]
    wanted = {"start", "terms", "support", "paysupport", "settings", "stop"}
    assert wanted <= set(names)
    assert [one["command"] for one in bot.commands["ru"]] == names
    assert all(one["description"] for one in bot.commands["ru"])
    assert bot.menu_button["web_app"]["url"] == f"{settings.PUBLIC_URL}/app/"


@pytest.mark.parametrize("command", ["terms", "support", "paysupport", "settings", "stop", "start"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_command_answers_in_the_readers_language(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, command: str, language: str
) -> None:
    from deploy.local.sandbox import telegram

    person = {"id": FAN, "is_bot": False, "first_name": "Ada", "language_code": f"{language}-XX"}
    monkeypatch.setattr(telegram, "person_of", lambda number: person)
    bot.act_message(user=FAN, text=f"/{command}")
    text = bot.last(FAN)["text"]
    cyrillic = any("а" <= letter <= "я" for letter in text.lower())
    assert cyrillic is (language == "ru")
