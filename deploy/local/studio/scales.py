"""Scales and their degrees."""

from __future__ import annotations

from typing import Final

MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
MINOR: Final = (0, 2, 3, 5, 7, 8, 10)


def degree(scale: tuple[int, ...], key: int, number: int) -> int:
    """The pitch of a scale's degree, 0 the key itself, 7 its octave."""
    octave, place = divmod(number, len(scale))
    return key + 12 * octave + scale[place]
