"""Kinds of notices. A room registers its own in its `notices.py`, with their words beside them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.telegram.languages import LANGUAGES, Words


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be told about.

    text: Bot API HTML with {names} that are filled with a notice's values, escaped. open: the
    button that leads to its link. lives: after this time it is no news any more and is not told.
    required: told without being asked for, because a payment needs it.
    """

    name: str
    text: Words
    open: Words
    lives: timedelta = timedelta(days=1)
    required: bool = False

    def say(self, language: str, values: Mapping[str, Any]) -> str:
        """At most 4096 characters after entities (sendMessage); ours are a few lines."""
        told = {name: html.escape(str(value)[:300], quote=False) for name, value in values.items()}
        return self.text[language].format(**told)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Called while a room's `notices.py` is loaded. ValueError: a name twice, or a text missing."""
    if kind.name in _kinds:
        raise ValueError(f"a second kind of notice is called {kind.name}")
    if set(kind.text) != set(LANGUAGES) or set(kind.open) != set(LANGUAGES):
        raise ValueError(f"{kind.name} is not told in every language")
    _kinds[kind.name] = kind
    return kind


def kind_of(name: str) -> Kind:
    """KeyError for a name that no room has registered."""
    return _kinds[name]


def kinds() -> list[Kind]:
    """All of them, in the order of the floors."""
    return list(_kinds.values())
