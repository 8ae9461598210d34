"""Uploads over real connections: cut, slow, two at once. Rows really lock, bytes really stop."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from catalog import services
from catalog.media import tus
from catalog.media.models import Upload
from catalog.media.services import upload_open, upload_receive
from catalog.models import Release
from core.errors import ApplicationError
from core.outbox.models import OutboxEvent
from tests.catalog.people import artist_of
from tests.catalog.tus import Sender, address, b64

pytestmark = pytest.mark.django_db(transaction=True)
HALF = b"x" * 100_000


@pytest.fixture
def sender(artist: User) -> Sender:
    page = artist_of(artist)
    return Sender(
        artist, services.release_create(actor=artist, artist=page, title="Harbour Lights")
    )


@pytest.fixture
def dial(live_server: LiveServer, sender: Sender) -> Iterator[Callable[..., socket.socket]]:
    """Begins a PATCH as a browser does, and leaves the sending of its body to the test."""
    opened: list[socket.socket] = []

    def begin(upload: Upload, offset: int, length: int, *headers: str) -> socket.socket:
        where = urlsplit(live_server.url)
        line = socket.create_connection((where.hostname, where.port), timeout=10)
        opened.append(line)
        cookie = sender.client.cookies["sessionid"].value
        token = "t" * 32
        said = (
            f"PATCH {address(upload)} HTTP/1.1", f"Host: {where.netloc}",
            f"Cookie: sessionid={cookie}; csrftoken={token}", f"X-CSRFToken: {token}",
            "Tus-Resumable: 1.0.0", f"Upload-Offset: {offset}", f"Content-Length: {length}",
            "Content-Type: application/offset+octet-stream", *headers, "", "",
        )  # fmt: skip
        line.sendall("\r\n".join(said).encode())
        return line

    yield begin
    for line in opened:
        line.close()


def offset_is(upload: Upload, wanted: int) -> bool:
    for _ in range(100):
        upload.refresh_from_db()
        if upload.offset == wanted:
            return True
        time.sleep(0.05)
    return False


def test_what_arrived_before_the_connection_was_cut_is_kept(
    sender: Sender, dial: Callable[..., socket.socket]
) -> None:
    upload = sender.begun(2 * len(HALF))
    with closing(dial(upload, 0, 2 * len(HALF))) as line:
        line.sendall(HALF)
    assert offset_is(upload, len(HALF))
    assert sender.send(upload, len(HALF), HALF).status_code == 204
    upload.refresh_from_db()
    with upload_open(upload) as whole:
        assert (upload.state, whole.read()) == ("received", HALF + HALF)


def test_with_a_checksum_nothing_is_kept_of_a_cut_piece(
    sender: Sender, dial: Callable[..., socket.socket], media_root: Path
) -> None:
    upload = sender.begun(2 * len(HALF))
    told = f"Upload-Checksum: sha1 {b64(b'x' * 20)}"
    with closing(dial(upload, 0, 2 * len(HALF), told)) as line:
        line.sendall(HALF)
        line.shutdown(socket.SHUT_WR)
        assert b" 460 " in line.recv(4096).split(b"\r\n")[0]
    assert offset_is(upload, 0)
    assert not list(media_root.rglob("uploads/*/*"))


def test_a_slow_client_holds_no_lock(sender: Sender, dial: Callable[..., socket.socket]) -> None:
    upload = sender.begun(2 * len(HALF))
    line = dial(upload, 0, 2 * len(HALF))
    line.sendall(HALF)
    # while that one keeps us waiting, another connection goes on from the same place and wins
    assert sender.send(upload, 0, b"y" * 10).status_code == 204
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM media_upload WHERE id = %s FOR UPDATE NOWAIT", [upload.pk])
    line.sendall(HALF)
    assert b" 409 " in line.recv(4096).split(b"\r\n")[0]
    upload.refresh_from_db()
    assert (upload.offset, [size for _, size in upload.parts]) == (10, [10])


def test_a_body_that_takes_too_long_is_ended_with_what_has_come(
    sender: Sender, dial: Callable[..., socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tus, "LONGEST", 0.3)
    upload = sender.begun(2 * len(HALF))
    line = dial(upload, 0, 2 * len(HALF))
    for _ in range(2):
        line.sendall(HALF[:70_000])
        time.sleep(0.5)
    assert b" 204 " in line.recv(4096).split(b"\r\n")[0]
    upload.refresh_from_db()
    assert upload.offset in (tus.PIECE, 2 * tus.PIECE)  # it looks at the clock after each


def test_of_pieces_for_one_place_exactly_one_is_taken(sender: Sender, media_root: Path) -> None:
    upload = sender.begun(8)
    crowd = 4
    start = Barrier(crowd)

    def send(letter: str) -> int:
        start.wait()
        try:
            upload_receive(upload=upload, offset=0, data=ContentFile(letter.encode() * 8))
        except ApplicationError as error:
            return error.status
        finally:
            connections.close_all()
        return 204

    with ThreadPoolExecutor(crowd) as pool:
        answers = sorted(pool.map(send, "abcd"))
    assert answers == [204, 409, 409, 409]
    upload.refresh_from_db()
    with upload_open(upload) as whole:
        assert len(set(whole.read())) == 1
    assert len(list(media_root.rglob("uploads/*/*"))) == 1
    assert OutboxEvent.objects.filter(topic="media.recording_work").count() == 1


def test_two_files_at_once_cannot_overdraw_the_quota(sender: Sender, settings: Settings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 100
    start = Barrier(2)
    other = services.release_create(
        actor=sender.release.artist.owner, artist=sender.release.artist, title="Second"
    )

    def begin(release: Release) -> int:
        start.wait()
        try:
            services.track_upload_begin(
                actor=sender.release.artist.owner,
                release=release,
                filename="a.wav",
                length=60,
            )
        except ApplicationError as error:
            return error.status
        finally:
            connections.close_all()
        return 201

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(begin, (sender.release, other))) == [201, 413]
    assert Upload.objects.count() == 1
