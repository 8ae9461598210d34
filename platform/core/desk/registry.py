"""What the desk's home shows: rooms say it in their `desk.py`, the desk asks when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import structlog
from django.urls import NoReverseMatch, reverse

Tone: TypeAlias = Literal["", "good", "warn", "bad"]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tile says now: its value, a note below it, a tone."""

    value: str | int
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as the template shows it."""

    label: str
    value: str
    note: str
    url: str
    tone: Tone


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
    return Tile(entry.label, str(reading.value), reading.note, _url(entry.link), reading.tone)


def _url(link: str) -> str:
    name, _, query = link.partition("?")
    if not name:
        return ""
    try:
        return reverse(name) + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a room adds to the desk's home, under "Reports"."""

    label: str
    link: str
    permission: str

    @property
    def url(self) -> str:
        return _url(self.link)


_pages: Final[list[Page]] = []


def page(label: str, *, link: str, permission: str) -> None:
    """Name a page that belongs to no list: `link` and `permission` are as those of a tile."""
    _pages.append(Page(label, link, permission))


def pages_for(user: Any) -> list[Page]:
    """The pages that this user may see, by name."""
    seen = [one for one in _pages if user.has_perm(one.permission)]
    return sorted(seen, key=lambda one: one.label)


_grants: Final[dict[str, set[str]]] = {}


def grant(role: str, *permissions: str) -> None:
    """Let a staff role do something in the registering room: "<app label>.<codename>"."""
    _grants.setdefault(role, set()).update(permissions)


def grants() -> dict[str, frozenset[str]]:
    """All that rooms have granted, by role."""
    return {role: frozenset(names) for role, names in _grants.items()}
