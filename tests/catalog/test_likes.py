"""Likes and follows: put and taken back any number of times, counted exactly, never by one row."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from catalog import services
from catalog.models import Artist, Follow, Like, LikeCount
from catalog.selectors import followers_of, likes_of
from core.errors import ApplicationError
from tests import people
from tests.catalog import lists
from tests.payments.races import together

pytestmark = pytest.mark.django_db


def test_a_like_twice_is_one_like(fan: User) -> None:
    track = lists.track()
    client = people.api(fan)
    address = reverse("track-like", kwargs={"track": track.pk})
    for _ in range(2):
        assert client.put(address).json() == {"liked": True, "likes": 1}
    for _ in range(2):
        assert client.delete(address).json() == {"liked": False, "likes": 0}
    assert likes_of([track.pk]) == {}


def test_likes_of_many_are_counted(fan: User, collector: User, stranger: User) -> None:
    track = lists.track()
    for who in (fan, collector, stranger):
        services.like_put(user=who, track=track.pk)
    services.like_drop(user=stranger, track=track.pk)
    assert likes_of([track.pk]) == {track.pk: 2}


def test_what_is_not_in_the_shop_cannot_be_liked_but_stays_and_may_go(
    fan: User, collector: User, artist: User
) -> None:
    track = lists.track()
    services.like_put(user=fan, track=track.pk)
    services.release_withdraw(actor=artist, release=track.release, reason="mistake")
    with pytest.raises(ApplicationError, match="track_not_found"):
        services.like_put(user=collector, track=track.pk)
    assert not Like.objects.filter(user=collector).exists()
    (row,) = people.api(fan).get(reverse("like-list")).json()["results"]
    assert (row["available"], row["track"]["preview_url"]) == (False, None)
    assert row["track"]["title"] == "First Crossing"
    assert services.like_drop(user=fan, track=track.pk)


def test_a_list_of_likes_is_ones_own_last_first(fan: User, collector: User) -> None:
    first, second, other = lists.tracks(3)
    for user, track in ((fan, first), (fan, second), (collector, other)):
        services.like_put(user=user, track=track)
    rows = people.api(fan).get(reverse("like-list"), {"limit": 1}).json()
    assert [row["track"]["id"] for row in rows["results"]] == [str(second)]
    rest = people.api(fan).get(reverse("like-list"), {"cursor": rows["next"]}).json()
    assert [row["track"]["id"] for row in rest["results"]] == [str(first)]
    assert rest["next"] is None


def test_follows_come_and_go(fan: User) -> None:
    artist = lists.artist()
    lists.track()
    client = people.api(fan)
    address = reverse("artist-follow", kwargs={"slug": artist.slug})
    for _ in range(2):
        assert client.put(address).json() == {"followed": True, "followers": 1}
    assert followers_of([artist.pk]) == {artist.pk: 1}
    (row,) = client.get(reverse("follow-list")).json()["results"]
    assert row["slug"] == artist.slug
    for _ in range(2):
        assert client.delete(address).json() == {"followed": False, "followers": 0}


def test_an_artists_page_tells_how_many_follow(fan: User) -> None:
    artist = lists.artist()
    lists.track()
    services.follow_put(user=fan, slug=artist.slug)
    page = people.api().get(reverse("artist-detail", kwargs={"slug": artist.slug}))
    assert page.json()["followers"] == 1


def test_a_hidden_artist_cannot_be_followed_anew(fan: User, collector: User) -> None:
    artist = lists.artist()
    services.follow_put(user=fan, slug=artist.slug)
    Artist.objects.update(status=Artist.Status.HIDDEN)
    with pytest.raises(ApplicationError, match="artist_not_found"):
        services.follow_put(user=collector, slug=artist.slug)
    assert not Follow.objects.filter(user=collector).exists()
    assert people.api(fan).get(reverse("follow-list")).json()["results"] == []
    services.follow_drop(user=fan, slug=artist.slug)
    assert not Follow.objects.exists()


def test_marks_say_what_is_the_callers(fan: User, collector: User) -> None:
    liked, other = lists.tracks(2)
    artist = lists.artist()
    services.like_put(user=fan, track=liked)
    services.like_put(user=collector, track=other)
    services.follow_put(user=fan, slug=artist.slug)
    asked = {"tracks": f"{liked},{other}", "artists": str(artist.pk)}
    answer = people.api(fan).get(reverse("marks"), asked)
    assert answer.json() == {"liked": [str(liked)], "followed": [str(artist.pk)]}
    same = people.api(fan).get(reverse("marks"), asked, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304


def test_marks_of_nonsense_are_refused(fan: User) -> None:
    answer = people.api(fan).get(reverse("marks"), {"tracks": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.django_db(transaction=True)
def test_a_song_that_many_like_in_the_same_instant_is_counted_exactly() -> None:
    track = lists.track().pk
    crowd = [people.person(f"fan{number}") for number in range(6)]

    def like(user: User) -> None:
        services.like_put(user=user, track=track)

    results = together(*(lambda who=who: like(who) for who in [*crowd, *crowd]))
    assert results == [None] * 12
    assert likes_of([track]) == {track: 6}
    assert LikeCount.objects.filter(track=track).count() > 1
