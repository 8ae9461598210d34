"""A server of the local IPFS network: streaming, keep-alive, and with faults to set.

POST /_sandbox/faults {"flip": true}   see Faults; {} mends everything
GET  /_sandbox/state                   what it was asked for: method, path, status
"""

from __future__ import annotations

import json
import logging
import re
import socket
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from deploy.local.ipfs.body import Body
from deploy.local.sandbox.faults import Knobs

log = logging.getLogger(__name__)
REMEMBERED: Final = 2000
STEER_MOST: Final = 100_000


@dataclass
class Faults(Knobs):
    """What goes wrong next at this port; `only`: for paths that hold these words.

    hang: no answer for hang_seconds. too_many: 429 and retry_after. unavailable: 503. missing: 404.
    refuse: the connection is reset. slow: the first byte after slow_seconds. truncate: half of the
    body, as if that were all. flip: one wrong bit in the body. wrong_type: text/html.
    """

    only: str = ""
    hang: int = 0
    hang_seconds: float = 30.0
    too_many: int = 0
    retry_after: int = 1
    unavailable: int = 0
    missing: int = 0
    refuse: int = 0
    slow: int = 0
    slow_seconds: float = 1.0
    truncate: int = 0
    flip: int = 0
    wrong_type: int = 0


@dataclass
class Answer:
    """body: pieces. length: of all of them, None where it is not known before."""

    status: int = 200
    body: Iterable[bytes] = ()
    kind: str = "application/json"
    length: int | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Answer:
        return cls.whole(json.dumps(value).encode(), status=status, headers=headers)

    @classmethod
    def whole(cls, data: bytes, **more: Any) -> Answer:
        return cls(body=[data], length=len(data), **more)


class Refuse(Exception):
    """Answer with this instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass
class Asked:
    """A request. match: groups of the route's pattern."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Body
    match: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body.all(STEER_MOST) or b"{}")


Route = Callable[[Any, Asked], Answer]


class Face:
    """routes: (methods, pattern of the path) -> function. Use as a context manager, or `start`."""

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {}

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self.faults = Faults()
        self.lock = threading.RLock()
        self.asked: list[dict[str, Any]] = []
        self.stopping = threading.Event()
        self._server = _Server((host, port), self)
        self.port = int(self._server.server_address[1])
        self.url = f"http://{host}:{self.port}"

    def start(self, *, look_every: float = 0.05) -> Self:
        """look_every: seconds between looks at whether `stop` was called."""
        threading.Thread(target=self._server.serve_forever, args=(look_every,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def mend(self) -> None:
        """No faults any more, and nothing remembered."""
        with self.lock:
            self.faults, self.asked = Faults(), []

    # --- answering ----------------------------------------------------------------------------
    def answer(self, asked: Asked) -> Answer | None:
        """None: the connection is reset without a word."""
        if asked.path.startswith("/_sandbox/"):
            return self._steer(asked)
        if self.faults.only not in asked.path:
            return self._routed(asked)
        take = self.faults.take
        if take("refuse"):
            return None
        if take("hang"):
            self.stopping.wait(self.faults.hang_seconds)
            return None
        if take("slow"):
            self.stopping.wait(self.faults.slow_seconds)
        for name, status in (("too_many", 429), ("unavailable", 503), ("missing", 404)):
            if take(name):
                wait = {"Retry-After": str(self.faults.retry_after)} if name == "too_many" else {}
                return self.failed(status, "a fault that was set", **wait)
        return self._spoilt(self._routed(asked))

    def _spoilt(self, answer: Answer) -> Answer:
        if answer.status not in {200, 206}:
            return answer
        if self.faults.take("wrong_type"):
            answer.kind = "text/html"
        if self.faults.take("flip"):
            answer.body = _flipped(answer.body)
        if self.faults.take("truncate"):
            answer.body, answer.length = _halved(answer.body), None
        return answer

    def _routed(self, asked: Asked) -> Answer:
        try:
            for (methods, pattern), route in self.routes.items():
                found = re.fullmatch(pattern, asked.path)
                if found and asked.method in methods.split("|"):
                    asked.match = found.groupdict()
                    return route(self, asked)
        except Refuse as refusal:
            return refusal.answer
        return self.failed(404, f"no {asked.method} {asked.path} here")

    def failed(self, status: int, why: str, **headers: str) -> Answer:
        """An error in this server's own form."""
        return Answer.json({"error": why}, status, **headers)

    def _steer(self, asked: Asked) -> Answer:
        what = asked.path.removeprefix("/_sandbox/")
        try:
            if what == "faults" and asked.method == "POST":
                self.faults = Faults.of(asked.json())
                return Answer.json({})
        except (TypeError, ValueError) as error:
            return Answer.json({"error": str(error)}, 400)
        if what == "state":
            with self.lock:
                return Answer.json({"asked": self.asked})
        return Answer.json({"error": f"no {what}"}, 404)

    def note(self, asked: Asked, status: int) -> None:
        if not asked.path.startswith("/_sandbox/"):
            with self.lock:
                entry = {"method": asked.method, "path": asked.path, "status": status}
                self.asked = [*self.asked[-REMEMBERED:], entry | {"query": asked.query}]


def _flipped(body: Iterable[bytes]) -> Iterator[bytes]:
    """One wrong bit in the middle of the last piece that has bytes."""
    held = b""
    for piece in body:
        if piece:
            if held:
                yield held
            held = piece
    middle = len(held) // 2
    if held:
        yield held[:middle] + bytes([held[middle] ^ 1]) + held[middle + 1 :]


def _halved(body: Iterable[bytes]) -> Iterator[bytes]:
    whole = b"".join(body)
    return iter((whole[: len(whole) // 2],))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    disable_nagle_algorithm = True
    timeout = 120
    server: _Server

    def _go(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        headers = dict(self.headers.items())
        body = Body(self.rfile, headers)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(self.command, urllib.parse.unquote(parts.path), query, headers, body)
        answer = self.server.face.answer(asked)
        self.server.face.note(asked, answer.status if answer else 0)
        if answer is None:
            self._reset()
            return
        if not body.drain():
            self.close_connection = True
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(answer.length))
        self.end_headers()
        if self.command != "HEAD":
            for piece in answer.body:
                self.wfile.write(piece)
        self.wfile.flush()

    def _reset(self) -> None:
        self.close_connection = True
        at_once = struct.pack("ii", 1, 0)  # close by RST: nothing more is sent
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = _go  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        log.debug(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], face: Face) -> None:
        self.face = face
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request
        log.debug("caller left: %s", client_address)
