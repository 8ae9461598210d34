"""Search, home, genres and pages of music over the API: shapes, order, filters, who sees what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from catalog.models import Artist, Follow, Play, PlayCount, Playlist, Release
from catalog.services import search_index, search_weigh
from nft.discovery_serializers import (
    ArtistDetailSerializer,
    FoundSerializer,
    GenreSerializer,
    HomeSerializer,
    ReleaseDetailSerializer,
    TrackDetailSerializer,
)
from nft.models import Collection
from tests import people
from tests.catalog.people import published
from tests.nft.drops import COIN, HOUR, address, artist, live, mint
from tests.nft.test_api import keys_match

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordlys() -> Artist:
    return artist()


def ask(path: str, user: User | None = None, **query: object) -> Any:
    response = people.api(user).get(f"/api/v1{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def names(page: dict[str, Any]) -> list[str]:
    """Kind and name of all that was found, in order."""
    return [
        f"{row['kind']} {row[row['kind']].get('title') or row[row['kind']]['name']}"
        for row in page["results"]
    ]


def test_a_slip_finds_all_kinds_as_the_schema_says(nordlys: Artist, fan: User) -> None:
    live(nordlys, "Привет")
    playlist = Playlist.objects.create(owner=fan, title="Привет, осень", visibility="public")
    search_index(playlists=[playlist.pk])
    for typed in ("привет", "privet", "превет"):
        page = ask("/search", q=typed)
        assert set(names(page)) == {"release Привет", "playlist Привет, осень"}
    page = ask("/search", q="nordlys")
    assert names(page)[0] == "artist Nordlys"
    assert set(names(page)) == {"artist Nordlys", "release Привет", "track First Crossing"}
    for row in page["results"]:
        assert set(row) == set(FoundSerializer().fields)
        keys_match(FoundSerializer().fields[row["kind"]], row[row["kind"]])
    found = {row["kind"]: row for row in page["results"]}
    assert found["track"]["track"]["drop"]["price"] == {"asset": "TON", "amount": "2500000000"}
    assert found["track"]["track"]["release"]["title"] == "Привет"


def test_what_was_meant_comes_before_what_is_near(nordlys: Artist) -> None:
    live(artist("Rain"), "Umbrella")
    live(nordlys, "Rain")
    live(nordlys, "Rainbow Bridge")
    live(nordlys, "Heavy Rain")
    live(nordlys, "Train Home")
    heard = Release.objects.get(title="Heavy Rain").tracks.get()
    PlayCount.objects.create(track=heard, plays=10**6)
    search_weigh()
    found = [name for name in names(ask("/search", q="rain", limit=50)) if "First" not in name]
    assert found[:4] == [
        "artist Rain",
        "release Rain",
        "release Rainbow Bridge",
        "release Heavy Rain",
    ]
    assert "release Umbrella" in found[4:]


def test_a_single_letter_finds_what_is_heard_most(nordlys: Artist) -> None:
    for title in ("Rain", "River", "Sun"):
        live(nordlys, title)
    found = names(ask("/search", q="r", kind="release"))
    assert set(found) == {"release Rain", "release River"}


def test_filters_by_kind_genre_sale_price_and_artist(nordlys: Artist) -> None:
    cheap = live(nordlys, "Cheap", price=COIN)
    live(nordlys, "Dear", price=9 * COIN)
    live(nordlys, "Coming", starts_at=timezone.now() + 99 * HOUR)
    gone = live(nordlys, "Gone", max_supply=3)
    mint(gone, 3, address("fan"))
    unsold = published(nordlys, "Unsold")
    other = artist("Other")
    live(other, "Theirs")
    Release.objects.filter(artist=other).update(genre="Dub  Techno")
    search_index(artists=[other.pk])

    def releases(**query: object) -> set[str]:
        return {name[8:] for name in names(ask("/search", kind="release", **query))}

    assert releases() == {"Cheap", "Dear", "Coming", "Gone", "Unsold", "Theirs"}
    assert releases(on_sale="true") == {"Cheap", "Dear", "Theirs"}
    assert releases(on_sale="true", price_max=COIN) == {"Cheap"}
    assert releases(price_max=5 * COIN // 2) == {"Cheap", "Coming", "Gone", "Theirs"}
    assert releases(genre="dub techno") == {"Theirs"}
    assert releases(artist="other", on_sale="1") == {"Theirs"}
    assert releases(q="unsold", on_sale="true") == set()
    assert names(ask("/search", kind="artist", on_sale="true", price_max=COIN)) == [
        "artist Nordlys"
    ]
    tracks = ask("/search", kind="track", on_sale="true", price_max=COIN)["results"]
    assert [row["track"]["drop"]["id"] for row in tracks] == [str(cheap.pk)]
    assert ask(f"/releases/{unsold.pk}")["drop"] is None


@pytest.mark.parametrize(
    "query", [{"kind": "song"}, {"on_sale": "maybe"}, {"price_max": "-1"}, {"price_max": "٣"},
              {"price_max": "9" * 30}, {"cursor": "x"}, {"limit": "0"}],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused(query: dict[str, str]) -> None:
    assert people.api().get("/api/v1/search", query).status_code == 400


@pytest.mark.parametrize("typed", ["", "'", "!", "& | :*", "'a':*", "x" * 5000, "🎵", "%"])
def test_odd_signs_find_nothing_odd(typed: str, nordlys: Artist) -> None:
    live(nordlys)
    page = ask("/search", q=typed)
    assert len(page["results"]) == {"": 3, "'a':*": 1}.get(typed, 0)


def test_pages_of_what_is_found_follow_without_gap_or_repeat(nordlys: Artist) -> None:
    for number in range(5):
        live(nordlys, f"Rain {number}")
    for query in ({"q": "rain"}, {"q": "r"}, {}):
        whole = [row["id"] for row in pages(limit=100, **query)]
        assert len(whole) == len(set(whole)) >= 5
        assert [row["id"] for row in pages(limit=2, **query)] == whole


def pages(**query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask("/search", **query, **cursor)
        found += [row[row["kind"]] for row in page["results"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def test_nothing_hidden_is_found_whatever_the_index_says(nordlys: Artist, fan: User) -> None:
    live(nordlys, "Rain")
    private = Playlist.objects.create(owner=fan, title="Rain alone", visibility="public")
    search_index(playlists=[private.pk])
    assert len(ask("/search", q="rain")["results"]) == 2
    Artist.objects.filter(pk=nordlys.pk).update(status="hidden")
    Playlist.objects.filter(pk=private.pk).update(visibility="private")
    track = Release.objects.get().tracks.get()
    assert ask("/search", q="rain")["results"] == []
    assert ask("/search")["results"] == []
    assert ask("/home")["trending"] == ask("/home")["fresh"] == []
    for path in (f"/tracks/{track.pk}", f"/releases/{track.release_id}", "/artists/nordlys"):
        assert people.api().get(f"/api/v1{path}").status_code == 404


def test_home_has_shelves_for_everyone_and_more_for_the_signed_in(
    nordlys: Artist, fan: User
) -> None:
    now = timezone.now()
    fresh = live(nordlys, "Fresh")
    live(nordlys, "Later", starts_at=now + 9 * HOUR)
    live(nordlys, "Sooner", starts_at=now + HOUR)
    followed = live(artist("Followed"), "Theirs")
    Follow.objects.create(user=fan, artist=followed.release.artist)
    play(fresh, "user:x", days_ago=0)
    for listener in ("guest:a", "guest:b"):
        play(followed, listener, days_ago=6)
    play(followed, "guest:c", days_ago=9)
    play(followed, f"user:{fan.pk}", days_ago=20)
    told = ask("/home")
    keys_match(HomeSerializer(), told)
    assert {drop["release"]["title"] for drop in told["fresh"]} == {"Fresh", "Theirs"}
    assert [drop["release"]["title"] for drop in told["upcoming"]] == ["Sooner", "Later"]
    # One play of today outweighs two of a week ago; those of before count no more.
    assert [track["release"]["title"] for track in told["trending"]] == ["Fresh", "Theirs"]
    assert told["followed"] == told["listened"] == []
    mine = ask("/home", fan)
    assert [drop["release"]["title"] for drop in mine["followed"]] == ["Theirs"]
    assert [track["release"]["title"] for track in mine["listened"]] == ["Theirs"]
    assert mine["fresh"] == told["fresh"]


def play(drop: Collection, listener: str, *, days_ago: int) -> None:
    cache.clear()  # what is trending is kept for two minutes
    day = timezone.now().date() - timedelta(days=days_ago)
    Play.objects.create(track=drop.release.tracks.get(), listener=listener, day=day)


def test_home_is_public_by_etag_and_a_persons_own_is_not(nordlys: Artist, fan: User) -> None:
    live(nordlys)
    first = people.api().get("/api/v1/home")
    assert first["Cache-Control"] == "public, no-cache"
    again = people.api(HTTP_IF_NONE_MATCH=first["ETag"]).get("/api/v1/home")
    assert (again.status_code, again.content) == (304, b"")
    mine = people.api(fan).get("/api/v1/home")
    assert mine["Cache-Control"] == "private, no-cache"
    assert {"Authorization"} <= {word.strip() for word in mine["Vary"].split(",")}


def test_genres_are_one_however_they_are_written(nordlys: Artist) -> None:
    for title, genre in (("One", "Ambient"), ("Two", "ambient"), ("Three", "Эмбиент")):
        live(nordlys, title)
        Release.objects.filter(title=title).update(genre=genre)
    search_index(artists=[nordlys.pk])
    told = ask("/genres")["results"]
    for genre in told:
        keys_match(GenreSerializer(), genre)
    assert [(genre["key"], genre["releases"]) for genre in told] == [("ambient", 2), ("embient", 1)]


def test_the_pages_of_a_track_a_release_and_an_artist(nordlys: Artist) -> None:
    drop = live(nordlys, "Harbour Lights")
    mint(drop, 2, address("fan"))
    mint(drop, 1, address("collector"), first=2)
    track = drop.release.tracks.get()
    told = ask(f"/tracks/{track.pk}")
    keys_match(TrackDetailSerializer(), told)
    assert told["drop"]["supply"]["minted"] == 3
    assert [one["id"] for one in told["release"]["tracks"]] == [str(track.pk)]
    release = ask(f"/releases/{drop.release_id}")
    keys_match(ReleaseDetailSerializer(), release)
    assert release["drop"]["id"] == str(drop.pk)
    page = ask("/artists/nordlys")
    keys_match(ArtistDetailSerializer(), page)
    assert (page["collectors"], page["followers"]) == (2, 0)
    assert [one["title"] for one in page["top_tracks"]] == ["First Crossing"]
    assert [one["drop"]["id"] for one in page["releases"]] == [str(drop.pk)]


def test_a_page_of_everything_takes_six_queries(
    nordlys: Artist, fan: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        live(nordlys, f"Nordlys {number}")
        playlist = Playlist.objects.create(owner=fan, title="Nordlys", visibility="public")
        search_index(playlists=[playlist.pk])
    with django_assert_max_num_queries(6):
        page = ask("/search", q="nordlis", limit=50, price_max="")
    assert {row["kind"] for row in page["results"]} == {"artist", "release", "track", "playlist"}
