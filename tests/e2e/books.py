"""What the database of a running shop holds, read from outside as its read-only role.

The one thing written here is time: an order's ten minutes pass at once.
"""

import time
from collections.abc import Callable
from typing import Any

import psycopg2

from deploy.local import postgres
from deploy.local.world import World

PATIENCE = 45.0
POLL = 0.1
ONE_SALE = {
    "orders": 1, "confirmed attempts": 1, "fulfilments": 1, "ledger entries": 1, "items": 1
}  # fmt: skip
_COUNTS = {
    "orders": "SELECT count(*) FROM payments_order WHERE collection_id = o.collection_id"
    " AND first_index = o.first_index",
    "confirmed attempts": "SELECT count(*) FROM payments_paymentattempt"
    " WHERE order_id = o.id AND state = 'confirmed'",
    "fulfilments": "SELECT count(*) FROM payments_paymentevent WHERE order_id = o.id"
    " AND attempt_id IS NULL AND to_state = 'fulfilled'",
    "ledger entries": "SELECT count(*) FROM payments_ledgerentry WHERE order_id = o.id",
    "items": "SELECT count(*) FROM nft_item WHERE collection_id = o.collection_id"
    " AND index = o.first_index",
}


class Books:
    """Connects for each question: the database may just have been killed."""

    def __init__(self, shop: World) -> None:
        self._reader = shop.reader_url()
        self._owner = shop.postgres.url(postgres.OWNER)

    def ask(self, question: str, *values: object) -> tuple[Any, ...]:
        connection = psycopg2.connect(self._reader)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(question, values)
                return tuple(cursor.fetchone() or ())
        finally:
            connection.close()

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self._reader)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(question, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def sale_of(self, order: str) -> dict[str, int]:
        """How often each thing that a sale leaves behind is there; see ONE_SALE."""
        wanted = ", ".join(f"({each})" for each in _COUNTS.values())
        found = self.ask(f"SELECT {wanted} FROM payments_order o WHERE o.id = %s", order)  # noqa: S608
        return dict(zip(_COUNTS, found, strict=True))

    def orders_by(self, user: str) -> int:
        return int(self.ask("SELECT count(*) FROM payments_order WHERE user_id = %s", user)[0])

    def unbalanced(self) -> int:
        """The sum of all legs of the ledger; they have to be 0 together."""
        return int(self.ask("SELECT coalesce(sum(amount), 0) FROM payments_leg")[0])

    def receipts(self) -> int:
        return int(self.ask("SELECT count(*) FROM ton_chaintransaction")[0])

    def news_waiting(self) -> int:
        return int(self.ask("SELECT count(*) FROM outbox_outboxevent WHERE state <> 'done'")[0])

    def time_passes(self, *orders: str) -> None:
        """The orders are over now, and so is the time in which their messages could arrive."""
        connection = psycopg2.connect(self._owner)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE payments_order SET expires_at = now() WHERE id::text = ANY(%s)",
                    (list(orders),),
                )
                cursor.execute(
                    "UPDATE payments_paymentattempt SET valid_until = now() - interval '59 seconds'"
                    " WHERE order_id::text = ANY(%s)",
                    (list(orders),),
                )
        finally:
            connection.close()


def wait_until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:.0f} s"
        time.sleep(POLL)
