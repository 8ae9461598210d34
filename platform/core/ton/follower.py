"""The follower: one account's transactions, in order, each exactly once.

Two halves. The reader asks the quorum for what follows the last stored transaction and stores it
raw, ahead of the handling; the handler takes the transaction after the cursor, shows it to its
room and moves the cursor in the same database transaction. Killed anywhere, both continue from
what is in the database. Nothing is ever skipped: what does not join is not stored.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from core.ton import metrics, sources
from core.ton.client import ChainError, Head, RawTransaction, SourceFault
from core.ton.door import HANDLED, Inbound, Verdict, ignored, on_message, parked
from core.ton.handling import HandlerFailed, handle_next, nothing, replay_parked
from core.ton.models import ChainCursor, ChainTransaction
from core.ton.readiness import lag_seconds, readiness

__all__ = [
    "HANDLED",
    "Follower",
    "Inbound",
    "Verdict",
    "ignored",
    "on_message",
    "parked",
    "readiness",
    "replay_parked",
]

logger = structlog.get_logger(__name__)
READ_LIMIT: Final = 2000
READ_AHEAD: Final = 10_000
REPLAY_EVERY: Final = 10.0
HEARTBEAT: Final = 1.0
STUCK_AFTER: Final = 5
MAX_BACKOFF: Final = 30.0
STANDBY_WAIT: Final = 2.0
# After something came in, more is likely: poll faster for a while.
LIVELY_SECONDS: Final = 10.0
LIVELY_POLL: Final = 0.2


class Follower:
    """Follows `account` (raw). `step` is called with a name at every boundary (for tests)."""

    def __init__(
        self,
        account: str,
        reader: sources.QuorumReader,
        poll: float = 0.5,
        step: Callable[[str], None] = nothing,
    ) -> None:
        self.account = account
        self._reader = reader
        self._poll = poll
        self._step = step
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._reader_stop = threading.Event()
        self._reader_error: BaseException | None = None
        self._read_to: tuple[int, Head] | None = None
        self._lively_until = 0.0
        self._beat_at = 0.0
        self._replay_at = 0.0

    # --- life ---------------------------------------------------------------------------------

    def stop(self) -> None:
        """Finish the transaction in hand and return from run(). Safe in a signal handler."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Follow until stop(). Only one follower of an account works, others stand by."""
        while not self._stopping.is_set():
            try:
                if self._lock():
                    try:
                        self._follow()
                    finally:
                        self._unlock()
                else:
                    logger.info("another follower is at work", account=self.account)
                    self._stopping.wait(STANDBY_WAIT)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("database", error=str(error))
                connection.close()
                self._stopping.wait(1)

    def _key(self) -> int:
        digest = hashlib.sha256(f"ton.follower:{self.account}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)

    def _lock(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self._key()])
            return bool(cursor.fetchone()[0])

    def _unlock(self) -> None:
        if connection.connection is None or connection.connection.closed:
            return  # the lock went with its connection
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [self._key()])

    def _follow(self) -> None:
        ChainCursor.objects.get_or_create(pk=self.account)
        self._reader_stop.clear()
        self._reader_error = None
        thread = threading.Thread(target=self._read_loop, name="ton-reader")
        thread.start()
        try:
            while not self._stopping.is_set():
                if self._reader_error is not None:
                    raise self._reader_error
                self.handle_waiting()
                self._beat()
                self._wake.wait(HEARTBEAT)
                self._wake.clear()
        finally:
            self._reader_stop.set()
            thread.join()

    # --- reading ------------------------------------------------------------------------------

    def _read_loop(self) -> None:
        failures = 0
        try:
            while not self._reader_stop.is_set():
                try:
                    found = self.read()
                    failures = 0
                    wait = 0.0 if found >= READ_LIMIT else self._pause(found)
                except (ChainError, DatabaseError, InterfaceError) as error:
                    failures += 1
                    wait = min(MAX_BACKOFF, self._poll * 2**failures)
                    self._read_failed(error)
                self._reader_stop.wait(wait)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            self._reader_error = error
        finally:
            self._wake.set()
            connection.close()

    def _pause(self, found: int) -> float:
        if found:
            self._lively_until = time.monotonic() + LIVELY_SECONDS
        lively = time.monotonic() < self._lively_until
        return min(self._poll, LIVELY_POLL) if lively else self._poll

    def _read_failed(self, error: Exception) -> None:
        logger.warning("reading failed", account=self.account, error=str(error))
        if isinstance(error, (DatabaseError, InterfaceError)):
            connection.close()
        elif isinstance(error, SourceFault):
            cursor = ChainCursor.objects.filter(pk=self.account, gap_since=None)
            cursor.update(gap_since=timezone.now(), gap_reason=str(error)[:500])

    def read(self) -> int:
        """Fetch and store what follows the newest stored transaction; how many that were.

        Raises ChainUnavailable, SourceFault or DatabaseError; then nothing was stored.
        """
        lt, known_hash, waiting = self._tip()
        if waiting >= READ_AHEAD:
            return 0
        reading = self._reader.since(self.account, lt, known_hash, READ_LIMIT)
        self._step("fetched")
        found = reading.transactions
        if found:
            self._store(found, reading.head)
            self._step("stored")
        full = len(found) >= READ_LIMIT
        if reading.complete and not full:
            self._read_to = (found[-1].lt if found else lt, reading.head)
        self._note_head(reading.head)
        self._wake.set()
        return len(found)

    def _tip(self) -> tuple[int, bytes, int]:
        """Where the stored chain ends, and how many stored transactions wait."""
        cursor = ChainCursor.objects.get(pk=self.account)
        ahead = ChainTransaction.objects.filter(account=self.account, lt__gt=cursor.lt)
        last = ahead.order_by("-lt").values_list("lt", "hash").first()
        waiting = ahead.count() if last else 0
        metrics.WAITING.labels(self.account).set(waiting)
        lt, known_hash = last or (cursor.lt, cursor.hash)
        return lt, bytes.fromhex(known_hash), waiting

    def _store(self, found: list[RawTransaction], head: Head) -> None:
        """In one transaction of its own, committed before any of them is handled."""
        rows = [
            ChainTransaction(
                account=self.account,
                lt=item.lt,
                hash=item.hash.hex(),
                prev_lt=item.prev_lt,
                prev_hash=item.prev_hash.hex(),
                utime=item.utime,
                mc_seqno=item.mc_seqno or head.seqno,
                boc=item.boc,
            )
            for item in found
        ]
        with transaction.atomic():
            ChainTransaction.objects.bulk_create(rows, batch_size=200)
            self._step("storing")

    def _note_head(self, head: Head) -> None:
        """Leave the reader's heartbeat, unless the handler holds the row: never wait for it."""
        with transaction.atomic():
            cursors = ChainCursor.objects.select_for_update(skip_locked=True)
            cursor = cursors.filter(pk=self.account).first()
            if cursor is None:
                return
            cursor.head_seqno, cursor.head_utime = head.seqno, head.gen_utime
            cursor.checked_at, cursor.gap_since, cursor.gap_reason = timezone.now(), None, ""
            cursor.save(
                update_fields=["head_seqno", "head_utime", "checked_at", "gap_since", "gap_reason"]
            )

    # --- handling -----------------------------------------------------------------------------

    def handle_waiting(self) -> int:
        """Handle what is stored until nothing waits, a handler fails or stop() is called."""
        done = 0
        read_to = self._read_to
        while not self._stopping.is_set():
            try:
                row = handle_next(self.account, self._step)
            except HandlerFailed as failure:
                self._failed(failure)
                return done
            except SourceFault as fault:
                # What is stored does not join the cursor: only a person may mend that.
                metrics.STUCK.labels(self.account).set(1)
                logger.error("the stored chain is broken", account=self.account, error=str(fault))
                return done
            if row is None:
                metrics.STUCK.labels(self.account).set(0)
                self._synced(read_to)
                self._replay()
                return done
            done += 1
        return done

    def _failed(self, failure: HandlerFailed) -> None:
        attempts = failure.row.attempts
        metrics.STUCK.labels(self.account).set(int(attempts >= STUCK_AFTER))
        level = logger.error if attempts >= STUCK_AFTER else logger.warning
        level("a transaction waits for its handler", lt=failure.row.lt, attempts=attempts)
        self._stopping.wait(min(MAX_BACKOFF, 0.25 * 2 ** min(attempts, 10)))

    def _synced(self, read_to: tuple[int, Head] | None) -> None:
        """Everything up to the head of that reading is handled: say so at most once a second."""
        if read_to is None or time.monotonic() < self._beat_at:
            return
        self._beat_at = time.monotonic() + HEARTBEAT
        lt, head = read_to
        ChainCursor.objects.filter(pk=self.account, lt__gte=lt).update(
            synced_utime=head.gen_utime, mc_seqno=head.seqno
        )

    def _beat(self) -> None:
        cursor = ChainCursor.objects.get(pk=self.account)
        metrics.LAG_SECONDS.labels(self.account).set(lag_seconds(cursor))
        metrics.LAG_BLOCKS.labels(self.account).set(max(0, cursor.head_seqno - cursor.mc_seqno))

    def _replay(self) -> None:
        if time.monotonic() >= self._replay_at:
            self._replay_at = time.monotonic() + REPLAY_EVERY
            replay_parked(self.account)
