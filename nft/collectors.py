"""Who holds how many editions of a drop, or of an artist: a list that people may stay out of.

A person who lets himself be shown stands there once, by name, with all his wallets; everybody else
stands by his wallet, as on chain, so that nothing ties one wallet to another or to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from accounts.models import User
from accounts.selectors import public_name
from core.ton.addresses import friendly
from nft import sql

ORDERING: Final = ("-editions", "first", "person")


class Leaders(NamedTuple):
    """collectors: how many there are in all. next: the last row's values of ORDERING."""

    results: list[dict[str, Any]]
    collectors: int
    next: tuple[int, int, str] | None


def drop_collectors(
    drop: UUID, *, limit: int, after: Sequence[str] | None = None
) -> Leaders | None:
    """Holders of a visible drop, most editions first, then the lowest number. Two queries."""
    return _leaders(sql.HELD_OF_DROP, {"drop": drop}, limit, after)


def artist_collectors(
    slug: str, *, limit: int, after: Sequence[str] | None = None
) -> Leaders | None:
    """Holders of any of an artist's visible drops. Two queries; None for no such artist."""
    return _leaders(sql.HELD_OF_ARTIST, {"artist": slug}, limit, after)


def _leaders(
    held: str, values: dict[str, Any], limit: int, after: Sequence[str] | None
) -> Leaders | None:
    statement = sql.LEADERS.format(held=held, after=sql.LEADERS_AFTER if after else "")
    if after is not None:
        values |= {"editions": int(after[0]), "first": int(after[1]), "person": after[2]}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, "limit": limit + 1})
        rows = cursor.fetchall()
    if not rows:
        return None  # one row always tells that the drop or the artist is there
    known = [row for row in rows if row[0] is not None]
    shown = known[:limit]
    names = _names([row[1] for row in shown if row[1] is not None])
    last = shown[-1] if len(known) > limit else None
    return Leaders(
        [_leader(row, names) for row in shown],
        rows[0][6],
        (last[3], last[4], last[0]) if last else None,
    )


def _names(users: Sequence[UUID]) -> dict[UUID, str]:
    if not users:
        return {}
    found = User.objects.filter(pk__in=users).select_related("preferences")
    return {user.pk: public_name(user) for user in found}


def _leader(row: Sequence[Any], names: dict[UUID, str]) -> dict[str, Any]:
    _, user, wallet, editions, first, place, _ = row
    name = names.get(user, "")
    return {
        "place": place,
        "name": name or None,
        "wallet": None if name or wallet is None else _short(wallet),
        "editions": editions,
        "first_edition": first + 1,
    }


def _short(wallet: str) -> str:
    text = friendly(wallet, bounceable=False)
    return f"{text[:6]}…{text[-6:]}"
