"""A person's data: every room says in its `privacy.py` what it holds, gives it out and erases it.

    privacy.holds(Like)                                  # goes with the account
    privacy.holds(Order, kept="the books need every sale; it then names nobody")

    @privacy.on_export("catalog")
    def export(user_id: UUID) -> dict[str, Any]: ...     # plain values, of this person alone

    @privacy.on_erase("catalog")
    def erase(user_id: UUID) -> None: ...                # in the transaction of the erasure

    @privacy.on_erase_refused("payments")
    def open_money(user_id: UUID) -> list[Obstacle]: ... # what has to be settled first

Every table with a key to the user is spoken for by exactly one room (a test walks them all).
Rooms are asked from the top floor down, so that what leans on a row goes before the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import connection, models

Exporter: TypeAlias = Callable[[UUID], dict[str, Any]]
Eraser: TypeAlias = Callable[[UUID], None]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an account cannot go yet. code: for the client's words; detail: what to do, in English.

    link: a path inside the Mini App where it is settled, "" when only waiting helps.
    """

    code: str
    detail: str
    count: int = 1
    link: str = ""


Refuser: TypeAlias = Callable[[UUID], list[Obstacle]]

_holdings: Final[dict[type[models.Model], str]] = {}
_exporters: Final[dict[str, Exporter]] = {}
_erasers: Final[dict[str, Eraser]] = {}
_refusers: Final[dict[str, Refuser]] = {}


def holds(*tables: type[models.Model], kept: str = "") -> None:
    """The registering room speaks for these tables. kept: why their rows stay, without identity."""
    for table in tables:
        if table in _holdings:
            raise ValueError(f"{table.__name__} is spoken for twice")
        _holdings[table] = kept


def holdings() -> dict[type[models.Model], str]:
    """Every table that a room speaks for, and why its rows stay ("" when they go)."""
    return dict(_holdings)


def on_export(room: str) -> Callable[[Exporter], Exporter]:
    """Give out what `room` knows of a person: plain values (core.wire writes them as JSON)."""

    def register(exporter: Exporter) -> Exporter:
        _once(_exporters, room)
        _exporters[room] = exporter
        return exporter

    return register


def on_erase(room: str) -> Callable[[Eraser], Eraser]:
    """Erase what `room` knows of a person, or take him out of what has to stay."""

    def register(eraser: Eraser) -> Eraser:
        _once(_erasers, room)
        _erasers[room] = eraser
        return eraser

    return register


def on_erase_refused(room: str) -> Callable[[Refuser], Refuser]:
    """Name what is open in `room` and has to be settled before a person can go."""

    def register(refuser: Refuser) -> Refuser:
        _once(_refusers, room)
        _refusers[room] = refuser
        return refuser

    return register


def export(user_id: UUID) -> dict[str, Any]:
    """All that we hold of a person, by room, from the ground up."""
    return {room: _exporters[room](user_id) for room in _ordered(_exporters)}


def obstacles(user_id: UUID) -> list[Obstacle]:
    """All that stands against erasing a person now; empty when he may go."""
    return [one for room in _ordered(_refusers) for one in _refusers[room](user_id)]


def erase(user_id: UUID) -> None:
    """Have every room erase a person, from the top down. Inside the caller's transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("erase a person in one transaction or not at all")
    for room in reversed(_ordered(_erasers)):
        _erasers[room](user_id)


def _once(register: dict[str, Any], room: str) -> None:
    if room in register:
        raise ValueError(f"{room} answers twice for a person's data")


def _ordered(register: dict[str, Any]) -> list[str]:
    """Rooms by their floor; one that is no app of its own stands on top."""
    floors = {room: place for place, room in enumerate(settings.ROOMS)}
    return sorted(register, key=lambda room: (floors.get(room, len(floors)), room))
