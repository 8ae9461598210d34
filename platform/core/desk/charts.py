"""Small bar charts as numbers for an SVG: whole units, no script, a table behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 40
_BAR: Final = 8
_GAP: Final = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the chart's own units, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """label: what the picture shows, for who cannot see it."""

    width: int
    height: int
    bars: Sequence[Bar]
    label: str


def bars(points: Sequence[tuple[str, int]]) -> Chart:
    """One bar a point. What is above zero is at least one unit high; below zero stays flat."""
    most = max((number for _, number in points), default=0)
    made = []
    for place, (label, number) in enumerate(points):
        height = max(1, number * HEIGHT // most) if most > 0 and number > 0 else 0
        made.append(Bar(place * (_BAR + _GAP), HEIGHT - height, _BAR, height, f"{label}: {number}"))
    width = max(1, len(points) * (_BAR + _GAP) - _GAP)
    ends = f", from {points[0][0]} to {points[-1][0]}" if points else ""
    return Chart(width, HEIGHT, made, f"{len(points)} bars{ends}; the highest is {most}")
