"""Several people and one playlist: roles, invitations, the log, and all of them at once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts.models import User
from catalog import services
from catalog.models import Playlist, PlaylistEdit, PlaylistEntry, PlaylistInvitation
from core.live.topics import may_hear
from tests import people
from tests.catalog import lists
from tests.catalog.test_playlists import at
from tests.payments.races import together

pytestmark = pytest.mark.django_db


def invite(client: APIClient, made: Playlist, role: str = "editor") -> str:
    token: str = client.put(at(made, "playlist-invitation"), {"role": role}).json()["token"]
    return token


def door(token: str) -> str:
    return reverse("playlist-invited", kwargs={"token": token})


def test_an_invitation_shows_what_it_is_and_makes_a_member(fan: User, collector: User) -> None:
    song = lists.track().pk
    made = lists.playlist(fan, song)
    token = invite(people.api(fan), made)
    told = people.api().get(door(token)).json()
    assert (told["title"], told["owner"], told["role"]) == ("Late ferries", "Fan", "editor")
    assert (told["tracks"], told["joined"]) == (1, False)
    assert people.api().post(door(token)).status_code == 401
    friend = people.api(collector)
    for _ in range(2):
        assert friend.post(door(token)).json()["role"] == "editor"
    assert made.members.count() == 2
    assert friend.get(door(token)).json()["joined"] is True
    assert may_hear(collector, f"playlist:{made.pk}") == ""
    (card,) = friend.get(reverse("playlist-list")).json()["results"]
    assert (card["id"], card["role"]) == (str(made.pk), "editor")


def test_one_link_at_a_time_the_same_while_it_is_good(fan: User, collector: User) -> None:
    made = lists.playlist(fan)
    owner = people.api(fan)
    token = invite(owner, made)
    assert invite(owner, made) == token
    other = invite(owner, made, "viewer")
    assert other != token
    assert people.api(collector).post(door(token)).status_code == 404
    assert owner.get(at(made, "playlist-invitation")).json()["token"] == other
    for _ in range(2):
        assert owner.delete(at(made, "playlist-invitation")).status_code == 204
    assert owner.get(at(made, "playlist-invitation")).status_code == 404
    answer = people.api(collector).post(door(other))
    assert (answer.status_code, answer.json()["code"]) == (404, "invitation_over")
    assert made.members.count() == 1


def test_an_invitation_ends_by_itself(fan: User, collector: User) -> None:
    made = lists.playlist(fan)
    token = invite(people.api(fan), made)
    PlaylistInvitation.objects.update(
        created_at=timezone.now() - timedelta(days=8), expires_at=timezone.now()
    )
    assert people.api(collector).post(door(token)).status_code == 404
    assert made.members.count() == 1
    assert invite(people.api(fan), made) != token


def test_editors_change_what_is_in_it_and_viewers_nothing(
    fan: User, collector: User, stranger: User
) -> None:
    first, second = lists.tracks(2)
    made = lists.playlist(fan, first)
    lists.share(made, collector, "editor")
    lists.share(made, stranger, "viewer")
    entry = made.entries.get().pk
    writes = (
        ("post", at(made, "playlist-entries"), {"tracks": [second]}),
        ("patch", at(made, "playlist-entry", entry=entry), {"after": None}),
        ("patch", at(made), {"title": "Mine"}),
        ("delete", at(made, "playlist-entry", entry=entry), None),
    )
    viewer = people.api(stranger)
    assert viewer.get(at(made)).json()["role"] == "viewer"
    refused = [getattr(viewer, verb)(address, body) for verb, address, body in writes]
    assert {answer.status_code for answer in refused} == {403}
    assert {answer.json()["code"] for answer in refused} == {"playlist_forbidden"}
    made.refresh_from_db()
    assert (made.title, lists.order(made)) == ("Late ferries", [first])
    editor = people.api(collector)
    taken = [getattr(editor, verb)(address, body) for verb, address, body in writes]
    assert [answer.status_code for answer in taken] == [201, 200, 200, 200]
    owners = (
        ("patch", at(made), {"visibility": "public"}),
        ("put", at(made, "playlist-invitation"), {"role": "viewer"}),
        ("post", at(made, "playlist-link"), None),
        ("delete", at(made), None),
    )
    answers = [getattr(editor, verb)(address, body) for verb, address, body in owners]
    assert {answer.status_code for answer in answers} == {403}
    made.refresh_from_db()
    assert (made.visibility, made.deleted_at) == ("private", None)


def test_to_a_stranger_a_private_playlist_is_none(fan: User, stranger: User) -> None:
    song = lists.track().pk
    made = lists.playlist(fan, song)
    before = made.version
    entry, member = made.entries.get().pk, made.members.get().pk
    client = people.api(stranger)
    answers = [
        client.get(at(made)),
        client.patch(at(made), {"title": "Mine"}),
        client.delete(at(made)),
        client.post(at(made, "playlist-entries"), {"tracks": [song]}),
        client.patch(at(made, "playlist-entry", entry=entry), {"after": None}),
        client.delete(at(made, "playlist-entry", entry=entry)),
        client.get(at(made, "playlist-members")),
        client.patch(at(made, "playlist-member", member=member), {"role": "viewer"}),
        client.delete(at(made, "playlist-member", member=member)),
        client.get(at(made, "playlist-invitation")),
        client.put(at(made, "playlist-invitation"), {"role": "editor"}),
        client.delete(at(made, "playlist-invitation")),
        client.post(at(made, "playlist-link")),
        client.get(at(made, "playlist-log")),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert may_hear(stranger, f"playlist:{made.pk}") == "forbidden"
    made.refresh_from_db()
    assert (made.version, made.members.count()) == (before, 1)


def test_an_entry_belongs_to_its_own_playlist_alone(fan: User, stranger: User) -> None:
    song = lists.track().pk
    theirs, mine = lists.playlist(fan, song), lists.playlist(stranger, song)
    entry = theirs.entries.get()
    client = people.api(stranger)
    moved = client.patch(at(mine, "playlist-entry", entry=entry.pk), {"after": None})
    client.delete(at(mine, "playlist-entry", entry=entry.pk))
    assert moved.status_code == 404
    assert PlaylistEntry.objects.filter(pk=entry.pk).exists()


def test_members_get_another_role_are_sent_away_or_leave(
    fan: User, collector: User, stranger: User
) -> None:
    made = lists.playlist(fan)
    lists.share(made, collector)
    lists.share(made, stranger)
    owner, editor = people.api(fan), people.api(collector)
    rows = owner.get(at(made, "playlist-members")).json()["results"]
    assert [(row["name"], row["role"], row["you"]) for row in rows] == [
        ("Fan", "owner", True),
        ("Collector", "editor", False),
        ("Stranger", "editor", False),
    ]
    mine, theirs, other = (at(made, "playlist-member", member=row["id"]) for row in rows)
    assert editor.delete(other).status_code == 403
    assert editor.patch(other, {"role": "viewer"}).status_code == 403
    assert owner.delete(mine).json()["code"] == "member_is_owner"
    assert made.members.count() == 3
    assert owner.patch(other, {"role": "viewer"}).status_code == 200
    assert owner.delete(other).status_code == 204
    assert editor.delete(theirs).status_code == 204
    assert editor.get(at(made)).status_code == 404
    assert made.members.get().user == fan


def test_the_log_tells_members_who_did_what(fan: User, collector: User, stranger: User) -> None:
    song = lists.track()
    made = lists.playlist(fan, visibility="public")
    lists.share(made, collector)
    friend = people.api(collector)
    friend.post(at(made, "playlist-entries"), {"tracks": [song.pk]})
    friend.patch(at(made), {"title": "Early ferries"})
    rows = friend.get(at(made, "playlist-log")).json()["results"]
    assert [(row["by"], row["kind"], row["track"]) for row in rows] == [
        ("Collector", "renamed", ""),
        ("Collector", "added", song.title),
        ("Collector", "joined", ""),
        ("Fan", "invited", ""),
        ("Fan", "created", ""),
    ]
    assert people.api(stranger).get(at(made, "playlist-log")).status_code == 403
    assert people.api(stranger).get(at(made)).json()["entries"][0]["added_by"] == ""


def test_who_watches_hears_only_that_it_changed(
    fan: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    made = lists.playlist(fan)
    events: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "core.live.topics._send", lambda topic, event: events.append((topic, event))
    )
    with django_capture_on_commit_callbacks(execute=True):
        services.playlist_update(user=fan, playlist=made.pk, title="Early ferries")
        assert events == []
    topic = f"playlist:{made.pk}"
    assert [event for to, event in events if to == topic] == [
        f'{{"type":"event","topic":"{topic}","name":"playlist.changed","data":{{"version":2}}}}'
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_move_at_the_same_moment_lose_nothing() -> None:
    fan, collector = people.person("fan"), people.person("collector")
    songs = lists.tracks(5)
    made = lists.playlist(fan, *songs)
    lists.share(made, collector)
    keys = list(made.entries.order_by("rank").values_list("pk", flat=True))
    made.refresh_from_db()
    before = made.version

    def move(user: User, entry: UUID, after: UUID) -> None:
        services.entry_move(
            user=user, playlist=made.pk, entry=entry, place=services.Place(after=after)
        )

    jobs = [
        partial(move, fan, keys[0], keys[4]),
        partial(move, collector, keys[1], keys[4]),
        partial(move, fan, keys[2], keys[4]),
        partial(move, collector, keys[3], keys[4]),
    ]
    for _ in range(3):
        assert together(*jobs) == [None] * 4
        assert sorted(lists.order(made)) == sorted(songs)
        assert made.entries.values("rank").distinct().count() == 5
    moved = PlaylistEdit.objects.filter(playlist=made, kind="moved").count()
    made.refresh_from_db()
    assert made.version - before == moved >= 4


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_at_the_same_moment_add_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("catalog.services.entries.MAX_ENTRIES", 3)
    fan, collector = people.person("fan"), people.person("collector")
    songs = lists.tracks(3)
    made = lists.playlist(fan)
    lists.share(made, collector)

    def add(user: User) -> int:
        return len(services.entries_add(user=user, playlist=made.pk, tracks=songs).entries)

    assert sorted(together(partial(add, fan), partial(add, collector))) == [0, 3]
    assert lists.order(made) == songs
