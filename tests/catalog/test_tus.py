"""Uploads speak tus 1.0 to the letter, and what is refused leaves everything as it was."""

from __future__ import annotations

import errno
import hashlib
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from catalog import services
from catalog.media.models import Recording, Upload
from catalog.media.services import quota_used, upload_open, uploads_sweep
from catalog.media.tus import AT_ONCE, turn
from catalog.models import Release, Track
from core.outbox.models import OutboxEvent
from tests.catalog.people import artist_of
from tests.catalog.tus import ADDRESS, Sender, address, b64

pytestmark = pytest.mark.django_db
FILE = b"The ferry leaves at nine."


@pytest.fixture
def release(artist: User) -> Release:
    return services.release_create(actor=artist, artist=artist_of(artist), title="Harbour Lights")


@pytest.fixture
def sender(artist: User, release: Release) -> Sender:
    return Sender(artist, release)


def parts(media_root: Path) -> list[Path]:
    return [path for path in (media_root / "uploads").rglob("*") if path.is_file()]


def stored(upload: Upload) -> bytes:
    with upload_open(upload) as file:
        return file.read()


def standing() -> list[Any]:
    """Everything that a refusal may not change."""
    rows = Upload.objects.order_by("pk").values_list("pk", "state", "offset", "length", "parts")
    return [*rows, Track.objects.count(), Recording.objects.count(), OutboxEvent.objects.count()]


def test_options_tell_what_is_spoken_here(sender: Sender, settings: Settings) -> None:
    answer = sender.ask("OPTIONS", version="0.9")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert answer["Tus-Max-Size"] == str(settings.UPLOAD_MAX_BYTES)
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_file_arrives_in_three_pieces(sender: Sender, release: Release) -> None:
    begun = sender.begin(len(FILE))
    assert (begun.status_code, begun["Tus-Resumable"], begun.content) == (201, "1.0.0", b"")
    upload = Upload.objects.get()
    assert begun["Location"] == address(upload)
    assert parsedate_to_datetime(begun["Upload-Expires"]) > timezone.now() + timedelta(hours=71)
    for first, last in ((0, 5), (5, 6), (6, len(FILE))):
        assert sender.head(upload)["Upload-Offset"] == str(first)
        sent = sender.send(upload, first, FILE[first:last])
        assert (sent.status_code, sent["Upload-Offset"]) == (204, str(last))
        assert ("Upload-Expires" in sent) == (last < len(FILE))
    upload.refresh_from_db()
    assert (upload.state, stored(upload)) == ("received", FILE)
    track = release.tracks.select_related("recording").get()
    assert (track.title, track.recording.upload) == ("first crossing", upload)
    event = OutboxEvent.objects.get()
    assert event.topic == "media.recording_work"
    assert event.payload == {"recording": str(track.recording.pk)}


def test_head_tells_how_far_it_is_and_is_never_cached(sender: Sender) -> None:
    upload = sender.begun(25, filename="Übermorgen.wav")
    answer = sender.head(upload)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("0", "25")
    assert answer["Cache-Control"] == "no-store"
    assert f"filename {b64('Übermorgen.wav')}" in answer["Upload-Metadata"]


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.0, 2.0.0"])
def test_another_version_is_told_ours(sender: Sender, method: str, version: str | None) -> None:
    upload = sender.begun(4)
    before = standing()
    path = ADDRESS if method == "POST" else address(upload)
    answer = sender.ask(method, path, version=version, Upload_Length=4, Upload_Offset=0)
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert standing() == before


PATCHES: list[tuple[int, str, dict[str, Any], bytes]] = [
    (409, "upload_offset_conflict", {"Upload_Offset": 3}, b"abc"),
    (409, "upload_offset_conflict", {"Upload_Offset": 10**14}, b"abc"),
    (400, "tus_header", {"Upload_Offset": "-1"}, b"abc"),
    (400, "tus_header", {"Upload_Offset": "2.0"}, b"abc"),
    (400, "tus_header", {"Upload_Offset": "٢"}, b"abc"),
    (400, "tus_header", {"Upload_Offset": "9" * 4300}, b"abc"),
    (400, "tus_header", {}, b"abc"),
    (413, "upload_too_large", {"Upload_Offset": 2}, b"x" * 11),
    (415, "tus_content_type", {"Upload_Offset": 2, "content_type": "audio/wav"}, b"abc"),
    (400, "tus_checksum", {"Upload_Offset": 2, "Upload_Checksum": f"md5 {b64(b'x' * 16)}"}, b"a"),
    (400, "tus_checksum", {"Upload_Offset": 2, "Upload_Checksum": "sha1"}, b"abc"),
    (400, "tus_checksum", {"Upload_Offset": 2, "Upload_Checksum": "sha1 a-b_"}, b"abc"),
    (400, "tus_checksum", {"Upload_Offset": 2, "Upload_Checksum": f"sha1 {b64(b'x')}"}, b"abc"),
    (460, "tus_checksum_mismatch",
     {"Upload_Offset": 2, "Upload_Checksum": f"sha1 {b64(b'x' * 20)}"}, b"abc"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "headers", "body"), PATCHES)
