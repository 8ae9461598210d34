"""The books of a span of days as CSV: for accountants, and as the proof of a closed month.

One order, one form: the same days give the same bytes for ever once their month is closed, on any
machine. Rows are read as they are written out, so that a year fits into little memory.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from io import StringIO
from typing import Any, Final

from django.db import connection

from core.money import Money
from payments.models import AccountingPeriod, LedgerAccount, Leg, PeriodBalance

_CHUNK: Final = 2000
ENTRY_HEAD: Final = (
    "accounting_on", "posted_at", "entry", "kind", "key", "order", "attempt", "memo", "leg",
    "account", "owner", "asset", "minor_units", "amount",
)  # fmt: skip
TRIAL_HEAD: Final = (
    "account", "owner", "asset", "opening", "debits", "credits", "closing",
)  # fmt: skip
_FIELDS: Final = (
    "entry__accounting_on", "entry__posted_at", "entry_id", "entry__kind", "entry__key",
    "entry__order_id", "entry__attempt_id", "entry__memo", "pk", "account__kind",
    "account__owner", "asset", "amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Days of accounting, both included."""

    first: date
    last: date

    @classmethod
    def month(cls, first: date) -> Span:
        """The calendar month that begins on `first`."""
        return cls(first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY)


DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """One account's line of a trial balance. Minor units, credits below zero."""

    kind: str
    owner: str
    asset: str
    opening: int
    debits: int
    credits: int
    closing: int

    @property
    def label(self) -> str:
        """The account in words."""
        return str(LedgerAccount.Kind(self.kind).label)

    def money(self) -> list[str]:
        """Opening, debits, credits and closing in whole units."""
        amounts = (self.opening, self.debits, self.credits, self.closing)
        return [Money(self.asset, amount).decimal() for amount in amounts]


def entries_csv(span: Span) -> Iterator[str]:
    """Every leg of every entry in the span, oldest day first. Yields parts of the file."""
    rows = (
        Leg.objects.filter(entry__accounting_on__range=(span.first, span.last))
        .order_by("entry__accounting_on", "entry_id", "pk")
        .values_list(*_FIELDS)
        .iterator(chunk_size=_CHUNK)
    )
    return _csv(ENTRY_HEAD, (_entry_row(row) for row in rows))


def entries_digest(span: Span) -> str:
    """SHA-256 of the file that `entries_csv` makes, in hex."""
    digest = hashlib.sha256()
    for part in entries_csv(span):
        digest.update(part.encode())
    return digest.hexdigest()


def _entry_row(row: Sequence[Any]) -> list[Any]:
    day, posted, entry, kind, key, order, attempt, memo, leg, account, owner, asset, amount = row
    return [
        day.isoformat(),
        posted.astimezone(UTC).isoformat(timespec="microseconds"),
        entry, kind, key, order or "", attempt or "", memo, leg, account, owner, asset, amount,
        Money(asset, amount).decimal(),
    ]  # fmt: skip


def trial_csv(span: Span) -> Iterator[str]:
    """The trial balance of the span: what each account opened with, moved, and closed with."""
    rows = trial_balance(span)
    return _csv(TRIAL_HEAD, ([one.kind, one.owner, one.asset, *one.money()] for one in rows))


_TRIAL: Final = """
SELECT account.kind, account.owner, account.asset, moved.opening, moved.debits, moved.credits
FROM (
    SELECT account_id,
        coalesce(sum(amount) FILTER (WHERE entry.accounting_on < %(first)s), 0) AS opening,
        coalesce(sum(amount) FILTER (WHERE entry.accounting_on >= %(first)s AND amount > 0), 0)
            AS debits,
        coalesce(sum(amount) FILTER (WHERE entry.accounting_on >= %(first)s AND amount < 0), 0)
            AS credits
    FROM payments_leg AS leg JOIN payments_ledgerentry AS entry ON entry.id = leg.entry_id
    WHERE entry.accounting_on <= %(last)s GROUP BY account_id
) AS moved JOIN payments_ledgeraccount AS account ON account.id = moved.account_id
WHERE moved.opening <> 0 OR moved.debits <> 0 OR moved.credits <> 0
ORDER BY account.asset, account.kind, account.owner
"""


def trial_balance(span: Span) -> list[Trial]:
    """Kept for a closed month, else summed from all legs up to the last day."""
    closed = AccountingPeriod.objects.filter(
        month=span.first, state=AccountingPeriod.State.CLOSED
    ).first()
    if closed is not None and span == Span.month(closed.month):
        return trial_kept(closed)
    return trial_summed(span)


def trial_kept(period: AccountingPeriod) -> list[Trial]:
    """What was stored when the month was closed."""
    rows = PeriodBalance.objects.filter(period=period).values_list(
        "account__kind", "account__owner", "account__asset", "opening", "debits", "credits",
        "closing",
    )  # fmt: skip
    return sorted((Trial(*row) for row in rows), key=lambda one: (one.asset, one.kind, one.owner))


def trial_summed(span: Span) -> list[Trial]:
    """Summed from the legs. Reads every leg up to the span's last day."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL, {"first": span.first, "last": span.last})
        found = [
            Trial(kind, owner, asset, int(a), int(b), int(c), int(a + b + c))
            for kind, owner, asset, a, b, c in cursor.fetchall()
        ]
    return sorted(found, key=lambda one: (one.asset, one.kind, one.owner))


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % _CHUNK == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
