"""The way of one leaf to us: a gateway is asked, when it is slow or fails the next one is.

A flight is begun once, however many threads of this process want its leaf, and whoever asks for its
result first drives it. Attempts run in the fetcher's threads.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.ipfs.gateways import metrics
from core.ipfs.gateways.base import FetchFailed, Gateway, GatewayFailed, Want
from core.ipfs.gateways.calls import Call
from core.ipfs.gateways.choice import shortest_rest

if TYPE_CHECKING:
    from core.ipfs.gateways.fetcher import Fetcher


@dataclass(slots=True)
class Attempt:
    """One gateway being asked. at: when; after: seconds until a second one is worth asking."""

    gateway: Gateway
    call: Call
    at: float
    after: float


class Flight:
    """`result` gives the leaf's bytes. Every `begin` of the fetcher needs its `release`."""

    def __init__(self, want: Want, gateways: list[Gateway], fetcher: Fetcher) -> None:
        self.want = want
        self.users = 0  # the fetcher counts them
        self._fetcher = fetcher
        self._gateways = gateways
        self._left: list[Gateway] | None = None
        self._lock = threading.Lock()
        self._running: dict[Future[bytes], Attempt] = {}
        self._started = time.monotonic()
        self._hedged = False
        self._data: bytes | None = None
        self._reasons: list[str] = []

    def start(self) -> None:
        """Ask the first gateway, unless somebody who wants the result has done so already."""
        with self._lock:
            if self._left is None:
                self._launch()

    def result(self) -> bytes:
        """Verified bytes. Raises FetchFailed, after `limits.total` seconds at the latest."""
        with self._lock:
            if self._data is None:
                try:
                    self._data = self._drive()
                finally:
                    self.cancel(dropped=self._data is None)
            return self._data

    def cancel(self, *, dropped: bool) -> None:
        """End what still runs. dropped: not because another was faster."""
        for attempt in list(self._running.values()):
            attempt.call.cancel(dropped=dropped)
        self._running.clear()

    def _drive(self) -> bytes:
        until = self._started + self._fetcher.limits.total
        while time.monotonic() < until:
            if not self._running and not self._launch():
                break
            done, _ = wait(self._running, self._patience(until), FIRST_COMPLETED)
            for future in done:
                data = self._landed(future)
                if data is not None:
                    return data
            if not done:
                self._hedge()
        raise self._failure()

    def _patience(self, until: float) -> float:
        """Seconds until there is something else to do than to wait."""
        moment = until
        if not self._hedged and self._left:
            moment = min(moment, *(one.at + one.after for one in self._running.values()))
        return max(0.0, moment - time.monotonic())

    def _landed(self, future: Future[bytes]) -> bytes | None:
        attempt = self._running.pop(future)
        try:
            return future.result()
        except GatewayFailed as failure:
            self._reasons.append(f"{attempt.gateway.name} {failure.outcome}")
            return None

    def _hedge(self) -> None:
        """The first one takes longer than it usually does: ask a second one as well, if we may."""
        self._hedged = True
        if self._left and self._fetcher.budget.take():
            metrics.HEDGES.inc()
            self._launch()

    def _launch(self) -> bool:
        """Ask the next gateway. False: there is none."""
        if self._left is None:
            self._left = self._fetcher.ranked(self._gateways)
        while self._left:
            gateway = self._left.pop(0)
            if not self._fetcher.may_ask(gateway):
                continue
            future, call, after = self._fetcher.ask(gateway, self.want)
            self._running[future] = Attempt(gateway, call, time.monotonic(), after)
            return True
        return False

    def _failure(self) -> FetchFailed:
        healths = self._fetcher.health.read(one.name for one in self._gateways)
        rest = shortest_rest(self._gateways, healths, time.time())
        told = ", ".join(self._reasons) or "none may be asked now"
        return FetchFailed(f"{self.want.leaf}: {told}", max(1.0, rest or 5.0))