def test_a_piece_that_is_refused_changes_nothing(
    sender: Sender, media_root: Path, status: int, code: str, headers: dict[str, Any], body: bytes
) -> None:
    upload = sender.begun(12)
    sender.send(upload, 0, b"ab")
    before, files = standing(), parts(media_root)
    answer = sender.ask("PATCH", address(upload), body, **headers)
    assert (answer.status_code, orjson.loads(answer.content)["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Tus-Resumable"] == "1.0.0"
    assert (standing(), parts(media_root)) == (before, files)
    assert sender.head(upload)["Upload-Offset"] == "2"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_the_right_checksum_is_taken(sender: Sender, algorithm: str) -> None:
    upload = sender.begun(3)
    digest = b64(hashlib.new(algorithm, b"abc").digest())
    answer = sender.send(upload, 0, b"abc", Upload_Checksum=f"{algorithm} {digest}")
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "3")


CREATIONS: list[tuple[int, str, dict[str, Any]]] = [
    (400, "upload_empty", {"Upload_Length": 0}),
    (400, "tus_header", {}),
    (400, "tus_header", {"Upload_Length": "1e3"}),
    (400, "tus_header", {"Upload_Length": 5, "Upload_Defer_Length": 1}),
    (413, "upload_too_large", {"Upload_Length": 1001}),
    (400, "tus_metadata", {"Upload_Length": 5, "Upload_Metadata": "filename ???"}),
    (400, "tus_metadata", {"Upload_Length": 5, "Upload_Metadata": f"a {b64('x' * 3000)}"}),
    (400, "tus_metadata", {"Upload_Length": 5, "Upload_Metadata": f"a {b64(b'{')},a {b64('x')}"}),
    (404, "not_found", {"Upload_Length": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "headers"), CREATIONS)
def test_what_cannot_be_begun_makes_nothing(
    sender: Sender, settings: Settings, status: int, code: str, headers: dict[str, Any]
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    words = f"release {b64(str(sender.release.pk))},purpose {b64('audio')}"
    named = {"Upload_Metadata": words} if status != 404 else {}
    answer = sender.ask("POST", **(named | headers))
    assert (answer.status_code, orjson.loads(answer.content)["code"]) == (status, code)
    assert standing() == [0, 0, 0]


@pytest.mark.parametrize(
    "said",
    [{"purpose": "video"}, {"access": "friends"}, {"track": "1"}, {"release": "0" * 32}],
)
def test_a_file_for_nothing_that_is_there_is_not_begun(
    sender: Sender, said: dict[str, str]
) -> None:
    assert sender.begin(5, **said).status_code in {400, 404}
    assert standing() == [0, 0, 0]


def test_quota_counts_what_is_here_and_what_is_promised(
    sender: Sender, settings: Settings, release: Release
) -> None:
    settings.UPLOAD_QUOTA_BYTES = 100
    first = sender.begun(60)
    answer = sender.begin(41)
    assert answer.status_code == 413
    assert orjson.loads(answer.content) == {
        "type": "about:blank#upload_quota_exceeded",
        "title": "No room left",
        "status": 413,
        "detail": "This artist has 40 bytes of 100 bytes left.",
        "code": "upload_quota_exceeded",
    }
    assert list(Upload.objects.values_list("pk")) == [(first.pk,)]
    assert sender.begin(40).status_code == 201
    sender.ask("DELETE", address(first))
    assert quota_used(release.artist_id) == 40


def test_somebody_elses_upload_is_not_there(
    sender: Sender, stranger: User, release: Release
) -> None:
    upload = sender.begun(9)
    other = Sender(stranger, release)
    before = standing()
    assert other.begin(9).status_code == 404
    for answer in (
        other.head(upload),
        other.send(upload, 0, b"abc"),
        other.ask("DELETE", address(upload)),
    ):
        assert answer.status_code == 404
        assert "Upload-Offset" not in answer
    assert Sender(None, release).send(upload, 0, b"abc").status_code == 401
    assert standing() == before


def test_a_page_of_another_site_sends_nothing(sender: Sender, artist: User) -> None:
    upload = sender.begun(9)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sender.client.cookies
    before = standing()
    for method, headers in (
        ("PATCH", {}),
        ("DELETE", {}),
        ("POST", {"X-HTTP-Method-Override": "DELETE"}),
    ):
        said = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", **headers}
        answer = strict.generic(
            method, address(upload), b"abc", "application/offset+octet-stream", headers=said
        )
        assert answer.status_code == 403
    # a safe method is not asked for a token, so it is not taken for another one
    said = {"Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": "DELETE"}
    assert strict.get(address(upload), headers=said).status_code == 405
    assert standing() == before


def test_a_proxy_that_knows_no_patch_is_got_around(sender: Sender) -> None:
    upload = sender.begun(3)
    headers: dict[str, Any] = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": 0}
    assert sender.ask("POST", address(upload), b"abc", **headers).status_code == 204
    assert stored(Upload.objects.get()) == b"abc"


def test_what_was_ended_is_gone_with_its_track_and_bytes(
    sender: Sender,
    media_root: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = sender.begun(9)
    sender.send(upload, 0, b"abc")
    assert parts(media_root)
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.ask("DELETE", address(upload)).status_code == 204
    assert parts(media_root) == []
    assert (Track.objects.count(), Recording.objects.count()) == (0, 0)
    assert sender.head(upload).status_code == 410
    assert sender.send(upload, 3, b"def").status_code == 410
    upload.refresh_from_db()
    assert (upload.state, upload.offset) == ("cancelled", 3)


def test_what_nobody_went_on_with_expires(
    sender: Sender,
    media_root: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload, fresh = sender.begun(9), sender.begun(9)
    sender.send(upload, 0, b"abc")
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())
    assert sender.send(upload, 3, b"def").status_code == 410  # also before the sweep
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads_sweep() == 1
    upload.refresh_from_db()
    fresh.refresh_from_db()
    assert (upload.state, upload.parts, fresh.state) == ("expired", [], "receiving")
    assert parts(media_root) == []
    assert uploads_sweep() == 0


def test_parts_that_a_crash_left_are_swept(sender: Sender, media_root: Path) -> None:
    upload = sender.begun(9)
    sender.send(upload, 0, b"abc")
    default_storage.save(f"uploads/{upload.pk}/3-nameless", ContentFile(b"def"))
    old = timezone.now() - timedelta(hours=1)
    Upload.objects.filter(pk=upload.pk).update(state="cancelled", touched_at=old)
    uploads_sweep()
    assert parts(media_root) == []
    assert Upload.objects.get().parts == []


def test_a_name_is_only_a_name(sender: Sender) -> None:
    upload = sender.begun(3, filename="../../etc/\u202epasswd\n.wav")
    assert upload.filename == "passwd.wav"
    assert Track.objects.get().title == "passwd"
    sender.send(upload, 0, b"abc")
    [[name, _]] = Upload.objects.get().parts
    assert name.startswith(f"uploads/{upload.pk}/")
    assert default_storage.exists(name)


def test_one_person_cannot_hold_every_thread(sender: Sender, artist: User) -> None:
    upload = sender.begun(3)
    turns = [turn(artist.pk) for _ in range(AT_ONCE)]
    for one in turns:
        one.__enter__()
    answer = sender.send(upload, 0, b"abc")
    assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    turns[0].__exit__(None, None, None)
    assert sender.send(upload, 0, b"abc").status_code == 204


def test_a_full_disk_keeps_what_came_before(
    sender: Sender, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sender.begun(6)
    sender.send(upload, 0, b"abc")
    before, files = standing(), parts(media_root)

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", full)
        answer = sender.send(upload, 3, b"def")
    assert (answer.status_code, orjson.loads(answer.content)["code"]) == (507, "storage_full")
    assert (standing(), parts(media_root)) == (before, files)
    assert sender.send(upload, 3, b"def").status_code == 204


def test_another_file_takes_the_place_of_one_that_never_arrived(
    sender: Sender, release: Release
) -> None:
    upload = sender.begun(9)
    track = release.tracks.get()
    assert sender.begin(9, track=str(track.pk)).status_code == 409
    Upload.objects.filter(pk=upload.pk).update(state="expired")
    second = sender.begun(9, track=str(track.pk))
    track = release.tracks.select_related("recording").get()
    assert track.recording.upload == second
    assert Recording.objects.count() == 1
