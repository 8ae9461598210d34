"""What the desk's home shows: rooms say it in their `desk.py`, the desk asks when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import structlog
from django.urls import NoReverseMatch, reverse

from core.desk.charts import Chart, bars

Tone: TypeAlias = Literal["", "good", "warn", "bad"]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tile says now: its value, a note below it, a tone.

    points: a small chart, oldest first, of a label and a whole number each. rows: the table behind
    it, under `heads`; without rows a chart's own points stand there.
    """

    value: str | int
    note: str = ""
    tone: Tone = ""
    points: Sequence[tuple[str, int]] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as the template shows it."""

    label: str
    value: str
    note: str
    url: str
    tone: Tone
    chart: Chart | None = None
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


Reader: TypeAlias = Callable[[], Reading | str | int]


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    reader: Reader
    link: str
    permission: str
    order: int


_entries: Final[list[_Entry]] = []


def tile(
    label: str, *, link: str = "", permission: str = "", order: int = 100
) -> Callable[[Reader], Reader]:
    """A number on the desk's home: `() -> Reading`, or just the value.

    `link` is the name of an admin address, with a query if need be
    ("admin:payments_order_changelist?state__exact=paid"); `permission` hides it from the rest.
    """

    def register(reader: Reader) -> Reader:
        _entries.append(_Entry(label, reader, link, permission, order))
        return reader

    return register


def queue(
    label: str, *, link: str = "", permission: str = "", order: int = 50
) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """A count of things that wait for a person: quiet at zero, a warning above."""

    def register(counter: Callable[[], int]) -> Callable[[], int]:
        def reading() -> Reading:
            waiting = counter()
            return Reading(waiting, "waiting for a person", "warn") if waiting else Reading(0)

        _entries.append(_Entry(label, reading, link, permission, order))
        return counter

    return register


def tiles_for(user: Any) -> list[Tile]:
    """The tiles that this user may see, in order."""
    seen = [entry for entry in _entries if not entry.permission or user.has_perm(entry.permission)]
    return [_show(entry) for entry in sorted(seen, key=lambda one: (one.order, one.label))]


def _show(entry: _Entry) -> Tile:
    try:
        reading = entry.reader()
    except Exception as error:  # noqa: BLE001  one broken number must not close the desk
        log.error("desk_tile_failed", tile=entry.label, error=type(error).__name__)
        reading = Reading("?", "cannot be read", "bad")
    if not isinstance(reading, Reading):
        reading = Reading(reading)
    points = [(label, str(number)) for label, number in reading.points]
    return Tile(
        label=entry.label,
        value=str(reading.value),
        note=reading.note,
        url=_url(entry.link),
        tone=reading.tone,
        chart=bars(reading.points) if any(number for _, number in reading.points) else None,
        heads=reading.heads,
        rows=reading.rows or points,
    )


def _url(link: str) -> str:
    name, _, query = link.partition("?")
    if not name:
        return ""
    try:
        return reverse(name) + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""


_grants: Final[dict[str, set[str]]] = {}


def grant(role: str, *permissions: str) -> None:
    """Let a staff role do something in the registering room: "<app label>.<codename>"."""
    _grants.setdefault(role, set()).update(permissions)


def grants() -> dict[str, frozenset[str]]:
    """All that rooms have granted, by role."""
    return {role: frozenset(names) for role, names in _grants.items()}


_guarded: Final[set[str]] = set()


def guard(*permissions: str) -> None:
    """Ask whoever may do this for a second factor before the desk opens.

    "<app label>.<codename>", or "<app label>.*" for all of a room's but looking.
    """
    _guarded.update(permissions)


def needs_second_factor(user: Any) -> bool:
    """Whether somebody on the desk may do anything that is guarded. Superusers may do all of it."""
    return bool(user.is_superuser) or any(map(_is_guarded, user.get_all_permissions()))


def _is_guarded(permission: str) -> bool:
    label, _, codename = permission.partition(".")
    whole = f"{label}.*" in _guarded and not codename.startswith("view_")
    return whole or permission in _guarded


@dataclass(frozen=True, slots=True)
class _Place:
    label: str
    link: str
    permission: str
    words: str


_places: Final[list[_Place]] = []


def place(label: str, *, link: str, permission: str = "", words: str = "") -> None:
    """A page that the command palette finds, by its label and by other words for it."""
    _places.append(_Place(label, link, permission, words))


def places_for(user: Any) -> list[dict[str, str]]:
    """The pages that this user may open, by label; as the palette's script reads them."""
    seen = [one for one in _places if not one.permission or user.has_perm(one.permission)]
    found = [
        {"label": one.label, "url": _url(one.link), "words": one.words}
        for one in sorted(seen, key=lambda one: one.label)
    ]
    return [one for one in found if one["url"]]
