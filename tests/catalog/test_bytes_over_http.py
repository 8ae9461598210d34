"""Bytes over HTTP, to the letter of RFC 9110, and signed links to them."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from catalog.media.links import granted_bytes, link_at, link_of, media_url, safe_name
from catalog.media.models import Asset
from catalog.media.ranges import RangeNotSatisfiable, byte_range, decide
from catalog.media.reading import read
from core import redact
from core.errors import ApplicationError
from tests.catalog.shelf import SOUND, pinned, stored
from tests.core.ipfs.gateway import nodes

TAG = '"bafy"'
WHOLE, NONE = (200, 0, 999), (0, -1)


@pytest.mark.parametrize(
    ("section", "headers", "expected"),
    [
        ("14.2 no Range", {}, WHOLE),
        ("14.1.2 first-last", {"Range": "bytes=0-499"}, (206, 0, 499)),
        ("14.1.2 one byte", {"Range": "bytes=0-0"}, (206, 0, 0)),
        ("14.1.2 what Safari asks first", {"Range": "bytes=0-1"}, (206, 0, 1)),
        ("14.1.2 open end", {"Range": "bytes=500-"}, (206, 500, 999)),
        ("14.1.2 last beyond the end", {"Range": "bytes=500-5000"}, (206, 500, 999)),
        ("14.1.2 any number of digits", {"Range": f"bytes=0-{10**40}"}, (206, 0, 999)),
        ("14.1.2 suffix", {"Range": "bytes=-100"}, (206, 900, 999)),
        ("14.1.2 suffix longer than all", {"Range": "bytes=-5000"}, (206, 0, 999)),
        ("14.1 unit names have no case", {"Range": "BYTES=0-1"}, (206, 0, 1)),
        ("5.6.1 white space in a list", {"Range": "bytes= 0-1 "}, (206, 0, 1)),
        ("5.6.1.2 empty elements", {"Range": "bytes=,0-1,"}, (206, 0, 1)),
        ("14.1.2 first beyond the end", {"Range": "bytes=1000-"}, (416, *NONE)),
        ("14.1.2 suffix of nothing", {"Range": "bytes=-0"}, (416, *NONE)),
        ("14.1.1 last before first is invalid", {"Range": "bytes=5-4"}, WHOLE),
        ("14.1.1 no positions", {"Range": "bytes=-"}, WHOLE),
        ("14.1.1 no numbers", {"Range": "bytes=a-b"}, WHOLE),
        ("14.1.1 signs", {"Range": "bytes=+0-1"}, WHOLE),
        ("14.1.1 digits of other scripts", {"Range": "bytes=\u0660-\u0661"}, WHOLE),
        ("14.1.1 nothing at all", {"Range": "bytes="}, WHOLE),
        ("14.1.1 no unit", {"Range": "0-1"}, WHOLE),
        ("14.2 another unit", {"Range": "lines=0-1"}, WHOLE),
        ("14.2 several ranges may be ignored", {"Range": "bytes=0-1,5-6"}, WHOLE),
        ("13.1.2 the same tag", {"If-None-Match": TAG}, (304, *NONE)),
        ("13.1.2 weak comparison", {"If-None-Match": f"W/{TAG}"}, (304, *NONE)),
        ("13.1.2 one of a list", {"If-None-Match": f'"a,b" , {TAG}'}, (304, *NONE)),
        ("13.1.2 anything", {"If-None-Match": "*"}, (304, *NONE)),
        ("13.1.2 another tag", {"If-None-Match": '"other"'}, WHOLE),
        ("13.1.2 no tag", {"If-None-Match": "bafy"}, WHOLE),
        ("13.1.3 no date of change", {"If-Modified-Since": "Wed, 25 Nov 2026 10:00:00 GMT"}, WHOLE),
        ("13.2.2 before Range", {"If-None-Match": TAG, "Range": "bytes=0-1"}, (304, *NONE)),
        ("13.1.1 the same tag", {"If-Match": TAG, "Range": "bytes=0-1"}, (206, 0, 1)),
        ("13.1.1 strong comparison", {"If-Match": f"W/{TAG}"}, (412, *NONE)),
        ("13.1.1 another tag", {"If-Match": '"other"'}, (412, *NONE)),
        ("13.1.1 anything", {"If-Match": "*"}, WHOLE),
        ("13.2.2 If-Match first", {"If-Match": '"x"', "If-None-Match": TAG}, (412, *NONE)),
        ("13.1.5 the same tag", {"If-Range": TAG, "Range": "bytes=0-1"}, (206, 0, 1)),
        ("13.1.5 another tag", {"If-Range": '"other"', "Range": "bytes=0-1"}, WHOLE),
        ("13.1.5 never a weak tag", {"If-Range": f"W/{TAG}", "Range": "bytes=0-1"}, WHOLE),
        (
            "13.1.5 a date that we never sent",
            {"If-Range": "Wed, 25 Nov 2026 10:00:00 GMT", "Range": "bytes=0-1"},
            WHOLE,
        ),
        ("13.1.5 not without Range", {"If-Range": '"other"'}, WHOLE),
        ("13.1.5 before 416", {"If-Range": '"other"', "Range": "bytes=1000-"}, WHOLE),
    ],
)
def test_get(section: str, headers: Mapping[str, str], expected: tuple[int, int, int]) -> None:
    found = decide("GET", headers, etag=TAG, size=1000)
    assert (found.status, found.first, found.last) == expected, section


@pytest.mark.parametrize(
    ("section", "headers", "status"),
    [
        ("14.2 Range is for GET alone", {"Range": "bytes=0-1"}, 200),
        ("14.2 so nothing can be unsatisfiable", {"Range": "bytes=1000-"}, 200),
        ("13.1.2", {"If-None-Match": TAG}, 304),
        ("13.1.1", {"If-Match": '"other"'}, 412),
    ],
)
def test_head(section: str, headers: Mapping[str, str], status: int) -> None:
    assert decide("HEAD", headers, etag=TAG, size=1000).status == status, section


def test_a_file_of_no_bytes() -> None:
    with pytest.raises(RangeNotSatisfiable):
        byte_range("bytes=0-", 0)
    assert byte_range("bytes=-5", 0) is None  # satisfiable (14.1.2), but no 206 could tell of it


# --- the views ---------------------------------------------------------------------------------

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fetcher")]


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_link_gives_a_holder_plain_bytes_with_ranges(client: Client, fan: User) -> None:
    asset = stored(secret=True)
    assert client.get(f"/ipfs/{asset.cid}").status_code == 404
    url = media_url(asset, listener=fan)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/mp4")
    assert body(answer) == SOUND
    assert answer["Cache-Control"].startswith("private, max-age=")
    assert "Content-Disposition" not in answer
    part = client.get(url, headers={"range": "bytes=0-1"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 0-1/{len(SOUND)}")
    assert body(part) == SOUND[:2]
    head = client.head(url, headers={"range": "bytes=0-1"})
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(SOUND)), b"")
    known = client.get(url, headers={"if-none-match": answer["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert known["ETag"] == answer["ETag"]
    assert known["Content-Length"] == str(len(SOUND))  # RFC 9110, 8.6
    assert "Content-Type" not in known
    past = client.get(url, headers={"range": f"bytes={len(SOUND)}-"})
    assert (past.status_code, past["Content-Range"]) == (416, f"bytes */{len(SOUND)}")


def test_bytes_that_were_asked_for_are_counted(client: Client, fan: User) -> None:
    url = media_url(stored(), listener=fan)
    client.get(url, headers={"range": "bytes=0-99"})
    client.get(url, headers={"range": "bytes=-50"})
    client.head(url)
    assert granted_bytes(link_at(url).grant) == 150


def test_an_expired_link_is_refused_in_words(
    client: Client, fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = media_url(stored(), listener=fan)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    answer = client.get(url, headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "link_expired"


def test_a_link_can_be_changed_in_no_bit(fan: User) -> None:
    token = media_url(stored(), listener=fan).rpartition("/")[2]
    link = link_of(token)
    assert (link.listener, link.attachment) == (fan.pk, False)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for at, letter in enumerate(token[:-1]):
        changed = token[:at] + letters[letters.index(letter) ^ 32] + token[at + 1 :]
        with pytest.raises(ApplicationError, match="link_invalid"):
            link_of(changed)


@pytest.mark.parametrize("token", ["x", "a" * 95, "-" * 200, "%00", "ü" * 90])
def test_what_we_did_not_sign_is_refused(client: Client, token: str) -> None:
    answer = client.get(f"/media/{token}")
    assert answer.status_code in {400, 403}


def test_a_download_has_a_harmless_name(client: Client, fan: User) -> None:
    master = stored(kind="master")
    name = '../../etc/"passwd"\r\nSet-Cookie: x=1 ночь.flac'
    answer = client.get(media_url(master, listener=fan, attachment=True, filename=name))
    told = answer["Content-Disposition"]
    assert told.startswith("attachment; ")
    assert "Set-Cookie" not in answer.cookies
    assert not set(told) & set("\r\n/\\")
    assert told.count(".flac") == 1
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert safe_name("") == ""


def test_an_original_is_never_shown_inline(client: Client, fan: User) -> None:
    master = stored(kind="master")
    for url in (media_url(master, listener=fan), f"/ipfs/{master.cid}"):
        assert client.get(url)["Content-Disposition"] == 'attachment; filename="master.flac"'


def test_when_no_source_answers_it_is_said_and_the_rest_is_served(
    client: Client, fan: User
) -> None:
    with nodes("one") as [one]:
        one.behaviour = "error"
        gone, here = pinned(stored(secret=True), one), stored(SOUND[:-1])
        answer = client.get(media_url(gone, listener=fan))
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "sources_unavailable"
        assert int(answer["Retry-After"]) >= 1
        assert "ETag" not in answer
        assert granted_bytes(link_at(media_url(gone, listener=fan)).grant) == 0
        assert body(client.get(media_url(here, listener=fan))) == SOUND[:-1]
        one.behaviour = ""
        assert body(client.get(media_url(gone, listener=fan))) == SOUND


def test_a_complete_plain_copy_is_handed_to_the_web_server(
    client: Client, fan: User, settings: Settings
) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/protected-media"
    asset = stored(secret=True)
    url = media_url(asset, listener=fan, attachment=True)
    assert body(client.get(url, headers={"range": "bytes=0-9"})) == SOUND[:10]  # not complete yet
    assert b"".join(read(asset)) == SOUND
    answer = client.get(url, headers={"range": "bytes=0-9"})
    place = answer["X-Accel-Redirect"].removeprefix("/protected-media/")
    assert Path(settings.MEDIA_CACHE_DIR, place).read_bytes() == SOUND
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Type"] == "audio/mp4"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(url, headers={"if-none-match": f'"{asset.cid}"'}).status_code == 304
    goes_on = client.get(url, headers={"range": "bytes=5-9", "if-range": f'"{asset.cid}"'})
    assert body(goes_on) == SOUND[5:10]


def test_no_log_holds_a_link(client: Client, fan: User) -> None:
    kept, handler = io.StringIO(), logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(kept)
    try:
        url = media_url(stored(), listener=fan, filename="a name")
        client.get(url)
        client.get(url[:-4])
    finally:
        handler.setStream(before)
    token, written = url.rpartition("/")[2], kept.getvalue()
    assert written.count("[Filtered]") >= 3  # two requests, and Django's own word on the second
    assert token[:40] not in written
    assert token[:12] not in redact.text(f"GET https://shop.example{url} failed")


def test_a_link_to_what_is_no_more_is_not_found(client: Client, fan: User) -> None:
    assert client.get(media_url(uuid4(), listener=fan)).status_code == 404
    assert not Asset.objects.exists()
