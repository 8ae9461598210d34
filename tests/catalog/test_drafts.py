"""An artist's way from an empty draft to a published release, page by page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from catalog import services
from catalog.media.models import Asset, Pin, Recording, Step, Upload
from catalog.media.services import upload_receive
from catalog.models import Artist, Release
from catalog.services.uploads import title_of
from core.errors import ApplicationError
from core.models import AuditRecord
from core.outbox.models import OutboxEvent
from tests.catalog import drafts
from tests.catalog.people import artist_of, published
from tests.people import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(artist: User) -> Artist:
    return artist_of(artist)


@pytest.fixture
def browser(artist: User) -> Client:
    return pages(artist)


# --- what may be changed, and until when ---------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("03 - first_crossing.wav", "first crossing"),
        ("01 Dawn.flac", "Dawn"),
        ("7 rings.mp3", "7 rings"),
        ("no extension", "no extension"),
        (".wav", ".wav"),
        ("12.wav", "12"),
        ("x" * 300 + ".wav", "x" * 120),
    ],
)
def test_a_track_is_named_after_its_file(name: str, title: str) -> None:
    assert title_of(name) == title


@pytest.mark.parametrize(
    ("title", "position", "after"),
    [
        ("One", 3, ["Two", "Three", "One"]),
        ("Three", 1, ["Three", "One", "Two"]),
        ("Two", 2, ["One", "Two", "Three"]),
        ("Two", 99, ["One", "Three", "Two"]),
        ("Two", 0, ["Two", "One", "Three"]),
    ],
)
def test_tracks_change_places(page: Artist, title: str, position: int, after: list[str]) -> None:
    release = drafts.three(page)
    services.track_move(actor=page.owner, track=release.tracks.get(title=title), position=position)
    assert drafts.order(release) == list(enumerate(after, start=1))


def test_a_removed_track_takes_its_upload_along(
    page: Artist,
    media_root: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    release = drafts.three(page)
    with django_capture_on_commit_callbacks(execute=True):
        services.track_remove(actor=page.owner, track=release.tracks.get(title="Two"))
    assert drafts.order(release) == [(1, "One"), (2, "Three")]
    assert Recording.objects.count() == 2
    assert Upload.objects.get(filename="Two.wav").state == "cancelled"
    assert len([one for one in media_root.rglob("uploads/*/*") if one.is_file()]) == 2


def test_a_track_whose_file_was_taken_in_is_given_up(page: Artist) -> None:
    release = drafts.full(page)
    track = release.tracks.get(position=3)
    services.track_remove(actor=page.owner, track=track)
    recording = Recording.objects.get(pk=track.recording_id)
    assert (recording.state, recording.reason) == ("refused", "removed")
    assert [position for position, _ in drafts.order(release)] == [1, 2, 3, 4, 5, 6]


def test_files_of_a_removed_track_are_kept_no_longer(page: Artist) -> None:
    release = drafts.full(page)
    track, other = release.tracks.get(position=1), release.tracks.get(position=3).recording
    preview, master = track.recording.preview, track.recording.master
    assert preview is not None
    assert master is not None
    for asset in (preview, master):
        Pin.objects.create(asset=asset, service="node", state=Pin.State.PINNED)
    Recording.objects.filter(pk=other.pk).update(master=master)
    services.track_remove(actor=page.owner, track=track)
    assert Pin.objects.get(asset=preview).state == Pin.State.LEAVING
    assert Pin.objects.get(asset=master).state == Pin.State.PINNED  # another track has it too


def test_who_hears_all_of_it_is_decided_before_the_file_is_here(page: Artist) -> None:
    release = drafts.empty(page)
    track = drafts.arriving(release, "One.wav")
    assert track.recording.key is not None
    services.track_update(
        actor=page.owner, track=track, title="One", isrc="ru-a12-26-00001", access=Asset.Access.OPEN
    )
    track = release.tracks.select_related("recording").get()
    assert (track.recording.access, track.recording.key, track.isrc) == (
        "open", None, "RUA122600001",
    )  # fmt: skip
    Upload.objects.update(state="received")
    with pytest.raises(ApplicationError, match="recording_stored"):
        services.track_update(
            actor=page.owner, track=track, title="Uno", isrc="", access=Asset.Access.HOLDERS
        )
    track.refresh_from_db()
    assert (track.title, track.recording.access) == ("One", "open")


def test_a_new_place_for_the_preview_has_it_made_anew(page: Artist) -> None:
    track = drafts.full(page).tracks.get(position=1)
    services.track_preview_move(actor=page.owner, track=track, start_ms=61_000)
    recording = Recording.objects.get(pk=track.recording_id)
    assert (recording.preview_start_ms, recording.state) == (61_000, "ready")
    assert recording.steps.get(name="preview").state == Step.State.WAITING
    event = OutboxEvent.objects.get(topic="media.recording_work")
    assert event.payload == {"recording": str(recording.pk)}
    for start in (-1, 174_001):
        with pytest.raises(ApplicationError, match="preview_out_of_range"):
            services.track_preview_move(actor=page.owner, track=track, start_ms=start)
    assert OutboxEvent.objects.filter(topic="media.recording_work").count() == 1


def test_what_failed_is_tried_again_and_nothing_else_is(page: Artist) -> None:
    release = drafts.full(page)
    services.track_retry(actor=page.owner, track=release.tracks.get(position=6))
    recording = release.tracks.get(position=6).recording
    assert recording.state == "working"
    assert not recording.steps.filter(state="failed").exists()
    for position in (1, 2, 3, 4, 5, 7):
        with pytest.raises(ApplicationError, match="recording_not_failed"):
            services.track_retry(actor=page.owner, track=release.tracks.get(position=position))
    assert OutboxEvent.objects.filter(topic="media.recording_work").count() == 1


def test_a_published_release_stays_as_it_is(page: Artist) -> None:
    release = published(page)
    track, before = release.tracks.get(), AuditRecord.objects.count()
    owner = page.owner
    for attempt in (
        lambda: services.release_update(
            actor=owner, release=release, title="X", description="", genre=""
        ),
        lambda: services.track_update(actor=owner, track=track, title="X", isrc=""),
        lambda: services.track_move(actor=owner, track=track, position=2),
        lambda: services.track_remove(actor=owner, track=track),
        lambda: services.track_preview_move(actor=owner, track=track, start_ms=1000),
        lambda: services.track_upload_begin(
            actor=owner, release=release, filename="a.wav", length=9
        ),
        lambda: services.cover_upload_begin(
            actor=owner, release=release, filename="a.png", length=9
        ),
    ):
        with pytest.raises(ApplicationError, match="release_published"):
            attempt()
    assert (Upload.objects.count(), AuditRecord.objects.count()) == (0, before)
    assert drafts.order(release) == [(1, "First Crossing")]


def test_a_person_has_a_bounded_number_of_pages(artist: User) -> None:
    for number in range(services.artists.MAX_ARTISTS):
        artist_of(artist, f"Band {number}")
    with pytest.raises(ApplicationError, match="too_many_artists"):
        artist_of(artist, "One more")
    assert Artist.objects.count() == services.artists.MAX_ARTISTS


# --- covers --------------------------------------------------------------------------------------


def sent_cover(release: Release, data: bytes) -> Upload:
    begun = services.cover_upload_begin(
        actor=release.artist.owner, release=release, filename="cover.png", length=len(data)
    )
    file = SimpleUploadedFile("cover.png", data)
    return upload_receive(upload=begun, offset=0, data=file)


def test_a_cover_that_arrived_is_hung(page: Artist) -> None:
    release = drafts.empty(page)
    upload = sent_cover(release, drafts.picture())
    event = OutboxEvent.objects.get(topic="catalog.cover_take")
    assert event.payload == {"upload": str(upload.pk), "release": str(release.pk)}
    assert services.cover_take(upload=upload)
    assert not services.cover_take(upload=Upload.objects.get(pk=upload.pk))
    release.refresh_from_db()
    upload.refresh_from_db()
    assert (release.cover is not None, upload.state) == (True, "taken")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"GIF89a" + b"x" * 99, "cover_unreadable"), (drafts.picture(99), "cover_too_small")],
)
def test_a_cover_that_is_none_is_refused_in_words(
    page: Artist, browser: Client, data: bytes, reason: str
) -> None:
    release = drafts.empty(page)
    upload = sent_cover(release, data)
    assert not services.cover_take(upload=upload)
    upload.refresh_from_db()
    release.refresh_from_db()
    assert (upload.state, upload.reason, release.cover) == ("refused", reason, None)
    answer = browser.get(reverse("portal-draft-cover", args=[release.pk]))
    assert re.search(r'role="alert">It (is too small|could not be read)', answer.text)


def test_a_second_cover_takes_the_place_of_one_on_its_way(page: Artist) -> None:
    release = drafts.empty(page)
    first, second = (
        services.cover_upload_begin(actor=page.owner, release=release, filename="a", length=9)
        for _ in range(2)
    )
    first.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "receiving")
