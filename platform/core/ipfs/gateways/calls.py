"""Calls that can be ended from another thread, and that end by themselves when their time is over.

A thread that waits in recv() hears nothing; its socket can be shut, which wakes it. So each call
knows the connection that it is using at this moment, and only that one is ever shut.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore2
import httpx2

_ASKED: Final = threading.local()
_SMALLEST: Final = 0.001  # a timeout of zero would mean "do not wait at all"
Options = Iterable[Any]


class Cancelled(Exception):
    """The call was ended from outside."""


class Call:
    """One request. `until`: the moment (time.monotonic) at which it has to be over."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.first_byte: float | None = None  # seconds after the start
        self.started = time.monotonic()
        self.cancelled = False
        self.dropped = False  # cancelled because nobody wants it, not because another was faster
        self._lock = threading.Lock()
        self._stream: _Stream | None = None

    def left(self) -> float:
        return max(_SMALLEST, self.until - time.monotonic())

    def begin(self) -> None:
        """A thread has taken it up: time that it waited for one counts for nobody."""
        now = time.monotonic()
        self.until += now - self.started
        self.started = now

    def begun(self) -> None:
        """The answer's head is here."""
        self.first_byte = time.monotonic() - self.started

    def cancel(self, *, dropped: bool = False) -> None:
        """End it now, wherever it stands; its thread gets Cancelled or a broken connection."""
        with self._lock:
            self.cancelled, self.dropped = True, dropped
            if self._stream is not None:
                self._stream.shut(self)

    def using(self, stream: _Stream | None) -> None:
        """Raises Cancelled when it is over already."""
        with self._lock:
            self._stream = stream
            if self.cancelled and stream is not None:
                raise Cancelled


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """What this thread does inside belongs to the call."""
    _ASKED.call = call
    try:
        yield
    finally:
        call.using(None)
        _ASKED.call = None


def _left(stream: _Stream | None, timeout: float | None) -> float | None:
    """The time limit of the next step of this thread's call, which it takes on this connection."""
    call: Call | None = getattr(_ASKED, "call", None)
    if stream is not None:
        stream.lent(call)
    if call is None:
        return timeout
    call.using(stream)
    if call.cancelled:
        raise Cancelled
    return call.left() if timeout is None else min(timeout, call.left())


class _Stream(httpcore2.NetworkStream):
    """A connection, and the call that used it last: only that one may shut it."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._call: Call | None = None

    def lent(self, call: Call | None) -> None:
        with self._lock:
            self._call = call

    def shut(self, call: Call) -> None:
        """Wake up whoever waits for it, unless another call has it by now."""
        with self._lock:
            raw = self._inner.get_extra_info("socket") if self._call is call else None
            if isinstance(raw, socket.socket):
                with contextlib.suppress(OSError):  # it has ended by itself
                    socket.socket.shutdown(raw, socket.SHUT_RDWR)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = _left(self, timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = _left(None, timeout)
        return _Stream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class Transport(httpx2.HTTPTransport):
    """httpx2's own transport over connections that know their call."""

    def __init__(self, *, authorities: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=authorities, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=authorities,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=20.0,
            network_backend=_Backend(),
        )
