"""Sums of the ledger, kept up to a moment behind which nothing can appear any more.

A leg's id says nothing about when it can be seen: ids are handed out before transactions end. So
legs carry the number of their transaction, and a snapshot holds all legs below the oldest number
that still runs (pg_snapshot_xmin): those transactions have ended, their legs are all there. A
reader adds the legs from that number on. Nothing is locked, and no seller waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from core import locks
from payments.ledger import CLUSTER

# An account is summed anew when this many legs have come since: a balance reads no more than
# these and what came since the last sealing.
LEAST: Final = 64
_HORIZON: Final = "SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"
_ASSETS: Final = f"""
INSERT INTO payments_ledgersnapshot (cluster, account_id, asset, up_to, amount, legs)
SELECT {CLUSTER}, NULL, asset, %(up_to)s, sum(amount), sum(legs) FROM (
    SELECT asset, amount, legs FROM payments_ledgersnapshot
    WHERE account_id IS NULL AND cluster = {CLUSTER} AND up_to = %(before)s
    UNION ALL
    SELECT asset, amount, 1 FROM payments_leg WHERE xact >= %(before)s AND xact < %(up_to)s
) AS parts GROUP BY asset
"""  # noqa: S608  our own words
_ACCOUNTS: Final = f"""
INSERT INTO payments_ledgersnapshot (cluster, account_id, asset, up_to, amount, legs)
SELECT {CLUSTER}, account.id, account.asset, %(up_to)s,
    coalesce(sealed.amount, 0) + later.amount, coalesce(sealed.legs, 0) + later.legs
FROM (SELECT DISTINCT account_id AS id FROM payments_leg
      WHERE xact >= %(before)s AND xact < %(up_to)s) AS moved
JOIN payments_ledgeraccount AS account ON account.id = moved.id
LEFT JOIN LATERAL (
    SELECT amount, up_to, legs FROM payments_ledgersnapshot AS one
    WHERE one.account_id = account.id AND one.cluster = {CLUSTER}
    ORDER BY up_to DESC LIMIT 1) AS sealed ON true
CROSS JOIN LATERAL (
    SELECT sum(leg.amount) AS amount, count(*) AS legs FROM payments_leg AS leg
    WHERE leg.account_id = account.id AND leg.xact >= coalesce(sealed.up_to, 0)
      AND leg.xact < %(up_to)s) AS later
WHERE later.legs >= %(least)s
"""  # noqa: S608  our own words
_PROOF: Final = f"""
SELECT account.kind || ':' || account.owner || ' ' || newest.asset AS name, newest.amount,
    coalesce(sum(leg.amount), 0) AS summed
FROM (SELECT DISTINCT ON (account_id) account_id, asset, amount, legs, up_to
      FROM payments_ledgersnapshot WHERE account_id IS NOT NULL AND cluster = {CLUSTER}
      ORDER BY account_id, up_to DESC) AS newest
JOIN payments_ledgeraccount AS account ON account.id = newest.account_id
LEFT JOIN payments_leg AS leg ON leg.account_id = account.id AND leg.xact < newest.up_to
GROUP BY account.id, newest.asset, newest.amount, newest.legs
HAVING newest.amount <> coalesce(sum(leg.amount), 0) OR newest.legs <> count(leg.id)
UNION ALL
SELECT newest.asset, newest.amount, coalesce(sum(leg.amount), 0)
FROM (SELECT DISTINCT ON (asset) asset, amount, legs, up_to
      FROM payments_ledgersnapshot WHERE account_id IS NULL AND cluster = {CLUSTER}
      ORDER BY asset, up_to DESC) AS newest
LEFT JOIN payments_leg AS leg ON leg.asset = newest.asset AND leg.xact < newest.up_to
GROUP BY newest.asset, newest.amount, newest.legs
HAVING newest.amount <> coalesce(sum(leg.amount), 0) OR newest.legs <> count(leg.id)
ORDER BY 1
"""  # noqa: S608  our own words
_SEALED: Final = f"""
SELECT coalesce(max(up_to), 0) FROM payments_ledgersnapshot
WHERE account_id IS NULL AND cluster = {CLUSTER}
"""  # noqa: S608  our own words
_ANY: Final = "SELECT EXISTS (SELECT 1 FROM payments_leg WHERE xact >= %s AND xact < %s)"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A kept sum that is not that of its legs. Minor units. name: the account, or an asset."""

    name: str
    kept: int
    summed: int


@transaction.atomic
def snapshots_seal(*, least: int = LEAST) -> int:
    """Keep the sums of all assets, and of accounts with `least` legs since their last snapshot.

    Costs as many rows as legs came since the last sealing. Returns how many sums were written;
    0 too when another process is at it, or when an old transaction has held the horizon back.
    """
    if not locks.try_lock("ledger:seal"):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        (up_to,) = cursor.fetchone()
        cursor.execute(_SEALED)
        (before,) = cursor.fetchone()
        cursor.execute(_ANY, [before, up_to])
        (moved,) = cursor.fetchone()
        if not moved:
            return 0
        given = {"up_to": up_to, "before": before, "least": least}
        cursor.execute(_ASSETS, given)
        written = cursor.rowcount
        cursor.execute(_ACCOUNTS, given)
        return int(written + cursor.rowcount)


def snapshots_prove() -> list[Mismatch]:
    """Compare every newest snapshot with the full sum of its legs. Reads the whole ledger."""
    with connection.cursor() as cursor:
        cursor.execute(_PROOF)
        return [Mismatch(name, int(kept), int(summed)) for name, kept, summed in cursor]
