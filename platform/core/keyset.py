"""Keyset pages: the next page starts after the last row, however long the list and its changes.

The cursor holds the last row's values of the ordering, signed, so that clients can neither read
more into it nor make one up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request

from core.errors import ApplicationError

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100
_SALT: Final = "core.keyset"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page and the cursor of the next one; None at the end."""

    results: list[Row]
    next: str | None


def page(
    rows: QuerySet[Row],
    request: Request,
    *,
    ordering: Sequence[str] = ("-id",),
    limit: int = DEFAULT_LIMIT,
) -> Page[Row]:
    """One page of `rows` by ?cursor= and ?limit= (1..100).

    `ordering` names fields of the model (or of a joined one, `a__b`) that are never null; the last
    one must be unique. Raises ApplicationError cursor_invalid or limit_invalid (400).
    """
    size = _limit(request, limit)
    if cursor := request.query_params.get("cursor"):
        rows = rows.filter(_after(ordering, _open(cursor, ordering)))
    found = list(rows.order_by(*ordering)[: size + 1])
    if len(found) <= size:
        return Page(found, None)
    return Page(found[:size], _seal(found[size - 1], ordering))


def _limit(request: Request, default: int) -> int:
    text = request.query_params.get("limit", str(default))
    # The length first: "0000019999999" begins like a 1, and very long digits do not become an int.
    well = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT))
    if not well or not 1 <= int(text) <= MAX_LIMIT:
        raise ApplicationError(
            "limit_invalid", "Invalid limit", f"limit is a number from 1 to {MAX_LIMIT}."
        )
    return int(text)


def _after(ordering: Sequence[str], values: Sequence[str]) -> Q:
    """Strictly after `values`: a < x, or a = x and b < y, and so on.

    The leading bound says nothing new, but lets the index start at the right place.
    """
    names = [name.removeprefix("-") for name in ordering]
    signs = ["lt" if name.startswith("-") else "gt" for name in ordering]
    result = Q()
    for place in range(len(names)):
        equal = {names[before]: values[before] for before in range(place)}
        result |= Q(**equal, **{f"{names[place]}__{signs[place]}": values[place]})
    return Q(**{f"{names[0]}__{signs[0]}e": values[0]}) & result


def _seal(row: Model, ordering: Sequence[str]) -> str:
    values = [_text(row, name.removeprefix("-")) for name in ordering]
    return signing.dumps([list(ordering), values], salt=_SALT, compress=True)


def _text(row: Any, path: str) -> str:
    value = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _open(cursor: str, ordering: Sequence[str]) -> list[str]:
    try:
        names, values = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise _invalid() from error
    if names != list(ordering):
        raise _invalid()
    return [str(value) for value in values]


def _invalid() -> ApplicationError:
    return ApplicationError("cursor_invalid", "Invalid cursor", "Start again without a cursor.")


def limit_of(request: Request, default: int = DEFAULT_LIMIT) -> int:
    """?limit= of a list that is read by SQL of its own. Raises limit_invalid (400)."""
    return _limit(request, default)


def cursor_values(request: Request, ordering: Sequence[str]) -> list[str] | None:
    """The last row's values of `ordering` out of ?cursor=. Raises cursor_invalid (400)."""
    cursor = request.query_params.get("cursor")
    return _open(cursor, ordering) if cursor else None


def cursor_of(values: Sequence[object], ordering: Sequence[str]) -> str:
    """The cursor that `cursor_values` reads back."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return signing.dumps([list(ordering), texts], salt=_SALT, compress=True)
