"""Which source is asked: failover for what may be wrong for a moment, a quorum for money."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.ton import liteserver, metrics, walk
from core.ton.client import (
    Account,
    ChainClient,
    ChainRefused,
    ChainUnavailable,
    Head,
    RawTransaction,
    SourceFault,
    StackValue,
)
from core.ton.toncenter import Toncenter

logger = structlog.get_logger(__name__)
T = TypeVar("T")
# A source whose head is older than the best one by more than this is not believed to be current.
MAX_BEHIND_SECONDS: Final = 30
MAX_AHEAD_SECONDS: Final = 60
# Tries of one source over HTTP: before the next is asked, and where there may be no other.
HASTY: Final = 2
PATIENT: Final = 4
_GAPS: Final = frozenset({"fork", "gap"})


def report(source: ChainClient, error: Exception) -> None:
    """Count and log a failed answer."""
    kind = error.kind if isinstance(error, SourceFault) else type(error).__name__
    metrics.SOURCE_ERRORS.labels(source.name, kind).inc()
    logger.warning("chain source", source=source.name, kind=kind, detail=str(error)[:300])


class Failover:
    """A ChainClient that asks its sources in order until one answers."""

    name = "failover"

    def __init__(self, sources: Sequence[ChainClient]) -> None:
        if not sources:
            raise ImproperlyConfigured("TON_ENDPOINTS names no source.")
        self._sources = sources

    def _first(self, ask: Callable[[ChainClient], T]) -> T:
        errors: list[Exception] = []
        for source in self._sources:
            try:
                return ask(source)
            except (ChainUnavailable, ChainRefused, SourceFault) as error:
                report(source, error)
                errors.append(error)
        if all(isinstance(error, ChainRefused) for error in errors):
            raise errors[0]
        raise ChainUnavailable("; ".join(map(str, errors))) from errors[-1]

    def head(self) -> Head:
        return self._first(lambda source: source.head())

    def account(self, address: str) -> Account:
        return self._first(lambda source: source.account(address))

    def run_get(
        self, address: str, method: str, stack: Sequence[StackValue] = ()
    ) -> list[StackValue]:
        return self._first(lambda source: source.run_get(address, method, stack))

    def transactions_page(
        self, address: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]:
        return self._first(lambda source: source.transactions_page(address, start, until_lt, limit))

    def transactions_since(
        self, address: str, lt: int, limit: int | None = None
    ) -> list[RawTransaction]:
        return self._first(lambda source: source.transactions_since(address, lt, limit))

    def send(self, boc: bytes) -> bytes:
        return self._first(lambda source: source.send(boc))


@dataclass(frozen=True, slots=True)
class Reading:
    """What enough sources agree on, and the head that all of them had when they said so.

    Not `complete` when some know more that is not agreed yet: then the head says nothing.
    """

    transactions: list[RawTransaction]
    head: Head
    complete: bool = True


class QuorumReader:
    """Transactions agreed by hash by `need` independent sources; the rest is not yet final.

    A source that is behind, broken or in a minority is refused, counted and logged.
    """

    def __init__(self, sources: Sequence[ChainClient], need: int) -> None:
        if not 1 <= need <= len(sources):
            raise ImproperlyConfigured(
                f"TON_QUORUM is {need}, but TON_ENDPOINTS names {len(sources)} source(s)."
            )
        self._sources = sources
        self._need = need
        self._best_utime = 0
        self._pool = ThreadPoolExecutor(len(sources)) if need > 1 else None

    def since(self, address: str, lt: int, known_hash: bytes, limit: int | None = None) -> Reading:
        """Everything after (lt, known_hash), oldest first, as far as it is agreed.

        Raises ChainUnavailable when fewer than `need` sources gave an acceptable answer, and
        SourceFault `fork` or `gap` when none of them continues the chain at `lt`.
        """
        return self._agreed(
            lambda source: walk.since(source, address, lt, limit, known_hash=known_hash)
        )

    def between(self, address: str, since_utime: int, until_utime: int) -> list[RawTransaction]:
        """Agreed transactions of since_utime <= utime < until_utime, oldest first."""
        return self._agreed(
            lambda source: walk.between(source, address, since_utime, until_utime)
        ).transactions

    def _agreed(self, ask: Callable[[ChainClient], list[RawTransaction]]) -> Reading:
        answers: list[tuple[ChainClient, Reading]] = []
        errors: list[Exception] = []
        waiting = list(self._sources)
        while waiting:
            missing = max(1, self._need - len(answers))
            batch, waiting = waiting[:missing], waiting[missing:]
            self._gather(batch, ask, answers, errors)
            if len(answers) >= self._need and self._unanimous(answers):
                break
        if len(answers) < self._need:
            if errors and all(getattr(error, "kind", "") in _GAPS for error in errors):
                raise errors[0]
            raise ChainUnavailable("; ".join(map(str, errors)))
        return self._common(answers)

    def _gather(
        self,
        batch: list[ChainClient],
        ask: Callable[[ChainClient], list[RawTransaction]],
        answers: list[tuple[ChainClient, Reading]],
        errors: list[Exception],
    ) -> None:
        tasks = [partial(self._ask, source, ask) for source in batch]
        if self._pool is not None and len(tasks) > 1:
            results = [future.result() for future in [self._pool.submit(task) for task in tasks]]
        else:
            results = [task() for task in tasks]
        for source, result in zip(batch, results, strict=True):
            if isinstance(result, Reading):
                answers.append((source, result))
            else:
                report(source, result)
                errors.append(result)

    def _ask(
        self, source: ChainClient, ask: Callable[[ChainClient], list[RawTransaction]]
    ) -> Reading | Exception:
        try:
            head = source.head()
            self._check_head(source, head)
            return Reading(ask(source), head)
        except (ChainUnavailable, ChainRefused, SourceFault) as error:
            return error

    def _check_head(self, source: ChainClient, head: Head) -> None:
        if head.gen_utime > time.time() + MAX_AHEAD_SECONDS:
            raise SourceFault("malformed", f"{source.name}: a head in the future")
        if head.gen_utime < self._best_utime - MAX_BEHIND_SECONDS:
            behind = self._best_utime - head.gen_utime
            raise SourceFault("lagging", f"{source.name}: {behind} s behind")
        self._best_utime = max(self._best_utime, head.gen_utime)

    @staticmethod
    def _unanimous(answers: list[tuple[ChainClient, Reading]]) -> bool:
        tips = {tuple(item.hash for item in reading.transactions) for _, reading in answers}
        return len(tips) == 1

    def _common(self, answers: list[tuple[ChainClient, Reading]]) -> Reading:
        """The longest prefix that `need` sources share, one position at a time."""
        agreed: list[RawTransaction] = []
        voters = answers
        for index in range(max(len(reading.transactions) for _, reading in answers)):
            votes = Counter(
                reading.transactions[index].hash
                for _, reading in voters
                if index < len(reading.transactions)
            )
            winner, count = votes.most_common(1)[0]
            if len(votes) > 1:
                self._dissent(voters, index, winner if count >= self._need else None)
            if count < self._need:
                break
            voters = [
                (source, reading)
                for source, reading in voters
                if index < len(reading.transactions) and reading.transactions[index].hash == winner
            ]
            agreed.append(voters[0][1].transactions[index])
        ended = [reading for _, reading in voters if len(reading.transactions) == len(agreed)]
        complete = len(ended) >= self._need
        heads = [reading.head for reading in (ended if complete else (r for _, r in voters))]
        return Reading(agreed, min(heads, key=lambda head: head.seqno), complete)

    @staticmethod
    def _dissent(
        voters: list[tuple[ChainClient, Reading]], index: int, winner: bytes | None
    ) -> None:
        for source, reading in voters:
            if index < len(reading.transactions):
                item = reading.transactions[index]
                if item.hash != winner:
                    report(source, SourceFault("disagreement", f"lt {item.lt}"))


def build(endpoint: str, api_key: str = "", attempts: int = PATIENT) -> ChainClient:
    """The source of one word of TON_ENDPOINTS. Raises ImproperlyConfigured."""
    try:
        if endpoint == "liteserver":
            return liteserver.shared(settings.TON_LITESERVER_CONFIG)
        return Toncenter(endpoint, api_key, attempts)
    except (ValueError, OSError) as error:
        raise ImproperlyConfigured(f"TON_ENDPOINTS, {endpoint}: {error}") from error


_built: dict[tuple[int, int, tuple[str, ...]], list[ChainClient]] = {}


def all_sources(attempts: int = PATIENT) -> list[ChainClient]:
    """Every source of TON_ENDPOINTS, made once a process (also after a fork).

    TON_API_KEY goes to the first HTTP endpoint only: one provider's key is not another's.
    """
    key = (os.getpid(), attempts, tuple(settings.TON_ENDPOINTS))
    if key not in _built:
        keys = dict.fromkeys(settings.TON_ENDPOINTS, "")
        for endpoint in settings.TON_ENDPOINTS:
            if endpoint != "liteserver":
                keys[endpoint] = settings.TON_API_KEY
                break
        _built[key] = [build(endpoint, word, attempts) for endpoint, word in keys.items()]
    return _built[key]


def client() -> Failover:
    """The configured primary, with failover to the others; a person waits for the answer."""
    return Failover(all_sources(HASTY))


def quorum() -> QuorumReader:
    """The reader for money: TON_QUORUM independent sources must agree."""
    return QuorumReader(all_sources(PATIENT), settings.TON_QUORUM)
