from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.http import Client, TooLarge, Unavailable


class Far(BaseHTTPRequestHandler):
    """An outside server with moods."""

    seen: list[str] = []  # noqa: RUF012  shared by all connections on purpose

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        failures = [one for one in self.seen if one.endswith("/flaky")]
        body, status, headers = b"{}", 200, {}
        if self.path == "/flaky" and len(failures) < 3:
            status = 503
        elif self.path == "/down":
            status = 502
        elif self.path == "/moved":
            status, headers = 302, {"Location": "http://169.254.169.254/"}
        elif self.path == "/large":
            body = b"x" * 5000
        elif self.path == "/bomb":
            body, headers = gzip.compress(b"x" * 5_000_000), {"Content-Encoding": "gzip"}
        elif self.path == "/packed":
            body, headers = gzip.compress(b'{"a":1}'), {"Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  the library's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def far() -> Iterator[Client]:
    Far.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Far)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Client(base_url=f"http://127.0.0.1:{server.server_port}", max_bytes=4096) as client:
        yield client
    server.shutdown()
    server.server_close()


def test_a_safe_call_is_repeated_until_it_works(far: Client) -> None:
    assert far.request("GET", "/flaky").json() == {}
    assert len(Far.seen) == 3


def test_an_unsafe_call_is_made_once(far: Client) -> None:
    with pytest.raises(Unavailable):
        far.request("POST", "/flaky")
    assert Far.seen == ["POST /flaky"]


def test_an_unsafe_call_with_its_own_key_may_be_repeated(far: Client) -> None:
    assert far.request("POST", "/flaky", again=True).status_code == 200


def test_lasting_failure_is_told(far: Client) -> None:
    with pytest.raises(Unavailable, match="502"):
        far.request("GET", "/down")


def test_a_redirect_is_not_followed(far: Client) -> None:
    assert far.request("GET", "/moved").status_code == 302
    assert Far.seen == ["GET /moved"]


@pytest.mark.parametrize("path", ["/large", "/bomb"])
def test_a_large_answer_is_refused_packed_or_not(far: Client, path: str) -> None:
    with pytest.raises(TooLarge):
        far.request("GET", path)


def test_a_packed_answer_is_read(far: Client) -> None:
    assert far.request("GET", "/packed").json() == {"a": 1}


def test_nobody_there_is_unavailable() -> None:
    with Client(base_url="http://127.0.0.1:1", attempts=1) as client, pytest.raises(Unavailable):
        client.request("GET", "/")
