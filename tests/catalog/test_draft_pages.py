"""A draft's pages: what they say in every state, and where they lead."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from catalog import services
from catalog.media.models import Recording, Upload
from catalog.models import Artist, Release, Track
from tests.catalog import drafts
from tests.catalog.people import artist_of, draft
from tests.people import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(artist: User) -> Artist:
    return artist_of(artist)


@pytest.fixture
def browser(artist: User) -> Client:
    return pages(artist)


def test_somebody_new_gets_a_page_and_a_draft(browser: Client, artist: User) -> None:
    assert "Make an artist page" in browser.get("/portal/").text
    links = {"link-TOTAL_FORMS": 2, "link-INITIAL_FORMS": 0,
             "link-0-label": "Site", "link-0-url": "https://nordlys.example"}  # fmt: skip
    file = SimpleUploadedFile("me.png", drafts.picture(), "image/png")
    made = browser.post("/portal/artists/new", {"name": "Nordlys", "picture": file, **links})
    assert made.status_code == 302
    page = Artist.objects.get()
    assert (page.owner, page.links[0]["label"]) == (artist, "Site")
    assert page.picture is not None
    answer = browser.post(
        reverse("portal-release-new", args=[page.pk]), {"title": "Low Water", "genre": "Ambient"}
    )
    release = Release.objects.get()
    assert answer["Location"] == reverse("portal-draft", args=[release.pk])
    assert browser.get(reverse("portal-release", args=[release.pk]))["Location"].endswith("/draft")
    assert "No track yet" in browser.get(answer["Location"]).text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "X", "link-0-url": "http://x.example", "link-0-label": "x"}, "https"),
        ({"name": "X", "link-0-url": "https://x.example"}, "a name and an address"),
    ],
)
def test_a_page_that_cannot_be_made_says_why(
    browser: Client, said: dict[str, str], words: str
) -> None:
    form = {"link-TOTAL_FORMS": "1", "link-INITIAL_FORMS": "0", **said}
    answer = browser.post("/portal/artists/new", form)
    assert (answer.status_code, words in answer.text) == (200, True)
    assert not Artist.objects.exists()


def test_every_state_has_its_words_and_its_way_on(page: Artist, browser: Client) -> None:
    release = drafts.full(page)
    text = browser.get(reverse("portal-draft", args=[release.pk])).text
    rows = text.split('<li class="studio-track"')[1:]
    assert [re.search(r"data-state>([^<]+)<", row)[1] for row in rows] == [  # type: ignore[index]
        "Ready", "Arrived in part", "In the works", "In the works", "Refused", "Failed", "No file",
    ]  # fmt: skip
    ways = (
        "Cut the preview here",
        "Go on: choose the same file",
        "Making it playable",
        "Checking the file",
        "Choose another file",
        "Try again",
        "Choose another file",
    )
    for row, way in zip(rows, ways, strict=True):
        assert way in row
    assert ["hx-get" in row for row in rows] == [False, False, True, True, False, False, False]
    assert "lasts four hours" in rows[4]
    assert "-9.2 LUFS" in rows[0]


def test_a_row_brings_the_list_of_what_is_missing_along(page: Artist, browser: Client) -> None:
    release = drafts.publishable(page)
    address = reverse("portal-track", args=[release.tracks.get().pk])
    text = browser.get(address, headers={"HX-Request": "true"}).text
    assert 'hx-swap-oob="true"' in text
    assert re.search(r'<button class="button button-primary" type="submit">Publish', text)
    services.track_remove(actor=page.owner, track=release.tracks.get())
    assert browser.get(address).status_code == 404
    text = browser.get(reverse("portal-draft", args=[release.pk])).text
    assert re.search(r'type="submit" disabled>Publish', text)


def test_publishing_leads_to_the_terms(page: Artist, browser: Client) -> None:
    release = drafts.publishable(page)
    answer = browser.post(reverse("portal-draft-publish", args=[release.pk]))
    assert answer["Location"] == reverse("portal-release", args=[release.pk])
    release.refresh_from_db()
    assert release.state == "published"


def test_what_is_missing_is_said_and_nothing_published(page: Artist, browser: Client) -> None:
    release = drafts.empty(page)
    answer = browser.post(reverse("portal-draft-publish", args=[release.pk]), follow=True)
    assert "Give the release a cover first." in answer.text
    release.refresh_from_db()
    assert release.state == "draft"


def test_without_a_script_one_file_goes_by_a_plain_form(page: Artist, browser: Client) -> None:
    release = drafts.empty(page)
    address = reverse("portal-draft-file", args=[release.pk])
    data = b"RIFF" + b"x" * 3_000_000  # more than Django keeps in memory
    browser.post(address, {"file": SimpleUploadedFile("Dawn.wav", data), "access": "open"})
    track = Track.objects.select_related("recording__upload").get()
    upload = track.recording.upload
    assert upload is not None
    assert (track.title, track.recording.access) == ("Dawn", "open")
    assert (upload.state, upload.offset) == ("received", len(data))
    browser.post(
        address, {"file": SimpleUploadedFile("c.png", drafts.picture()), "purpose": "cover"}
    )
    assert Upload.objects.filter(purpose="cover", state="received").count() == 1
    assert "Choose a file first." in browser.post(address, follow=True).text


def test_a_refusal_stands_in_the_row_that_it_is_about(page: Artist, browser: Client) -> None:
    release = draft(page)
    track = release.tracks.get()
    answer = browser.post(
        reverse("portal-track-update", args=[track.pk]),
        {"title": "X", "isrc": "nonsense"},
        headers={"HX-Request": "true"},
    )
    assert f'id="track-{track.pk}"' in answer.text
    assert "An ISRC has two letters" in answer.text
    assert drafts.order(release) == [(1, "First Crossing")]


def test_the_same_file_twice_is_told(page: Artist, browser: Client) -> None:
    release = drafts.full(page)
    words = "These are the very bytes of “Dawn” on “Low Water”: they are kept once."
    Recording.objects.filter(track__position=1).update(detail=words)
    assert words in browser.get(reverse("portal-draft", args=[release.pk])).text


def test_a_long_release_asks_no_more_often(
    page: Artist, browser: Client, settings: Settings
) -> None:
    def queries(release: Release) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(reverse("portal-draft", args=[release.pk])).status_code == 200
        return len(seen)

    settings.DEBUG = False
    short, long = drafts.three(page), drafts.empty(page, "Long")
    for number in range(12):
        drafts.arriving(long, f"{number} x.wav")
    assert queries(short) == queries(long)
