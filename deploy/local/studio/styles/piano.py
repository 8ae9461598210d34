"""A slow waltz: broken chords below, a voice that leaves room above."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from deploy.local.studio.scales import MINOR, degree
from deploy.local.studio.sound import Rng, Sound, Stem, hall, hertz, ring

_BARS = 12
_ROOTS = ((0, 5, 3, 4, 0, 2, 3, 4), (0, 2, 5, 3, 1, 4, 0, 4))
_RHYTHMS = ((0.0,), (0.0, 2.0), (0.0, 1.5, 2.0), (1.0,), (0.0, 1.0, 2.0))


def play(rng: Rng, key: int) -> Sound:
    beat = 60 / float(rng.integers(84, 98))
    stem = Stem(_BARS * 3 * beat + 3)
    roots = _ROOTS[rng.integers(2)]
    voice = 9
    for bar in range(_BARS):
        root = roots[bar % 8] if bar < _BARS - 1 else 0
        at = bar * 3 * beat
        _broken(rng, stem, key, root, at, beat)
        for when in _RHYTHMS[rng.integers(5)] if 0 < bar < _BARS - 1 else (0.0,):
            voice = _next(rng, voice, root)
            level = rng.uniform(0.4, 0.58)
            late = at + when * beat + rng.uniform(0, 0.02)
            stem.lay(_struck(degree(MINOR, key, voice), 3.4), late, level, 0.2)
    return hall(rng, stem.sound, seconds=2.8, damp=4200, mix=0.32)


def _broken(rng: Rng, stem: Stem, key: int, root: int, at: float, beat: float) -> None:
    for step, number in enumerate((0, 4, 9, 7, 4, 7)):
        pitch = degree(MINOR, key - 12, root + number)
        human = rng.uniform(-0.012, 0.02)
        level = rng.uniform(0.2, 0.3)
        stem.lay(_struck(pitch, 2.8), at + step * beat / 2 + human, level, -0.25)


def _next(rng: Rng, voice: int, root: int) -> int:
    """A small step to a tone of the chord."""
    wish = int(np.clip(voice + rng.choice([-2, -1, -1, 1, 1, 2]), 6, 14))
    return min(
        (number for number in range(5, 16) if (number - root) % 7 in {0, 2, 4, 6}),
        key=lambda number: abs(number - wish) + (0.5 if number == voice else 0),
    )


@lru_cache(maxsize=128)
def _struck(pitch: float, seconds: float) -> Sound:
    """A piano string: stretched partials in beating pairs, the high ones gone first."""
    base = hertz(pitch)
    partials = []
    for number in range(1, 11):
        partial = base * number * (1 + 0.0004 * number**2) ** 0.5
        if partial > 7500:
            break
        level = 0.3 / number**1.35 * (0.35 if number == 7 else 1)
        life = 1.5 * (220 / base) ** 0.35 / number**0.75
        pair = partial + 0.35 * number**0.5
        partials += [(partial, life, level), (pair, life * 1.2, level * 0.8)]
    return ring(partials, seconds, attack=0.004)
