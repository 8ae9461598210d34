"""Publishing: what artists and staff may do, and that others change nothing."""

from __future__ import annotations

import io

import orjson
import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from guardian.shortcuts import assign_perm

from accounts.models import User
from catalog import selectors, services
from catalog.media.models import Asset
from catalog.media.services import recording_create
from catalog.models import Artist, Release, Track
from core.errors import ApplicationError
from core.ipfs.cid import cid_of
from core.models import AuditRecord
from tests.catalog.people import artist_of, draft, person, published, recording_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return person("artist")


@pytest.fixture
def stranger() -> User:
    return person("stranger")


@pytest.fixture
def artist(owner: User) -> Artist:
    return artist_of(owner)


def test_an_artist_of_any_alphabet_gets_a_readable_address(owner: User) -> None:
    names = ["Ночной Щегол", "Ночной Щегол", "Björk & Co.", "音楽"]
    slugs = [artist_of(owner, name).slug for name in names]
    assert slugs == ["nochnoy-shchegol", "nochnoy-shchegol-2", "bjork-co", "artist"]


def test_links_are_https_with_a_label(owner: User) -> None:
    with pytest.raises(ApplicationError, match="invalid"):
        services.artist_create(
            actor=owner, name="X", links=[{"label": "site", "url": "javascript:alert(1)"}]
        )
    assert not Artist.objects.exists()


def test_only_staff_make_a_page_for_somebody_else(owner: User, stranger: User) -> None:
    with pytest.raises(ApplicationError, match="forbidden"):
        services.artist_create(actor=stranger, name="X", owner=owner)
    assert not Artist.objects.exists()
    moderator = staff("moderator", "catalog.add_artist")
    assert services.artist_create(actor=moderator, name="X", owner=owner).owner == owner


def test_a_stranger_publishes_nothing_in_my_name(artist: Artist, stranger: User) -> None:
    release = draft(artist)
    before = AuditRecord.objects.count()
    for attempt in (
        lambda: services.release_create(actor=stranger, artist=artist, title="Fake"),
        lambda: services.release_publish(actor=stranger, release=release),
        lambda: services.release_withdraw(actor=stranger, release=release, reason=""),
        lambda: services.release_cover_set(actor=stranger, release=release, data=io.BytesIO()),
        lambda: services.artist_update(
            actor=stranger, artist=artist, name="Fake", bio="", links=[]
        ),
    ):
        with pytest.raises(ApplicationError, match="not_your_artist"):
            attempt()
    release.refresh_from_db()
    artist.refresh_from_db()
    assert (release.state, Release.objects.count(), artist.name) == ("draft", 1, "Nordlys")
    assert AuditRecord.objects.count() == before


def test_a_member_of_the_team_publishes(artist: Artist, stranger: User) -> None:
    assign_perm("catalog.manage_artist", stranger, artist)
    member = User.objects.get(pk=stranger.pk)
    release = services.release_publish(actor=member, release=draft(artist))
    assert release.state == Release.State.PUBLISHED
    assert list(selectors.artists_managed(member)) == [artist]
    assert [row.pk for row in selectors.releases_managed(member)] == [release.pk]


def test_published_metadata_is_json_under_its_own_cid(artist: Artist) -> None:
    release = published(artist)
    assert release.metadata is not None
    raw = default_storage.open(release.metadata.storage_name).read()
    assert str(cid_of([raw])) == release.metadata.cid
    document = orjson.loads(raw)
    track = release.tracks.get()
    assert release.cover is not None
    master, preview = track.recording.master, track.recording.preview
    assert master is not None
    assert preview is not None
    assert document["name"] == "Harbour Lights"
    assert document["image"] == f"ipfs://{release.cover.cid}"
    assert document["audio_url"] == f"ipfs://{preview.cid}"
    assert document["tracks"][0]["master"] == {
        "cid": master.cid,
        "sha256": master.sha256,
    }
    traits = {pair["trait_type"]: pair["value"] for pair in document["attributes"]}
    assert traits["Artist"] == "Nordlys"
    assert traits["ISRC"] == "RUA122600001"
    assert "Edition" not in traits


def test_publishing_twice_changes_nothing(artist: Artist, owner: User) -> None:
    first = published(artist)
    again = services.release_publish(actor=owner, release=first)
    assert (again.metadata, again.published_at) == (first.metadata, first.published_at)


def test_a_release_without_cover_or_tracks_is_not_published(artist: Artist, owner: User) -> None:
    bare = services.release_create(actor=owner, artist=artist, title="Bare")
    with pytest.raises(ApplicationError, match="cover_missing"):
        services.release_publish(actor=owner, release=bare)
    silent = draft(artist, "Silent")
    Track.objects.all().delete()
    with pytest.raises(ApplicationError, match="tracks_missing"):
        services.release_publish(actor=owner, release=silent)
    assert set(Release.objects.values_list("state", flat=True)) == {"draft"}


def test_a_published_release_takes_no_more_tracks(artist: Artist, owner: User) -> None:
    release = published(artist)
    late = recording_of(artist, "Late")
    with pytest.raises(ApplicationError, match="release_published"):
        services.track_add(actor=owner, release=release, title="Late", recording=late)
    assert release.tracks.count() == 1


def test_a_recording_belongs_to_one_track_of_its_artist(artist: Artist, owner: User) -> None:
    release, other = draft(artist), artist_of(owner, "Sørlys")
    used, foreign = release.tracks.get().recording, recording_of(other, "Elsewhere")
    for recording in (used, foreign):
        with pytest.raises(ApplicationError, match="recording_foreign"):
            services.track_add(actor=owner, release=release, title="X", recording=recording)
    assert release.tracks.count() == 1


def test_a_release_waits_for_its_recordings(artist: Artist, owner: User) -> None:
    release = draft(artist)
    waiting = recording_create(artist=artist.pk, access=Asset.Access.OPEN)
    services.track_add(actor=owner, release=release, title="Unheard", recording=waiting)
    with pytest.raises(ApplicationError, match="tracks_unready"):
        services.release_publish(actor=owner, release=release)
    release.refresh_from_db()
    assert release.state == Release.State.DRAFT


def test_a_title_fits_the_contract(artist: Artist, owner: User) -> None:
    with pytest.raises(ApplicationError, match="invalid"):
        services.release_create(actor=owner, artist=artist, title="ы" * 51)
    assert not Release.objects.exists()


def test_verification_is_for_moderators(artist: Artist, owner: User) -> None:
    with pytest.raises(ApplicationError, match="forbidden"):
        services.artist_verify(actor=owner, artist=artist, reason="It is me.")
    artist.refresh_from_db()
    assert artist.verified_at is None
    moderator = staff("moderator", "catalog.verify_artist")
    assert services.artist_verify(actor=moderator, artist=artist, reason="Call of 3 May")
    assert not services.artist_verify(actor=moderator, artist=artist, reason="again")
    records = AuditRecord.objects.filter(action="catalog.artist_verify")
    assert [record.reason for record in records] == ["Call of 3 May"]


def test_the_database_itself_refuses_a_hollow_publication(artist: Artist) -> None:
    release = services.release_create(actor=artist.owner, artist=artist, title="Hollow")
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="published")
