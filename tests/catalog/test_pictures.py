"""Covers in every size, the film of a release, and what its metadata says of both."""

from __future__ import annotations

import io
import json
import struct

import pytest
from django.core.files.storage import default_storage
from django.template import Context, Template
from django.test import Client
from PIL import Image

from accounts.models import User
from catalog import services
from catalog.media import services as media
from catalog.media.models import Asset, Recording, Rendition
from catalog.models import Release
from catalog.services.clips import film_of
from tests.catalog import sounds
from tests.catalog.people import artist_of, draft, staff

pytestmark = pytest.mark.django_db


def picture(colour: tuple[int, int, int] = (180, 60, 20)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (1200, 1100), colour).save(out, "PNG")
    out.seek(0)
    return out


def body(client: Client, path: str) -> tuple[str, bytes, str]:
    response = client.get(path)
    assert response.status_code == 200
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return response["Content-Type"], data, response["Cache-Control"]


def test_a_cover_comes_in_the_size_and_format_that_a_page_asks_for(client: Client) -> None:
    cover, _ = media.cover_store(data=picture())
    plain = body(client, f"/covers/{cover.cid}/320.avif")
    assert plain[0] == "image/jpeg"  # not made yet: the cover as it is
    assert "max-age=60" in plain[2]
    assert media.renditions_due() == 1
    assert media.renditions_due() == 0
    assert media.renditions_make(cover=cover) == 0  # the same again changes nothing
    assert Rendition.objects.count() == 12
    for kind in ("avif", "webp", "jpeg"):
        content_type, data, cache = body(client, f"/covers/{cover.cid}/320.{kind}")
        assert content_type == f"image/{kind}"
        assert "immutable" in cache
        with Image.open(io.BytesIO(data)) as image:
            assert (image.format, image.size) == (kind.upper(), (320, 320))


@pytest.mark.parametrize("path", ["x/320.avif", "bafkqaaa/320.webp", "{0}/320.svg/x"])
def test_a_picture_that_is_none_is_not_found(client: Client, path: str) -> None:
    cover, _ = media.cover_store(data=picture())
    assert client.get(f"/covers/{path.format(cover.cid)}").status_code == 404


def test_only_covers_are_served_as_covers(client: Client) -> None:
    preview = media.asset_store(
        kind=Asset.Kind.PREVIEW, data=io.BytesIO(b"sound"), content_type="audio/mp4"
    )
    assert client.get(f"/covers/{preview.cid}/320.jpeg").status_code == 404


def test_a_page_offers_every_form_of_a_cover() -> None:
    page = Template('{% load covers %}{% cover_sources url "72px" %}')
    html = page.render(Context({"url": "/ipfs/bafk"}))
    assert html.count("<source") == 3
    assert 'type="image/avif" srcset="/covers/bafk/160.avif 160w, /covers/bafk/320.avif' in html
    assert page.render(Context({"url": ""})) == ""
    assert page.render(Context({"url": "https://elsewhere/x.jpg"})) == ""


def with_sound(artist: User) -> Release:
    page = artist_of(artist)
    release = services.release_create(actor=artist, artist=page, title="Low Tide")
    services.release_cover_set(actor=artist, release=release, data=picture())
    recording = sounds.uploaded(artist, sounds.wav(sounds.pcm(3.0)), artist=page.pk)
    media.recording_work(recording=recording.pk)
    services.track_add(
        actor=artist, release=release, title="Ebb", recording=Recording.objects.get(pk=recording.pk)
    )
    return Release.objects.get(pk=release.pk)


def test_a_published_release_has_a_film_of_its_cover_and_preview(artist: User) -> None:
    release = services.release_publish(actor=artist, release=with_sound(artist))
    assert release.clip is not None
    assert (release.clip.kind, release.clip.content_type) == ("clip", "video/mp4")
    assert release.clip.size < 3_000_000
    data = default_storage.open(release.clip.storage_name).read()
    boxes = _boxes(data)
    assert boxes.index("moov") < boxes.index("mdat")  # it starts before it is here
    assert b"avc1" in data
    assert b"mp4a" in data
    assert release.metadata is not None
    told = json.loads(default_storage.open(release.metadata.storage_name).read())
    assert told["content_url"] == f"ipfs://{release.clip.cid}"
    assert told["content_type"] == "video/mp4"


def _boxes(data: bytes) -> list[str]:
    names, at = [], 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        names.append(name.decode())
        at += size
    return names


def test_a_release_that_cannot_be_filmed_is_published_without(artist: User) -> None:
    release = services.release_publish(actor=artist, release=draft(artist_of(artist)))
    assert release.clip is None
    assert release.metadata is not None
    told = json.loads(default_storage.open(release.metadata.storage_name).read())
    assert "content_url" not in told


def test_the_same_release_gives_the_same_film(artist: User) -> None:
    release = with_sound(artist)
    first, second = film_of(release), film_of(release)
    assert first is not None
    assert first == second


def test_staff_see_what_failed_and_try_again(client: Client, artist: User) -> None:
    recording = sounds.uploaded(artist, sounds.wav())
    recording.steps.filter(name="streams").update(state="failed", error="No space left")
    media.recording_move(recording=recording, state=Recording.State.FAILED, reason="workshop")
    client.force_login(
        staff("moderator", "media.view_recording", "media.change_recording", "media.view_step")
    )
    page = client.get(f"/admin/media/recording/{recording.pk}/change/")
    assert b"No space left" in page.content
    client.post(
        "/admin/media/recording/",
        {"action": "again", "_selected_action": [str(recording.pk)]},
    )
    recording.refresh_from_db()
    assert recording.state == "working"
    assert recording.steps.get(name="streams").state == "waiting"


def test_who_may_only_look_cannot_try_again(client: Client, artist: User) -> None:
    recording = sounds.uploaded(artist, sounds.wav())
    media.recording_move(recording=recording, state=Recording.State.FAILED, reason="workshop")
    client.force_login(staff("moderator", "media.view_recording"))
    client.post(
        "/admin/media/recording/",
        {"action": "again", "_selected_action": [str(recording.pk)]},
    )
    recording.refresh_from_db()
    assert recording.state == "failed"
