"""toncenter's v2 API (and v3's head) over a scripted chain: refuses what the real one refuses."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.ton import addresses
from core.ton.client import RawTransaction
from core.ton.messages import normalised_hash
from tests.core.ton.scripted import Chain

PARAMETERS: dict[str, tuple[set[str], set[str]]] = {
    "getMasterchainInfo": (set(), set()),
    "getBlockHeader": ({"workchain", "shard", "seqno"}, set()),
    "getAddressInformation": ({"address"}, set()),
    "getTransactions": ({"address"}, {"limit", "lt", "hash", "to_lt", "archival"}),
}


class Refusal(Exception):
    def __init__(self, status: int, error: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.error, self.headers = status, error, headers or {}
        super().__init__(error)


class Stub:
    """`script` holds answers to give before any other: a Refusal or raw bytes with status 200."""

    def __init__(self, chain: Chain, api_key: str = "", *, v3: bool = True) -> None:
        self.chain = chain
        self.api_key = api_key
        self.v3 = v3
        self.url = ""
        self.script: deque[Refusal | bytes] = deque()
        self.calls: list[str] = []
        self.sent: list[bytes] = []
        self.stack: list[Any] = []
        self.exit_code = 0
        self.code = ""
        self.edit: dict[str, Any] = {}

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any] | None) -> Any:
        prefix, _, method = path.rpartition("/")
        self.calls.append(method)
        if self.script:
            scripted = self.script.popleft()
            if isinstance(scripted, Refusal):
                raise scripted
            return scripted
        if prefix == "/api/v3" and method == "masterchainInfo" and self.v3:
            return {"last": {"seqno": self.chain.seqno, "gen_utime": str(int(time.time()))}}
        if prefix != "/api/v2":
            raise Refusal(404, "not found")
        if body is not None:
            return {"ok": True, "result": self._post(method, body)}
        if method not in PARAMETERS:
            raise Refusal(404, f"no method {method}")
        needed, allowed = PARAMETERS[method]
        if not needed <= set(query) <= needed | allowed:
            raise Refusal(422, f"validation error: {sorted(query)}")
        return {"ok": True, "result": getattr(self, f"_{method}")(query)}

    def _getMasterchainInfo(self, _query: dict[str, str]) -> Any:  # noqa: N802
        return {"@type": "blocks.masterchainInfo", "last": {"seqno": self.chain.seqno}}

    def _getBlockHeader(self, query: dict[str, str]) -> Any:  # noqa: N802
        if (query["workchain"], query["shard"]) != ("-1", str(-(2**63))):
            raise Refusal(422, "only the masterchain")
        return {"@type": "blocks.header", "gen_utime": int(time.time())}

    def _getAddressInformation(self, query: dict[str, str]) -> Any:  # noqa: N802
        self._own(query["address"])
        last = self.chain.transactions[-1]
        return {
            "balance": "1500000000",
            "code": self.code,
            "data": self.code,
            "last_transaction_id": {"lt": str(last.lt), "hash": b64(last.hash)},
            "state": "active",
        } | self.edit

    def _getTransactions(self, query: dict[str, str]) -> Any:  # noqa: N802
        self._own(query["address"])
        limit = int(query.get("limit", "10"))
        if not 0 < limit <= 100:
            raise Refusal(422, "limit")
        found = [item for item in self.chain.transactions if item.lt > int(query["to_lt"])]
        if "lt" in query:
            start = [item for item in self.chain.transactions if item.lt == int(query["lt"])]
            if not start or base64.b64decode(query["hash"]) != start[0].hash:
                raise Refusal(500, "LITE_SERVER_UNKNOWN: cannot locate transaction")
            found = [item for item in found if item.lt <= start[0].lt]
        return [self._entry(item) for item in reversed(found[-limit:])]

    def _entry(self, item: RawTransaction) -> dict[str, Any]:
        return {
            "@type": "raw.transaction",
            "utime": item.utime,
            "data": b64(item.boc),
            "transaction_id": {"lt": str(item.lt), "hash": b64(item.hash)},
        } | self.edit

    def _own(self, address: str) -> None:
        if addresses.parse(address) != self.chain.account:
            raise Refusal(422, "another account")

    def _post(self, method: str, body: dict[str, Any]) -> Any:
        if method == "runGetMethod":
            if set(body) != {"address", "method", "stack"}:
                raise Refusal(422, "validation error")
            self.asked = body["stack"]
            return {"@type": "smc.runResult", "exit_code": self.exit_code, "stack": self.stack}
        if method == "sendBocReturnHash":
            boc = base64.b64decode(body["boc"], validate=True)
            self.sent.append(boc)
            return {"@type": "raw.extMessageInfo", "hash_norm": b64(normalised_hash(boc))}
        raise Refusal(404, f"no method {method}")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@contextmanager
def served(stub: Stub) -> Iterator[Stub]:
    """Listen on a free loopback port until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._reply(parts.path, query, None)

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Type"] != "application/json":
                self._write(415, {"ok": False, "error": "content type"}, {})
                return
            self._reply(self.path, {}, json.loads(data))

        def _reply(self, path: str, query: dict[str, str], body: dict[str, Any] | None) -> None:
            if stub.api_key and self.headers.get("X-API-Key") != stub.api_key:
                self._write(401, {"ok": False, "error": "API key"}, {})
                return
            try:
                self._write(200, stub.answer(path, query, body), {})
            except Refusal as refusal:
                answer = {"ok": False, "error": refusal.error, "code": refusal.status}
                self._write(refusal.status, answer, refusal.headers)

        def _write(self, status: int, answer: Any, headers: dict[str, str]) -> None:
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_port}/api/v2/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
