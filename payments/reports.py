"""Figures for people who keep the books: what Stars brought, day by day and month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from django.db import connection

# A sale is the moment of the mint; what goes back after it turns its part of the sale around.
_STARS: Final = """
SELECT date_trunc(%(by)s, entry.accounting_on)::date,
    coalesce(sum(leg.amount) FILTER (
        WHERE entry.kind = 'payment' AND account.kind = 'psp_clearing'), 0),
    coalesce(sum(leg.amount) FILTER (
        WHERE account.kind = 'order_liability'
        AND (entry.kind = 'sale' OR entry.key LIKE 'refund:%%:turned:%%')), 0),
    coalesce(-sum(leg.amount) FILTER (
        WHERE account.kind = 'telegram_share'
        AND (entry.kind = 'sale' OR entry.key LIKE 'refund:%%:turned:%%')), 0),
    coalesce(-sum(leg.amount) FILTER (
        WHERE account.kind = 'telegram_share' AND entry.kind = 'correction'), 0)
FROM payments_ledgerentry AS entry
JOIN payments_leg AS leg ON leg.entry_id = entry.id
JOIN payments_ledgeraccount AS account ON account.id = leg.account_id
WHERE entry.accounting_on BETWEEN %(first)s AND %(last)s AND leg.asset = 'XTR'
GROUP BY 1
"""
Step = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class StarsRow:
    """One day or month, in Stars. net: what is left of the sales for shop and artists.

    paid: what buyers paid in (minted or not). gross: sales, less what went back of them. share:
    Telegram's by our rule; correction: what withdrawals showed it to be beyond that.
    """

    on: date
    paid: int = 0
    gross: int = 0
    share: int = 0
    correction: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.share - self.correction


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart, in the units of its drawing."""

    x: int
    width: int
    net_y: int
    net_height: int
    share_y: int
    share_height: int
    row: StarsRow


def stars_rows(first: date, last: date, by: Step) -> list[StarsRow]:
    """A row for each day (or month) from first to last, quiet ones too."""
    with connection.cursor() as cursor:
        cursor.execute(_STARS, {"first": first, "last": last, "by": by})
        found = {row[0]: StarsRow(row[0], *map(int, row[1:])) for row in cursor.fetchall()}
    return [found.get(day, StarsRow(day)) for day in _steps(first, last, by)]


def _steps(first: date, last: date, by: Step) -> list[date]:
    days = []
    while first <= last:
        days.append(first)
        first = first + timedelta(days=1) if by == "day" else _next_month(first)
    return days


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def stars_total(rows: Sequence[StarsRow], on: date) -> StarsRow:
    """All rows together."""
    return StarsRow(
        on,
        sum(row.paid for row in rows),
        sum(row.gross for row in rows),
        sum(row.share for row in rows),
        sum(row.correction for row in rows),
    )


def bars(rows: Sequence[StarsRow], width: int, height: int) -> list[Bar]:
    """Stacked bars: net below, what Telegram keeps above. Below zero draws nothing."""
    highest = max([1, *(max(row.net, 0) + max(row.gross - row.net, 0) for row in rows)])
    step = width // max(1, len(rows))
    gap = max(1, step // 5)
    made = []
    for place, row in enumerate(rows):
        net = max(row.net, 0) * height // highest
        share = max(row.gross - row.net, 0) * height // highest
        made.append(
            Bar(
                x=place * step + gap,
                width=max(1, step - gap),
                net_y=height - net,
                net_height=net,
                share_y=height - net - share,
                share_height=share,
                row=row,
            )
        )
    return made
