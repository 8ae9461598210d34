"""The one door into the ledger, and what it tells.

Amounts are whole minor units; debits above zero, credits below. What the shop owes (an artist's
revenue, a referrer's reward) therefore reads below zero: `owed` turns the sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.db import connection, transaction

from core.ids import uuid7
from core.money import Money
from payments.models import LedgerAccount, LedgerEntry, Leg, Order, PaymentAttempt

Kind = LedgerAccount.Kind


class LedgerConflict(Exception):
    """The key was posted before with other legs: two different facts claim to be one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One leg to post: an account by its kind and owner ("" for the shop), and an amount."""

    kind: LedgerAccount.Kind
    owner: str
    money: Money


@transaction.atomic
def post(
    *,
    key: str,
    kind: LedgerEntry.Kind,
    legs: Sequence[Line],
    order: Order | None = None,
    attempt: PaymentAttempt | None = None,
    memo: str = "",
    on: date | None = None,
) -> LedgerEntry | None:
    """Post one balanced entry, once per key. Lines of zero are left out.

    on: the day (UTC) when it happened; none, or a day to come: today. A day in a month that is
    closed becomes today as well, and the memo then names it.

    Returns the entry, the earlier one when the key is known; None when nothing moves at all.
    Raises ValueError when the lines do not balance (the database would refuse them at commit)
    and LedgerConflict when the key stands for other legs.
    """
    lines = [line for line in legs if line.money]
    if not lines:
        return None
    _refuse_unbalanced(lines)
    entry = LedgerEntry(
        id=uuid7(),
        key=key,
        kind=kind,
        order=order,
        attempt=attempt,
        memo=memo[:200],
        accounting_on=_day(on),
    )
    if not _entry_insert(entry):
        return _known(key, lines)
    accounts = _accounts(lines)
    Leg.objects.bulk_create(
        Leg(
            entry=entry,
            account=accounts[line.kind, line.owner, line.money.asset],
            asset=line.money.asset,
            amount=line.money.amount,
        )
        for line in lines
    )
    return entry


def _day(on: date | None) -> date:
    today = datetime.now(UTC).date()
    return today if on is None else min(on, today)


def _refuse_unbalanced(lines: Sequence[Line]) -> None:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.money.asset] = sums.get(line.money.asset, 0) + line.money.amount
    if any(sums.values()):
        raise ValueError(f"an entry must sum to zero per asset, this one to {sums}")


def _entry_insert(entry: LedgerEntry) -> bool:
    """False when the key is taken. Waits for a concurrent posting of the same key to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_ledgerentry (id, key, kind, order_id, attempt_id, memo,"
            " accounting_on) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING",
            [
                str(entry.id),
                entry.key,
                entry.kind,
                str(entry.order_id) if entry.order_id else None,
                str(entry.attempt_id) if entry.attempt_id else None,
                entry.memo,
                entry.accounting_on,
            ],
        )
        entry._state.adding = False  # noqa: SLF001  the row is there now
        return bool(cursor.rowcount == 1)


def _known(key: str, lines: Sequence[Line]) -> LedgerEntry:
    entry = LedgerEntry.objects.get(key=key)
    posted = entry.legs.values_list("account__kind", "account__owner", "asset", "amount")
    asked = [(str(line.kind), line.owner, line.money.asset, line.money.amount) for line in lines]
    if sorted(posted) != sorted(asked):
        raise LedgerConflict(f"ledger key {key!r} was posted with other legs")
    return entry


def _accounts(lines: Iterable[Line]) -> dict[tuple[str, str, str], LedgerAccount]:
    wanted = {(str(line.kind), line.owner, line.money.asset) for line in lines}
    found = _accounts_find(wanted)
    if missing := sorted(wanted - found.keys()):
        LedgerAccount.objects.bulk_create(
            [LedgerAccount(kind=kind, owner=owner, asset=asset) for kind, owner, asset in missing],
            ignore_conflicts=True,
        )
        found = _accounts_find(wanted)
    return found


def _accounts_find(
    wanted: set[tuple[str, str, str]],
) -> dict[tuple[str, str, str], LedgerAccount]:
    rows = LedgerAccount.objects.filter(
        kind__in={kind for kind, _, _ in wanted}, owner__in={owner for _, owner, _ in wanted}
    )
    found = {(row.kind, row.owner, row.asset): row for row in rows}
    return {name: row for name, row in found.items() if name in wanted}


# The cluster's number is read from a small file of the server's, in about ten microseconds.
CLUSTER: Final = "(SELECT system_identifier FROM pg_control_system())"
_BALANCE: Final = f"""
SELECT account.id, coalesce(sealed.amount, 0) + coalesce((
    SELECT sum(leg.amount) FROM payments_leg AS leg
    WHERE leg.account_id = account.id AND leg.xact >= coalesce(sealed.up_to, 0)), 0)
FROM payments_ledgeraccount AS account LEFT JOIN LATERAL (
    SELECT amount, up_to FROM payments_ledgersnapshot AS one
    WHERE one.account_id = account.id AND one.cluster = {CLUSTER}
    ORDER BY up_to DESC LIMIT 1) AS sealed ON true
WHERE """  # noqa: S608  our own words
_IMBALANCE: Final = f"""
SELECT asset, sum(amount) FROM (
    SELECT asset, amount FROM payments_ledgersnapshot
    WHERE account_id IS NULL AND cluster = {CLUSTER} AND up_to = (
        SELECT max(up_to) FROM payments_ledgersnapshot
        WHERE account_id IS NULL AND cluster = {CLUSTER})
    UNION ALL
    SELECT asset, amount FROM payments_leg WHERE xact >= coalesce((
        SELECT max(up_to) FROM payments_ledgersnapshot
        WHERE account_id IS NULL AND cluster = {CLUSTER}), 0)
) AS all_legs GROUP BY asset
"""  # noqa: S608  our own words


def balance(kind: LedgerAccount.Kind, owner: str = "", asset: str = "TON") -> Money:
    """The sum of an account's legs; zero for an account that nothing ever touched.

    Reads the newest snapshot and the legs after it: as many rows after years as after a day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_BALANCE} account.kind = %s AND account.owner = %s AND account.asset = %s",
            [str(kind), owner, asset],
        )
        row = cursor.fetchone()
    return Money(asset, int(row[1]) if row else 0)


def balances(accounts: Iterable[int]) -> dict[int, int]:
    """Minor units by account id, in one query; see `balance`."""
    wanted = list(accounts)
    with connection.cursor() as cursor:
        cursor.execute(f"{_BALANCE} account.id = ANY(%s)", [wanted])
        found = {int(number): int(amount) for number, amount in cursor.fetchall()}
    return {number: found.get(number, 0) for number in wanted}


def owed(kind: LedgerAccount.Kind, owner: str, asset: str = "TON") -> Money:
    """What stands to somebody's credit, as a positive amount."""
    return -balance(kind, owner, asset)


def imbalance() -> dict[str, int]:
    """Per asset the sum of all legs. Anything but zero means the database was bypassed."""
    with connection.cursor() as cursor:
        cursor.execute(_IMBALANCE)
        return {str(asset): int(amount) for asset, amount in cursor.fetchall()}
