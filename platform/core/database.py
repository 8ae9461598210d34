"""What PostgreSQL itself can tell, as expressions of Django."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, DateField, Func


class CurrentTransaction(Func):
    """The number of the transaction that asks, 64 bits, never used twice by a database system.

    For `db_default`. Savepoints share the number of their transaction.
    """

    template = "((pg_current_xact_id())::text)::bigint"
    arity = 0

    def __init__(self, **extra: Any) -> None:
        extra.setdefault("output_field", BigIntegerField())
        super().__init__(**extra)


class TodayUTC(Func):
    """The day on which the transaction began, in UTC. For `db_default`."""

    template = "((now() AT TIME ZONE 'UTC')::date)"
    arity = 0

    def __init__(self, **extra: Any) -> None:
        extra.setdefault("output_field", DateField())
        super().__init__(**extra)
