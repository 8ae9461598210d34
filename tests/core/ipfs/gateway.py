"""A strict IPFS gateway on loopback that can be told to fail in every way that real ones do."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.ipfs.cid import CidBuilder
from core.ipfs.dag import Layout
from core.ipfs.gateways import Gateway, Want


class Node:
    """What it has, how it behaves, and what it was asked.

    behaviour: "" (as the specification says), "flip", "hang", "slow", "busy", "cut", "short",
    "page", "redirect", "missing", "long", "error", "compressed".
    """

    def __init__(self, name: str, *, trustless: bool = True, tier: int = 0) -> None:
        self.name, self.trustless, self.tier = name, trustless, tier
        self.behaviour, self.seconds, self.retry_after = "", 0.3, "30"
        self.files: dict[str, bytes] = {}  # leaves and whole files by CID
        self.asked: list[str] = []
        self.dropped = 0  # answers whose reader had gone
        self.stopping = threading.Event()
        node = self

        class Handler(_Handler):
            of = node

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def gateway(self) -> Gateway:
        port = self.server.server_address[1]
        return Gateway(self.name, f"http://127.0.0.1:{port}", self.tier, self.trustless)

    def has(self, data: bytes) -> Layout:
        """Take a file in; the layout by which its leaves are asked for."""
        builder = CidBuilder()
        builder.update(data)
        self.files[str(builder.cid())] = data
        layout = Layout(len(data), builder.leaves)
        for number in range(layout.count):
            first, last = layout.span(number)
            self.files[str(layout.leaf(number))] = data[first : last + 1]
        return layout

    def leaves_asked(self) -> list[str]:
        return [path for path in self.asked if "bafkqaaa" not in path]

    def stop(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    of: Node
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        try:
            self._get()
        except (BrokenPipeError, ConnectionResetError):
            self.of.dropped += 1
            self.close_connection = True

    def _get(self) -> None:
        node = self.of
        path, _, query = self.path.partition("?")
        node.asked.append(path)
        data = b"" if path == "/ipfs/bafkqaaa" else node.files.get(path.removeprefix("/ipfs/"))
        behaviour = node.behaviour
        if behaviour == "hang":
            node.stopping.wait(30)
            self.close_connection = True
            return
        if behaviour == "slow":
            time.sleep(node.seconds)
        if behaviour == "busy":
            self._send(429, b"", {"Retry-After": node.retry_after})
        elif behaviour == "redirect":
            self._send(301, b"", {"Location": f"https://elsewhere.example{path}"})
        elif behaviour == "error":
            self._send(500, b"oh")
        elif data is None or behaviour == "missing":
            self._send(404, b"no")
        elif behaviour == "page":
            self._send(200, b"<h1>Welcome</h1>".ljust(len(data)), {"Content-Type": "text/html"})
        elif node.trustless:
            assert query == "format=raw", self.path
            assert self.headers["Accept"] == "application/vnd.ipld.raw"
            self._bytes(200, data, {"Content-Type": "application/vnd.ipld.raw"})
        else:
            self._part(data)

    def _part(self, data: bytes) -> None:
        kind = {"Content-Type": "audio/mpeg"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            self._bytes(200, data, kind)
            return
        first, last = int(wanted[1]), int(wanted[2])
        kind["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        self._bytes(206, data[first : last + 1], kind)

    def _bytes(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        behaviour = self.of.behaviour
        if behaviour == "flip" and data:
            data = bytes((data[0] ^ 1,)) + data[1:]
        if behaviour == "long":
            data += b"more"
        if behaviour == "short":
            data = data[:-1]
        if behaviour == "compressed":
            headers["Content-Encoding"] = "gzip"
        self._send(status, data, headers, cut=behaviour == "cut")

    def _send(
        self, status: int, data: bytes, headers: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.close_connection = True


@contextmanager
def nodes(*names: str, trustless: bool = True) -> Iterator[list[Node]]:
    made = [Node(name, trustless=trustless) for name in names]
    try:
        yield made
    finally:
        for one in made:
            one.stop()


def want(layout: Layout, number: int = 0) -> Want:
    first, last = layout.span(number)
    return Want(layout.root, layout.leaf(number), first, last, layout.size)
