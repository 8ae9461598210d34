"""Assets: stored once under their CID, served with ranges, colours that can be read."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from catalog.media.colours import (
    DARK_SURFACES,
    LIGHT_SURFACES,
    contrast,
    cover_colours,
    parse_hex,
)
from catalog.media.models import Asset
from catalog.media.services import asset_store, cover_store, key_create
from catalog.media.waveforms import waveform_peaks
from core.errors import ApplicationError
from core.ipfs.cid import cid_of

pytestmark = pytest.mark.django_db

SOUND = random.Random(7).randbytes(300_000)


def _sample(access: Asset.Access = Asset.Access.OPEN) -> Asset:
    key = key_create() if access == Asset.Access.HOLDERS else None
    return asset_store(
        kind=Asset.Kind.PREVIEW, data=io.BytesIO(SOUND), content_type="audio/mpeg", key=key
    )


def _picture(colour: tuple[int, int, int], size: tuple[int, int] = (640, 640)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    out.seek(0)
    return out


def test_an_asset_is_named_by_its_bytes() -> None:
    asset = _sample()
    assert asset.cid == str(cid_of([SOUND]))
    assert asset.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert asset.size == len(SOUND)
    assert default_storage.open(asset.storage_name).read() == SOUND


def test_the_same_bytes_are_stored_once(media_root: Path) -> None:
    assert _sample() == _sample()
    assert Asset.objects.count() == 1
    assert len([path for path in media_root.rglob("*") if path.is_file()]) == 1


def test_holders_only_bytes_do_not_become_open_by_a_second_upload() -> None:
    _sample(Asset.Access.HOLDERS)
    with pytest.raises(ApplicationError, match="asset_access_conflict"):
        _sample(Asset.Access.OPEN)
    assert Asset.objects.get().access == Asset.Access.HOLDERS


def test_a_page_cannot_be_stored_as_a_sample() -> None:
    with pytest.raises(ApplicationError, match="content_type_refused"):
        asset_store(kind=Asset.Kind.PREVIEW, data=io.BytesIO(b"<script>"), content_type="text/html")
    assert not Asset.objects.exists()


def test_the_whole_file_is_served_with_immutable_headers(client: Client) -> None:
    asset = _sample()
    response = client.get(f"/ipfs/{asset.cid}")
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == SOUND  # type: ignore[attr-defined]
    assert response["ETag"] == f'"{asset.cid}"'
    assert response["Content-Type"] == "audio/mpeg"
    assert response["Content-Length"] == str(len(SOUND))
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=299990-", 299_990, 299_999),
        ("bytes=-10", 299_990, 299_999),
        ("bytes=100-999999999", 100, 299_999),
        ("bytes=-999999999", 0, 299_999),
    ],
)
def test_a_range_is_served_exactly(client: Client, header: str, first: int, last: int) -> None:
    asset = _sample()
    response = client.get(f"/ipfs/{asset.cid}", headers={"range": header})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/300000"
    assert b"".join(response.streaming_content) == SOUND[first : last + 1]  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", ["bytes=300000-", "bytes=-0"])
def test_a_range_past_the_end_is_416(client: Client, header: str) -> None:
    response = client.get(f"/ipfs/{_sample().cid}", headers={"range": header})
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */300000"


@pytest.mark.parametrize("header", ["bytes=5-2", "lines=1-2", "bytes=-", "bytes=0-1,5-6", "x"])
def test_a_range_that_may_be_ignored_gives_everything(client: Client, header: str) -> None:
    response = client.get(f"/ipfs/{_sample().cid}", headers={"range": header})
    assert response.status_code == 200
    assert len(b"".join(response.streaming_content)) == 300_000  # type: ignore[attr-defined]


def test_if_range_of_other_bytes_gives_everything(client: Client) -> None:
    cid = _sample().cid
    headers = {"range": "bytes=0-9", "if-range": '"other"'}
    assert client.get(f"/ipfs/{cid}", headers=headers).status_code == 200
    headers["if-range"] = f'"{cid}"'
    assert client.get(f"/ipfs/{cid}", headers=headers).status_code == 206


def test_head_tells_the_length_and_sends_nothing(client: Client) -> None:
    response = client.head(f"/ipfs/{_sample().cid}")
    assert (response.status_code, response["Content-Length"], response.content) == (
        200,
        "300000",
        b"",
    )


def test_a_known_etag_gives_304(client: Client) -> None:
    cid = _sample().cid
    assert client.get(f"/ipfs/{cid}", headers={"if-none-match": f'W/"{cid}"'}).status_code == 304


@pytest.mark.parametrize("text", ["x", "bafkqaaa", "..%2f..%2fetc%2fpasswd", str(cid_of([b"no"]))])
def test_unknown_identifiers_are_404(client: Client, text: str) -> None:
    assert client.get(f"/ipfs/{text}").status_code == 404


def test_a_holders_only_asset_is_not_found(client: Client) -> None:
    asset = _sample(Asset.Access.HOLDERS)
    assert client.get(f"/ipfs/{asset.cid}").status_code == 404


def test_bytes_cannot_be_posted_or_deleted(client: Client) -> None:
    cid = _sample().cid
    assert client.post(f"/ipfs/{cid}").status_code == 405
    assert client.delete(f"/ipfs/{cid}").status_code == 405


def test_a_cover_becomes_a_square_jpeg_without_metadata() -> None:
    asset, cover = cover_store(data=_picture((200, 40, 60), (900, 600)))
    image = Image.open(default_storage.open(asset.storage_name))
    assert (image.format, image.size, asset.width) == ("JPEG", (600, 600), 600)
    assert not image.getexif()
    assert cover.deep != cover.bright


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (io.BytesIO(b"GIF89a not a picture"), "cover_unreadable"),
        (_picture((1, 2, 3), (299, 900)), "cover_too_small"),
        (_picture((1, 2, 3), (9000, 5000)), "cover_too_large"),
        (io.BytesIO(_picture((1, 2, 3)).getvalue()[:200]), "cover_unreadable"),
    ],
)
def test_a_bad_cover_is_refused(data: io.BytesIO, code: str) -> None:
    with pytest.raises(ApplicationError, match=code):
        cover_store(data=data)
    assert not Asset.objects.exists()


def test_both_colours_can_be_read_on_their_theme() -> None:
    draw = random.Random(3)
    for _ in range(60):
        image = Image.new("RGB", (8, 8))
        image.putdata([tuple(draw.randbytes(3)) for _ in range(64)])
        deep, bright = cover_colours(image)
        assert min(contrast(parse_hex(deep), surface) for surface in LIGHT_SURFACES) >= 4.5
        assert min(contrast(parse_hex(bright), surface) for surface in DARK_SURFACES) >= 4.5


def test_peaks_follow_the_sound() -> None:
    quiet, loud = b"\x00\x01" * 400, b"\x00\x40\x00\xc0" * 200
    assert waveform_peaks(quiet + loud, points=4) == bytes([3, 3, 255, 255])
    assert waveform_peaks(b"") == b""
    assert waveform_peaks(b"\x00\x00" * 10, points=800) == bytes(10)
