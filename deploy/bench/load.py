"""A small load generator: keep-alive connections in processes of their own, raw bytes, no parsing.

Written for loopback and for servers that answer with Content-Length; bounded in time.
"""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from statistics import quantiles
from urllib.parse import urlsplit

CONNECTIONS = 8
PROCESSES = 2
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length: "
PATIENCE = 10.0


class Refused(RuntimeError):
    """The server did not answer as it has to; measured numbers would mean nothing."""


@dataclass(frozen=True)
class Request:
    """One kind of request. `{n}` in a header's value becomes a number that is never repeated."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    expect: int = 200

    def encoder(self, mark: str) -> Callable[[], bytes]:
        """Gives the bytes of one request after another."""
        parts = urlsplit(self.url)
        lines = [f"{self.method} {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        text = "\r\n".join(lines).encode() + END_OF_HEAD + self.body
        if b"{n}" not in text:
            return lambda: text
        numbers = count()
        return lambda: text.replace(b"{n}", f"{mark}-{next(numbers)}".encode())


@dataclass(frozen=True)
class Result:
    """Requests per second, and latencies in milliseconds."""

    rate: float
    p50: float
    p95: float


def measure(request: Request, seconds: float, warmup: float = 0.3) -> Result:
    """Asks as fast as the server answers. Raises Refused on any other status than expected."""
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        share = CONNECTIONS // PROCESSES
        given = [
            (request, share, warmup, seconds, f"{time.time_ns()}-{n}") for n in range(PROCESSES)
        ]
        taken = [one for part in pool.starmap(_drive, given) for one in part]
    points = quantiles(taken, n=20)
    return Result(len(taken) / seconds, points[9] * 1000, points[18] * 1000)


def _drive(
    request: Request, connections: int, warmup: float, seconds: float, mark: str
) -> list[float]:
    """Latencies of the requests answered within `seconds` after the warm-up."""
    encode = request.encoder(mark)
    selector = selectors.DefaultSelector()
    begin = time.perf_counter()
    for _ in range(connections):
        line = _Line(request, encode)
        selector.register(line.socket, selectors.EVENT_READ, line)
    taken: list[float] = []
    start, end = begin + warmup, begin + warmup + seconds
    while (now := time.perf_counter()) < end:
        for key, _events in selector.select(PATIENCE):
            line = key.data
            if line.read():
                now = time.perf_counter()
                if start <= now < end:
                    taken.append(now - line.asked_at)
                line.ask()
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    return taken


class _Line:
    """One connection with at most one request under way."""

    def __init__(self, request: Request, encode: Callable[[], bytes]) -> None:
        parts = urlsplit(request.url)
        self.socket = socket.create_connection((str(parts.hostname), parts.port or 80), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.status = f"HTTP/1.1 {request.expect} ".encode()
        self.encode = encode
        self.buffer = b""
        self.ask()

    def ask(self) -> None:
        self.buffer = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(self.encode())

    def read(self) -> bool:
        """True when the whole answer is there."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise Refused(f"the server hung up after {self.buffer[:200]!r}")
        self.buffer += piece
        head = self.buffer.find(END_OF_HEAD)
        if head < 0:
            return False
        if not self.buffer.startswith(self.status):
            raise Refused(self.buffer[:400].decode(errors="replace"))
        at = self.buffer.lower().find(LENGTH, 0, head)
        if at < 0:
            raise Refused("an answer without Content-Length")
        length = int(self.buffer[at + len(LENGTH) : self.buffer.find(b"\r\n", at)])
        return len(self.buffer) >= head + len(END_OF_HEAD) + length
