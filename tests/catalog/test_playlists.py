"""Playlists over the API: made, filled, put in order, opened and closed, deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from catalog import ranks, services
from catalog.media.selectors import asset_url
from catalog.models import Playlist, PlaylistEdit, PlaylistEntry, Track
from core.live.topics import may_hear
from tests import people
from tests.catalog import lists

pytestmark = pytest.mark.django_db


def at(made: Playlist | UUID, name: str = "playlist", **words: object) -> str:
    key = made.pk if isinstance(made, Playlist) else made
    return reverse(name, kwargs={"playlist": key, **words})


def shown(client: APIClient, made: Playlist | UUID) -> list[str]:
    return [entry["track"]["id"] for entry in client.get(at(made)).json()["entries"]]


def test_a_playlist_is_made_once_however_often_the_press_arrives(fan: User) -> None:
    client = people.api(fan)
    body = {"title": "  Late ferries ", "description": "For the way home"}
    answers = [
        client.post(reverse("playlist-list"), body, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    made = Playlist.objects.get()
    assert (made.title, made.visibility, made.owner) == ("Late ferries", "private", fan)
    (card,) = client.get(reverse("playlist-list")).json()["results"]
    assert card["id"] == answers[1].json()["id"]
    assert (card["tracks"], card["role"], card["owner"], card["link"]) == (0, "owner", "Fan", None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": "x", "description": "x" * 501}, "description"),
        ({"title": "x", "visibility": "everyone"}, "visibility"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(fan: User, body: Any, field: str) -> None:
    answer = people.api(fan).post(reverse("playlist-list"), body, headers={"Idempotency-Key": "x"})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Playlist.objects.exists()


def test_there_is_an_end_to_how_many_one_person_has(
    fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.services.playlists.MAX_PLAYLISTS", 1)
    lists.playlist(fan)
    answer = people.api(fan).post(
        reverse("playlist-list"), {"title": "One more"}, headers={"Idempotency-Key": "x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_playlists")
    assert Playlist.objects.count() == 1


def test_tracks_are_added_once_and_in_order(fan: User) -> None:
    first, second, third = lists.tracks(3)
    made = lists.playlist(fan, first)
    client = people.api(fan)
    answer = client.post(at(made, "playlist-entries"), {"tracks": [second, first, third]})
    assert answer.status_code == 201
    assert (len(answer.json()["entries"]), answer.json()["skipped"]) == (2, 1)
    assert shown(client, made) == [str(first), str(second), str(third)]
    again = client.post(at(made, "playlist-entries"), {"tracks": [third]}).json()
    assert (again["entries"], again["skipped"]) == ([], 1)
    assert again["version"] == answer.json()["version"]


def test_a_track_is_put_back_where_it_lay(fan: User) -> None:
    songs = lists.tracks(3)
    made = lists.playlist(fan, *songs)
    client = people.api(fan)
    before, gone, _ = client.get(at(made)).json()["entries"]
    for _ in range(2):
        answer = client.delete(at(made, "playlist-entry", entry=gone["id"]))
        assert answer.status_code == 200
    assert lists.order(made) == [songs[0], songs[2]]
    client.post(
        at(made, "playlist-entries"), {"tracks": [gone["track"]["id"]], "after": before["id"]}
    )
    assert lists.order(made) == songs


def test_a_track_that_is_none_adds_nothing(fan: User) -> None:
    song = lists.track().pk
    made = lists.playlist(fan)
    answer = people.api(fan).post(at(made, "playlist-entries"), {"tracks": [song, uuid4()]})
    assert (answer.status_code, answer.json()["code"]) == (404, "track_not_found")
    assert lists.order(made) == []


def test_a_full_playlist_takes_no_more(fan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.services.entries.MAX_ENTRIES", 2)
    songs = lists.tracks(3)
    made = lists.playlist(fan, *songs[:2])
    answer = people.api(fan).post(at(made, "playlist-entries"), {"tracks": songs[2:]})
    assert (answer.status_code, answer.json()["code"]) == (409, "playlist_full")
    assert lists.order(made) == songs[:2]


def test_tracks_are_moved_behind_another_or_first(fan: User) -> None:
    one, two, three = lists.tracks(3)
    made = lists.playlist(fan, one, two, three)
    keys = dict(made.entries.values_list("track_id", "id"))
    client = people.api(fan)

    def move(track: UUID, after: UUID | None) -> int:
        address = at(made, "playlist-entry", entry=keys[track])
        answer = client.patch(address, {"after": keys[after] if after else None})
        return answer.json()["version"] if answer.status_code == 200 else answer.status_code

    move(three, None)
    assert lists.order(made) == [three, one, two]
    version = move(three, one)
    assert lists.order(made) == [one, three, two]
    assert move(three, one) == version  # there already: nothing changed, nothing was logged
    assert move(one, one) == 404
    assert lists.order(made) == [one, three, two]


def test_ranks_are_given_anew_when_they_grow_long(
    fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "LONGEST", 6)
    songs = lists.tracks(4)
    made = lists.playlist(fan, *songs)
    for _ in range(40):  # the last always behind the first: the same gap, ever narrower
        first, *_, last = made.entries.order_by("rank")
        services.entry_move(
            user=fan, playlist=made.pk, entry=last.pk, place=services.Place(after=first.pk)
        )
    assert all(len(entry.rank) <= 6 for entry in made.entries.all())
    assert sorted(lists.order(made)) == sorted(songs)
    assert lists.order(made)[0] == songs[0]


def test_withdrawn_tracks_stay_and_say_so(fan: User, artist: User) -> None:
    songs = lists.tracks(2)
    made = lists.playlist(fan, *songs)
    release = Track.objects.get(pk=songs[0]).release
    services.release_withdraw(actor=artist, release=release, reason="mistake")
    page = people.api(fan).get(at(made)).json()
    assert [entry["available"] for entry in page["entries"]] == [False, True]
    assert page["entries"][0]["track"]["preview_url"] is None
    assert len(page["covers"]) == 1


def test_a_cover_is_a_mosaic_or_one_that_was_chosen(fan: User) -> None:
    songs = lists.tracks(5)
    made = lists.playlist(fan, *songs)
    client = people.api(fan)
    page = client.get(at(made)).json()
    (card,) = client.get(reverse("playlist-list")).json()["results"]
    expected = [
        asset_url(Track.objects.get(pk=song).release.cover.cid)  # type: ignore[union-attr]
        for song in songs[:4]
    ]
    assert page["covers"] == card["covers"] == expected
    last = page["entries"][4]
    chosen = client.patch(at(made), {"cover": last["id"]}).json()
    assert (chosen["covers"], chosen["cover_chosen"]) == ([last["release"]["cover"]["url"]], True)
    client.delete(at(made, "playlist-entry", entry=last["id"]))
    assert client.get(at(made)).json()["covers"] == expected
    assert client.patch(at(made), {"cover": last["id"]}).status_code == 404


def test_the_list_says_which_hold_a_track(fan: User) -> None:
    song, other = lists.tracks(2)
    lists.playlist(fan, song)
    lists.playlist(fan, other)
    rows = people.api(fan).get(reverse("playlist-list"), {"track": str(song)}).json()["results"]
    assert [row["holds"] for row in rows] == [False, True]


def test_who_may_see_it_is_the_owners_to_say(fan: User, stranger: User) -> None:
    made = lists.playlist(fan)
    client, other, nobody = people.api(fan), people.api(stranger), people.api()

    def seen(key: UUID) -> list[int]:
        return [who.get(at(key)).status_code for who in (other, nobody)]

    assert seen(made.pk) == seen(made.share_token) == [404, 404]
    link = UUID(client.patch(at(made), {"visibility": "unlisted"}).json()["link"])
    assert link == made.share_token
    assert (seen(made.pk), seen(link)) == ([404, 404], [200, 200])
    assert may_hear(None, f"playlist:{link}") == ""
    assert may_hear(None, f"playlist:{made.pk}") == "forbidden"
    renewed = UUID(client.post(at(made, "playlist-link")).json()["link"])
    assert (seen(link), seen(renewed)) == ([404, 404], [200, 200])
    assert client.patch(at(made), {"visibility": "public"}).json()["link"] == str(made.pk)
    assert seen(made.pk) == [200, 200]
    client.patch(at(made), {"visibility": "private"})
    assert seen(made.pk) == seen(renewed) == [404, 404]


def test_a_deleted_playlist_is_gone_and_only_its_log_stays(fan: User, stranger: User) -> None:
    made = lists.playlist(fan, lists.track().pk, visibility="public")
    assert people.api(stranger).delete(at(made)).status_code == 403
    client = people.api(fan)
    assert client.delete(at(made)).status_code == 204
    assert [client.get(at(made)).status_code, client.delete(at(made)).status_code] == [404, 404]
    assert client.get(reverse("playlist-list")).json()["results"] == []
    assert not PlaylistEntry.objects.exists()
    made.refresh_from_db()
    assert made.title == ""
    kinds = list(PlaylistEdit.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["created", "added", "deleted"]


def test_the_log_refuses_to_be_rewritten(fan: User) -> None:
    lists.playlist(fan)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        PlaylistEdit.objects.update(kind="deleted")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        PlaylistEdit.objects.all().delete()
    assert PlaylistEdit.objects.get().kind == "created"


def test_the_same_playlist_is_not_sent_twice(fan: User) -> None:
    made = lists.playlist(fan, lists.track().pk)
    client = people.api(fan)
    tag = client.get(at(made))["ETag"]
    assert client.get(at(made), headers={"If-None-Match": tag}).status_code == 304
    client.patch(at(made), {"title": "Early ferries"})
    assert client.get(at(made), headers={"If-None-Match": tag}).status_code == 200
