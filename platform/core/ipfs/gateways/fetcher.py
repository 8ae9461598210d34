"""One for a process: its connections, its threads, what it knows of each gateway."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import httpx2

from core.http import USER_AGENT, authorities
from core.ipfs.gateways import metrics, wire
from core.ipfs.gateways.base import Gateway, GatewayFailed, Limits, News, Outcome, Want
from core.ipfs.gateways.calls import Call, Transport
from core.ipfs.gateways.choice import ranked
from core.ipfs.gateways.flights import Flight
from core.ipfs.gateways.shared import SharedHealth

THREADS: Final = 24
_SAVED: Final = 5.0  # second requests that may be saved up


class Budget:
    """A token bucket: every request adds its share, every second request takes one whole."""

    def __init__(self, share: float) -> None:
        self._share, self._tokens = share, 1.0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self._tokens = min(_SAVED, self._tokens + self._share)

    def take(self) -> bool:
        with self._lock:
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True


class Fetcher:
    """`news` are told to `drain`'s caller, who can write them down; a liar is not asked again."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.health = SharedHealth()
        self.budget = Budget(self.limits.share)
        self._client = httpx2.Client(
            transport=Transport(authorities=authorities(), connections=THREADS * 2),
            headers={"User-Agent": USER_AGENT},
            follow_redirects=False,
            trust_env=False,
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gateway")
        self._lock = threading.Lock()
        self._flights: dict[bytes, Flight] = {}
        self._news: deque[News] = deque()
        self._liars: set[str] = set()

    def begin(self, want: Want, gateways: Sequence[Gateway]) -> Flight:
        """Start fetching a leaf, or join whoever fetches it already. Owes a `release`."""
        with self._lock:
            flight = self._flights.get(want.leaf.digest)
            fresh = flight is None
            if flight is None:
                flight = Flight(want, list(gateways), self)
                self._flights[want.leaf.digest] = flight
            else:
                metrics.JOINED.inc()
            flight.users += 1
        if fresh:
            flight.start()
        return flight

    def release(self, flight: Flight) -> None:
        """The last user's leaving ends what still runs."""
        with self._lock:
            flight.users -= 1
            if flight.users:
                return
            self._flights.pop(flight.want.leaf.digest, None)
        flight.cancel(dropped=True)

    def fetch(self, want: Want, gateways: Sequence[Gateway]) -> bytes:
        """Verified bytes of one leaf. Raises FetchFailed."""
        flight = self.begin(want, gateways)
        try:
            return flight.result()
        finally:
            self.release(flight)

    def probe(self, gateway: Gateway, want: Want | None = None) -> Future[bytes]:
        """Ask one gateway alone for the empty block, and for a leaf of ours when one is given."""

        def both(call: Call) -> bytes:
            wire.probe(self._client, gateway, call, self.limits)
            if want is None:
                return b""
            more = Call(call.started + self.limits.attempt)
            data = wire.leaf(self._client, gateway, want, more, self.limits)
            call.first_byte = more.first_byte  # of real bytes: the empty block comes too easily
            return data

        return self._threads.submit(self._attempt, gateway, both, self._call())

    def drain(self) -> list[News]:
        """What has happened since the last time."""
        told = []
        while self._news:
            told.append(self._news.popleft())
        return told

    def believe(self, name: str) -> None:
        """It may be asked again: what it did stands in the database, which decides from here on."""
        self._liars.discard(name)

    def ranked(self, gateways: Sequence[Gateway]) -> list[Gateway]:
        honest = [one for one in gateways if one.name not in self._liars]
        healths = self.health.read(one.name for one in honest)
        return ranked(honest, healths, now=time.time())

    def may_ask(self, gateway: Gateway) -> bool:
        """A half-open circuit lets one request of all processes through."""
        health = self.health.read([gateway.name])[gateway.name]
        state = health.state(time.time())
        return state == "closed" or (
            state == "half_open" and self.health.claim(gateway.name, self.limits.first_byte)
        )

    def may_probe(self, gateway: Gateway) -> bool:
        """Whether it has not asked for a pause. A probe may try an open circuit at any time."""
        health = self.health.read([gateway.name])[gateway.name]
        return gateway.name not in self._liars and health.busy_until <= time.time()

    def ask(self, gateway: Gateway, want: Want) -> tuple[Future[bytes], Call, float]:
        """Ask one gateway in a thread; the seconds after which a second one is worth asking."""
        self.budget.add()
        health = self.health.read([gateway.name])[gateway.name]
        call = self._call()
        future = self._threads.submit(
            self._attempt,
            gateway,
            lambda one: wire.leaf(self._client, gateway, want, one, self.limits),
            call,
        )
        return future, call, health.hedge_after(self.limits)

    def close(self) -> None:
        for flight in list(self._flights.values()):
            flight.cancel(dropped=True)
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._client.close()
        self.health.close()

    def _call(self) -> Call:
        return Call(time.monotonic() + self.limits.attempt)

    def _attempt(self, gateway: Gateway, work: Callable[[Call], bytes], call: Call) -> bytes:
        call.begin()
        if call.cancelled:  # while it waited for a thread
            raise GatewayFailed("overtaken")
        try:
            data = work(call)
        except GatewayFailed as failure:
            self._note(gateway, failure.outcome, call, failure)
            raise
        self._note(gateway, "ok", call, size=len(data))
        return data

    def _note(
        self,
        gateway: Gateway,
        outcome: Outcome,
        call: Call,
        failure: GatewayFailed | None = None,
        size: int = 0,
    ) -> None:
        metrics.REQUESTS.labels(gateway.name, outcome).inc()
        if outcome == "overtaken" and (call.first_byte is not None or call.dropped):
            return  # it was at work already, or nobody wanted it any more
        change = self.health.observe(
            gateway.name,
            outcome,
            first_byte=call.first_byte,
            retry_after=failure.retry_after if failure else 0.0,
            size=size,
        )
        if outcome == "ok":
            metrics.BYTES.labels(gateway.name).inc(size)
            metrics.FIRST_BYTE.labels(gateway.name).observe(call.first_byte or 0.0)
        if outcome == "wrong" and failure is not None:
            self._liars.add(gateway.name)
            self._news.append(News(gateway.name, "wrong", failure.detail))
        elif change:
            self._news.append(News(gateway.name, change, str(failure or "")))
