"""The people of development. Plain data: what plays Telegram on this machine reads it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Person(NamedTuple):
    telegram_id: int
    first_name: str
    username: str
    language: str = "en"  # of their Telegram


PEOPLE: Final[Mapping[str, Person]] = {
    "fan": Person(700001, "Mira", "mira_listens"),
    "collector": Person(700002, "Theo", "theo_collects"),
    "artist": Person(700003, "Ada", "ada_plays"),
}
