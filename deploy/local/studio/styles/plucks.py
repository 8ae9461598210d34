"""Fingers on two guitars, a walking thumb, and a shaker for company."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from deploy.local.studio import drums
from deploy.local.studio.scales import MAJOR, degree
from deploy.local.studio.sound import Rng, Sound, Stem, hall, low_gain, shaped, string

_BARS = 10
_ROOTS = ((0, 4, 5, 3), (0, 3, 0, 4), (5, 3, 0, 4))


def play(rng: Rng, key: int) -> Sound:
    beat = 60 / float(rng.integers(92, 108))
    length = _BARS * 4 * beat + 2.5
    wood, kit = Stem(length), Stem(length)
    roots = _ROOTS[rng.integers(3)]
    for bar in range(_BARS):
        root = roots[bar % 4] if bar < _BARS - 1 else 0
        at = bar * 4 * beat
        _fingers(rng, wood, key, root, bar, at, beat)
        if 2 <= bar < _BARS - 1:
            _tune(rng, wood, key, root, at, beat)
        if bar >= 3:
            for step in range(8):
                kit.lay(drums.shaker(rng), at + step * beat / 2, 0.05 if step % 2 else 0.03, 0.1)
    body = shaped(wood.sound, _box)
    return hall(rng, body + kit.sound, seconds=1.6, damp=3600, mix=0.24)


def _box(hz: Sound) -> Sound:
    """A guitar's body: two broad resonances, and wood that swallows the top."""
    air = 0.7 * np.exp(-((np.log2(hz / 110) / 0.8 * 1.665) ** 2))
    top = 0.45 * np.exp(-((np.log2(hz / 230) / 0.7 * 1.665) ** 2))
    return (1 + air + top) * low_gain(hz, 7800, 1)


def _fingers(rng: Rng, wood: Stem, key: int, root: int, bar: int, at: float, beat: float) -> None:
    for step, number in enumerate((0, 9, 4, 7, 0, 9, 4, 8 if bar % 2 else 7)):
        thumb = step % 2 == 0
        pitch = degree(MAJOR, key - 12, root + number - (7 if thumb and number > 4 else 0))
        tone = _string(pitch, 0.35 if thumb else 0.55, int(rng.integers(2)))
        human = rng.uniform(-0.008, 0.012)
        wood.lay(tone, at + step * beat / 2 + human, 0.5 if thumb else 0.38, -0.35)


def _tune(rng: Rng, wood: Stem, key: int, root: int, at: float, beat: float) -> None:
    places = sorted(rng.choice(8, 4, replace=False))
    number = 9
    for place in places:
        number = int(np.clip(number + rng.choice([-2, -1, 1, 2]), 7, 13))
        chord = min(
            (tone for tone in range(5, 16) if (tone - root) % 7 in {0, 2, 4}),
            key=lambda tone, wish=number: abs(tone - wish),  # type: ignore[misc]
        )
        tone = _string(degree(MAJOR, key, chord), 0.7, int(rng.integers(2)))
        wood.lay(tone, at + int(place) * beat / 2, rng.uniform(0.26, 0.42), 0.4)


@lru_cache(maxsize=256)
def _string(pitch: int, bright: float, take: int) -> Sound:
    return string(np.random.default_rng((pitch, take)), pitch, 2.4, bright=bright)
