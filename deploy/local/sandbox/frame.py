"""What all sandboxes share: the server, the faults, the webhook sender, the steering wheel.

A sandbox is a subclass of Sandbox: `routes` maps (method, pattern) to a function that takes a Call
and returns a Reply. Under /_sandbox/ a test or the demo plays the payer and breaks things:

    GET  /_sandbox/state                       everything that it remembers
    POST /_sandbox/faults {...}                see Faults
    POST /_sandbox/clock  {"offset": seconds}  it lives that much in the future
    POST /_sandbox/<act>  {...}                what a payer does: pay, decline, leave, dispute ...
"""

from __future__ import annotations

import json
import logging
import queue
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from deploy.local.sandbox.delivery import Delivery
from deploy.local.sandbox.faults import Faults

__all__ = ["Call", "Delivery", "Faults", "Refuse", "Reply", "Route", "Sandbox"]
log = logging.getLogger(__name__)
MAX_BODY: Final = 1_000_000
_WAITS: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Refuse(Exception):
    """Answer with this instead: (status, JSON)."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.reply = Reply(status, body, headers=dict(headers or {}))


@dataclass
class Reply:
    """An answer: JSON unless `kind` says otherwise."""

    status: int = 200
    body: Any = None
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if self.kind == "application/json":
            return json.dumps(self.body).encode()
        return str(self.body).encode()


@dataclass
class Call:
    """A request. `match` holds the groups of the route's pattern."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    raw: bytes
    match: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.raw or b"{}")

    def form(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.raw.decode(), keep_blank_values=True))


Route = Callable[[Any, Call], Reply]


class Sandbox:
    """Use as a context manager for tests, or `serve` in a process of its own."""

    name = ""
    routes: ClassVar[Mapping[tuple[str, str], Route]] = {}
    # how often a webhook is sent, at most
    tries = len(_WAITS) + 1
    # calls whose effect may be hidden by a fault: method and pattern of the path
    effects: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1", public_url: str = "") -> None:
        self.lock = threading.RLock()
        self.faults = Faults()
        self.offset = 0.0
        self.public_url = public_url
        self.events: list[Delivery] = []  # every webhook there was to send
        self.sent: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://{host}:{self.port}"
        self._webhooks: queue.Queue[tuple[float, Delivery] | None] = queue.Queue()
        self._held: Delivery | None = None

    # --- life ---------------------------------------------------------------------------------
    def start(self, *, look_every: float = 0.05) -> Self:
        """look_every: seconds between looks at whether `stop` was called."""
        for target, given in ((self._server.serve_forever, (look_every,)), (self._deliver, ())):
            threading.Thread(target=target, args=given, daemon=True).start()
        return self

    def stop(self) -> None:
        self._webhooks.put(None)
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

    def now(self) -> float:
        """Unix seconds of this sandbox, which a test may move."""
        return time.time() + self.offset

    def clock(self) -> float:
        """Unix seconds that its answers' Date says and requests' times are compared with."""
        return time.time()

    # --- answering ----------------------------------------------------------------------------
    def answer(self, call: Call) -> Reply:
        if call.path.startswith("/_sandbox/"):
            return self._steer(call)
        for (method, pattern), route in self.routes.items():
            found = re.fullmatch(pattern, call.path)
            if found and method == call.method:
                call.match = found.groupdict()
                return self._with_faults(call, route)
        return self.not_found(call)

    def not_found(self, call: Call) -> Reply:
        return Reply(404, {"error": f"no {call.method} {call.path} here"})

    def malformed(self, why: str) -> Reply:
        """The provider's own form of "that is no request": not JSON, a wrong type, a gap."""
        return Reply(400, {"error": why})

    def broken(self, status: int) -> Reply:
        """The provider's own form of an error that a fault makes."""
        return Reply(status, {"error": "sandbox fault"})

    def _with_faults(self, call: Call, route: Route) -> Reply:
        has_effect = any(
            call.method == method and re.fullmatch(pattern, call.path)
            for method, pattern in self.effects
        )
        if has_effect and self.faults.take("too_many"):
            reply = self.broken(429)
            reply.headers["Retry-After"] = "1"
            return reply
        if has_effect and self.faults.take("unavailable"):
            return self.broken(503)
        try:
            with self.lock:
                reply = route(self, call)
        except Refuse as refusal:
            return refusal.reply
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return self.malformed(f"{type(error).__name__}: {error}")
        if has_effect and self.faults.take("hang_after_effect"):
            time.sleep(self.faults.hang_seconds)
        if has_effect and self.faults.take("error_after_effect"):
            return self.broken(500)
        return reply

    def _steer(self, call: Call) -> Reply:
        what = call.path.removeprefix("/_sandbox/")
        try:
            given = call.json() if call.method == "POST" else {}
            if what == "state":
                with self.lock:
                    return Reply(200, self.state())
            if what == "faults":
                self.faults = Faults.of(given)
                return Reply(200, {})
            if what == "clock":
                self.offset = float(given["offset"])
                return Reply(200, {})
            act = getattr(self, f"act_{what}", None)
            if act is None:
                return Reply(404, {"error": f"no act {what}"})
            return Reply(200, act(**given) or {})
        except Refuse as refusal:
            return refusal.reply
        except (KeyError, TypeError, ValueError) as error:
            return Reply(400, {"error": f"{type(error).__name__}: {error}"})

    def state(self) -> Any:
        return {}

    # --- webhooks -----------------------------------------------------------------------------
    def send(self, delivery: Delivery) -> None:
        """Deliver with the faults that are set: lost, twice, late, in another order."""
        self.events.append(delivery)
        if not delivery.url or self.faults.take("drop"):
            return
        if self.faults.take("reorder") and self._held is None:
            self._held = delivery
            return
        times = 2 if self.faults.take("duplicate") else 1
        for _ in range(times):
            self._webhooks.put((time.monotonic() + self.faults.delay, delivery))
        if self._held is not None:
            held, self._held = self._held, None
            self._webhooks.put((time.monotonic() + self.faults.delay, held))

    def _deliver(self) -> None:
        while (entry := self._webhooks.get()) is not None:
            at, delivery = entry
            threading.Thread(target=self._one, args=(at, delivery), daemon=True).start()

    def _one(self, at: float, delivery: Delivery) -> None:
        time.sleep(max(0.0, at - time.monotonic()))
        for wait in (*_WAITS[: self.tries - 1], None):
            status, body = delivery.post()
            self.sent.append({"url": delivery.url, "status": status})
            if delivery.accepted(status, body) or wait is None:
                return
            time.sleep(wait)


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: else each answer waits 40 ms for an acknowledgement.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _go(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.send_error(413)
                return
            raw = self.rfile.read(length)
            parts = urllib.parse.urlsplit(self.path)
            call = Call(
                self.command,
                parts.path,
                urllib.parse.parse_qs(parts.query, keep_blank_values=True),
                dict(self.headers.items()),
                raw,
            )
            reply = sandbox.answer(call)
            data = reply.raw()
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(data)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                log.debug("caller left")

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(sandbox.clock() if timestamp is None else timestamp)

        do_GET = do_POST = do_DELETE = do_PUT = _go  # noqa: N815  the library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
            log.debug(format, *args)

    return Handler
