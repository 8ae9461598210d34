"""What staff see of playlists, and what goes with an account."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from catalog import library_privacy, services
from catalog.models import Artist, Follow, Like, Playlist, PlaylistEntry, PlaylistMember
from catalog.selectors import followers_of, likes_of
from tests import people
from tests.catalog import lists
from tests.catalog.people import artist_of

pytestmark = pytest.mark.django_db


def test_staff_see_shared_playlists_and_no_private_ones(fan: User, moderator: User) -> None:
    song = lists.track()
    shown = lists.playlist(fan, song.pk, visibility="public")
    hidden = lists.playlist(fan, song.pk)
    desk = people.desk(moderator)
    listed = desk.get(reverse("admin:catalog_playlist_changelist")).content.decode()
    assert str(shown.pk) in listed
    assert str(hidden.pk) not in listed
    page = desk.get(reverse("admin:catalog_playlist_change", args=[shown.pk])).content.decode()
    assert song.title in page
    assert str(shown.share_token) not in page
    assert desk.get(reverse("admin:catalog_playlist_change", args=[hidden.pk])).status_code == 302
    log = desk.get(reverse("admin:catalog_playlistedit_changelist")).content.decode()
    assert log.count("Created") == 2  # the filter's word, and the shown playlist's row


def test_what_a_person_kept_is_given_out(fan: User, collector: User) -> None:
    song = lists.track()
    services.like_put(user=fan, track=song.pk)
    services.follow_put(user=fan, slug=lists.artist().slug)
    lists.playlist(fan, song.pk)
    lists.share(lists.playlist(collector), fan)
    told = library_privacy.export(fan.pk)
    assert [row["track__title"] for row in told["likes"]] == [song.title]
    assert [row["artist__name"] for row in told["follows"]] == ["Nordlys"]
    assert [row["tracks"] for row in told["playlists"]] == [[song.title]]
    assert [row["role"] for row in told["shared_with_me"]] == ["editor"]


def test_with_an_account_go_its_likes_follows_and_playlists(fan: User, collector: User) -> None:
    song = lists.track()
    artist = lists.artist()
    for who in (fan, collector):
        services.like_put(user=who, track=song.pk)
        services.follow_put(user=who, slug=artist.slug)
    page = artist_of(fan, "Nobody yet")
    services.follow_put(user=collector, slug=page.slug)
    lists.playlist(fan, song.pk)
    theirs = lists.playlist(collector)
    lists.share(theirs, fan)
    services.entries_add(user=fan, playlist=theirs.pk, tracks=[song.pk])
    library_privacy.erase(fan.pk)
    assert not Like.objects.filter(user=fan).exists()
    assert not Follow.objects.filter(user=fan).exists()
    assert (likes_of([song.pk]), followers_of([artist.pk])) == ({song.pk: 1}, {artist.pk: 1})
    assert not Playlist.objects.filter(owner=fan, deleted_at__isnull=True).exists()
    assert not PlaylistMember.objects.filter(user=fan).exists()
    assert PlaylistEntry.objects.get().added_by is None
    assert Artist.objects.filter(pk=page.pk).delete()[0] == 1
