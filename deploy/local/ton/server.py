"""The HTTP side: toncenter's two APIs, the faucet, faults and health on one port.

The standard library's server with one thread a connection and keep-alive. Every origin may call
it (the browser's development wallet does); it is meant for loopback.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from deploy.local.ton import addresses
from deploy.local.ton.chain import FAUCET_LIMIT, Chain, Refused
from deploy.local.ton.params import ApiError, Raw
from deploy.local.ton.render import dump
from deploy.local.ton.v2 import V2
from deploy.local.ton.v3 import V3
from deploy.local.ton.view import View

log = logging.getLogger("ton.http")

_MAX_BODY: Final = 1 << 20
_CORS: Final = (
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Allow-Methods: GET, POST, OPTIONS\r\n"
    "Access-Control-Allow-Headers: *\r\n"
    "Access-Control-Max-Age: 600\r\n"
)
_REASONS: Final = {200: "OK", 204: "No Content"}


class Api:
    """Turns a request into (status, JSON text); knows nothing of sockets."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.view = View(chain)
        self.v2 = V2(self.view)
        self.v3 = V3(self.view, self.v2)

    def answer(self, verb: str, path: str, params: dict[str, Any]) -> tuple[int, str]:
        """Answer one request."""
        if path.startswith("/api/"):
            return self._api(verb, path, params)
        if path == "/healthz" and verb == "GET":
            return 200, dump({"ok": True, "seqno": self.chain.head.seqno})
        if path == "/faults":
            return self._faults(verb, params)
        if path == "/faucet" and verb == "POST":
            return self._faucet(params)
        return _v2_error(404, "Not Found")

    def _api(self, verb: str, path: str, params: dict[str, Any]) -> tuple[int, str]:
        if self.view.faults.delay_ms:
            time.sleep(self.view.faults.delay_ms / 1000)
        if self.view.fails_now():
            return _v2_error(500, "LITE_SERVER_NETWORK: a fault that was asked for")
        _, _, version, method = [*path.split("/", 3), "", ""][:4]
        if version == "v2" and method == "jsonRPC" and verb == "POST":
            return self._json_rpc(params)
        if version == "v2" and method in self.v2.methods:
            return self._v2(method, params)
        if version == "v3" and method in self.v3.methods:
            return self._v3(method, params)
        return _v2_error(404, "Not Found")

    def _v2(self, method: str, params: dict[str, Any]) -> tuple[int, str]:
        try:
            result = self.v2.call(method, params)
        except ApiError as error:
            return _v2_error(error.status, str(error))
        return 200, f'{{"ok":true,"result":{_json(result)}}}'

    def _json_rpc(self, request: dict[str, Any]) -> tuple[int, str]:
        identity, method = request.get("id"), request.get("method")
        params = request.get("params") or {}
        tail = f',"jsonrpc":"2.0","id":{dump(identity)}}}'
        if not isinstance(method, str) or not isinstance(params, dict):
            status, text = _v2_error(422, "Validation error: method and params are required")
            return status, text[:-1] + tail
        if method not in self.v2.methods:
            return 422, '{"ok":false,"error":"Unknown method"' + tail
        status, text = self._v2(method, params)
        return status, text[:-1] + tail

    def _v3(self, method: str, params: dict[str, Any]) -> tuple[int, str]:
        try:
            return 200, dump(self.v3.call(method, params))
        except ApiError as error:
            return error.status, dump({"error": str(error), "code": error.status})

    def _faults(self, verb: str, params: dict[str, Any]) -> tuple[int, str]:
        try:
            if verb == "POST":
                self.view.set_faults(params)
        except ValueError as error:
            return _v2_error(422, str(error))
        return 200, dump({"ok": True, "result": vars(self.view.faults)})

    def _faucet(self, params: dict[str, Any]) -> tuple[int, str]:
        try:
            address = addresses.parse(str(params.get("address", "")))
            amount = int(str(params.get("amount", "")))
        except addresses.BadAddress:
            return _v2_error(416, "Incorrect address")
        except ValueError:
            return _v2_error(422, "Validation error: amount is a number of nano")
        if not 0 < amount <= FAUCET_LIMIT:
            return _v2_error(422, f"Validation error: amount is 1..{FAUCET_LIMIT}")
        try:
            digest = self.chain.wish(address, amount)
        except Refused as error:
            return _v2_error(500, str(error))
        result = {"address": address, "amount": str(amount), "transaction_hash": digest}
        return 200, dump({"ok": True, "result": result})


def _json(result: Any) -> str:
    return result if isinstance(result, Raw) else dump(result)


def _v2_error(status: int, text: str) -> tuple[int, str]:
    return status, dump({"ok": False, "error": text, "code": status})


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks Api, writes the answer in one packet."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 75

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve("POST")

    def do_OPTIONS(self) -> None:
        """Answer a browser's preflight."""
        self._write(204, "")

    def _serve(self, verb: str) -> None:
        split = urlsplit(self.path)
        try:
            params = self._params(verb, split.query)
            status, text = self.server.api.answer(verb, split.path.rstrip("/"), params)
        except ValueError as error:
            status, text = _v2_error(422, f"Validation error: {error}")
        except Exception as error:
            log.exception("%s %s", verb, split.path)
            status, text = _v2_error(503, str(error))
        self._write(status, text)

    def _params(self, verb: str, query: str) -> dict[str, Any]:
        parsed = parse_qs(query, keep_blank_values=True)
        params: dict[str, Any] = {
            name: values[0] if len(values) == 1 else values for name, values in parsed.items()
        }
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY:
            self.close_connection = True
            raise ValueError("body too large")
        body = self.rfile.read(length) if length else b""
        if verb == "POST" and body:
            value = json.loads(body)
            if not isinstance(value, dict):
                raise ValueError("the body is not a JSON object")
            params |= value
        return params

    def _write(self, status: int, text: str) -> None:
        body = text.encode()
        head = (
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{_CORS}"
        )
        if self.close_connection:
            head += "Connection: close\r\n"
        self.wfile.write(head.encode() + b"\r\n" + body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep quiet: a follower asks several times a second."""


class Server(ThreadingHTTPServer):
    """The listening socket."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, chain: Chain) -> None:
        """Listen; raises OSError when the port is taken."""
        self.api = Api(chain)
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as the base class would."""
        socket_ = self.socket
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        socket_.bind(self.server_address)
        self.server_address = socket_.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection that sends small answers at once."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address
