"""Large bodies through the server that production runs: streamed, never whole in memory."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from catalog import services
from catalog.media.models import Upload
from deploy.local.process import ROOT
from tests.catalog import drafts
from tests.catalog.people import artist_of
from tests.catalog.tus import BODY, address
from tests.people import pages

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 500_000_000
PIECE = b"\x5a" * (1 << 20)
MAY_GROW = 40  # MB, whatever the size of the file
TOKEN = "t" * 32


class Server:
    """One worker of granian on the test's own database."""

    def __init__(self, folder: Path, cookie: str) -> None:
        at = connection.settings_dict
        login = f"{at['USER']}:{at['PASSWORD']}@{at['HOST'] or '127.0.0.1'}:{at['PORT']}"
        environ = {
            **os.environ,
            "DATABASE_URL": f"postgres://{login}/{at['NAME']}",
            "DATABASE_OWNER_URL": "",
            "DJANGO_SETTINGS_MODULE": "core.settings.test",
            "MEDIA_ROOT": str(folder / "media"),
            "STATE_DIR": str(folder),
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.headers = {
            "Cookie": f"sessionid={cookie}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Tus-Resumable": "1.0.0",
            "Content-Type": BODY,
        }
        words = ("granian", "--interface", "wsgi", "--port", str(self.port), "--workers", "1",
                 "--blocking-threads", "4", "--no-ws", "deploy.wsgi:application")  # fmt: skip
        self._log = (folder / "granian.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=ROOT, env=environ,
            stdout=self._log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._log.close()

    def wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("granian did not start")

    def send(self, upload: Upload, offset: int, length: int) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        told = {"Upload-Offset": str(offset), "Content-Length": str(length)}
        body = (PIECE[: min(len(PIECE), length - at)] for at in range(0, length, len(PIECE)))
        line.request("PATCH", address(upload), body=body, headers=self.headers | told)
        status = line.getresponse().status
        line.close()
        return status

    def peak(self) -> int:
        """The most that the worker has ever held, MB."""
        workers = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        [worker] = " ".join(path.read_text() for path in workers).split()
        status = Path(f"/proc/{worker}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024


@pytest.fixture
def server(tmp_path: Path, artist: User) -> Iterator[Server]:
    found = Server(tmp_path, pages(artist).cookies["sessionid"].value)
    try:
        found.wait()
        yield found
    finally:
        found.stop()


def test_a_worker_stays_small_while_half_a_gigabyte_goes_through_it(
    server: Server, artist: User
) -> None:
    release = drafts.empty(artist_of(artist))
    upload = services.track_upload_begin(
        actor=artist, release=release, filename="a.wav", length=SIZE
    )
    assert server.send(upload, 0, 1000) == 204  # everything is loaded
    before = server.peak()
    assert server.send(upload, 1000, SIZE - 1000) == 204
    upload.refresh_from_db()
    assert (upload.state, len(upload.parts)) == ("received", 2)
    assert server.peak() - before < MAY_GROW


def test_granian_gives_on_what_came_before_a_cut(server: Server, artist: User) -> None:
    release = drafts.empty(artist_of(artist))
    upload = services.track_upload_begin(
        actor=artist, release=release, filename="a.wav", length=SIZE
    )
    said = [f"PATCH {address(upload)} HTTP/1.1", f"Host: 127.0.0.1:{server.port}",
            "Upload-Offset: 0", "Content-Length: 200000",
            *(f"{name}: {value}" for name, value in server.headers.items()), "", ""]  # fmt: skip
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall("\r\n".join(said).encode() + PIECE[:100_000])
    until = time.monotonic() + 20
    while upload.offset == 0 and time.monotonic() < until:
        time.sleep(0.1)
        upload.refresh_from_db()
    assert (upload.offset, upload.state) == (100_000, "receiving")
