"""Four wide chords under far bells and a little wind."""

from __future__ import annotations

import numpy as np

from deploy.local.studio.scales import MAJOR, degree
from deploy.local.studio.sound import (
    RATE,
    Rng,
    Sound,
    Stem,
    bandpass,
    echo,
    hall,
    hertz,
    noise,
    osc,
    ring,
    swell,
)

_BAR = 6.8
_LENGTH = 29.5
_ROOTS = ((0, 4, 2, 5), (0, 5, 3, 4), (0, 2, 5, 3))


def play(rng: Rng, key: int) -> Sound:
    pads, bells, low = Stem(_LENGTH), Stem(_LENGTH), Stem(_LENGTH)
    for number, root in enumerate(_ROOTS[rng.integers(3)]):
        _chord(rng, pads, key, root, number * _BAR)
        hold = _BAR + 1
        sub = osc("sine", degree(MAJOR, key, root) - 12, hold) * swell(hold, 1.5, 2.0)
        low.lay(sub, number * _BAR, 0.3)
        _bells(rng, bells, key, root, number * _BAR)
    pads.lay(_wind(rng), 0)
    far = echo(bells.sound, 0.75, feedback=0.55, mix=0.4)
    return hall(rng, pads.sound + far, seconds=5.0, damp=3800, mix=0.55) + low.sound


def _chord(rng: Rng, pads: Stem, key: int, root: int, at: float) -> None:
    hold = _BAR + 3
    for place, step in enumerate((0, 4, 7, 9, 13)):
        pitch = degree(MAJOR, key, root + step)
        for detune in (-0.06, 0.07):
            tone = osc("soft", pitch + detune, hold, cutoff=2600, phase=float(rng.random()))
            rise = 2.2 + 0.5 * place
            pads.lay(tone * swell(hold, rise, 3.4), at, 0.1, (place - 2) / 3 + detune * 3)


def _bells(rng: Rng, bells: Stem, key: int, root: int, at: float) -> None:
    for _ in range(6):
        pitch = degree(MAJOR, key + 12, root + int(rng.choice([4, 7, 8, 9, 11, 14])))
        base = hertz(pitch)
        bell = ring([(base, 0.8, 1.0), (base * 2.76, 0.2, 0.25), (base * 2, 0.5, 0.2)], 4)
        strike = at + float(rng.choice(np.arange(0, 6.8, 0.425)))
        bells.lay(bell, strike, 0.1 * rng.uniform(0.5, 1), rng.uniform(-0.8, 0.8))


def _wind(rng: Rng) -> Sound:
    air = bandpass(noise(rng, _LENGTH), 900, 1.6) * np.float32(0.03)
    gusts = 1 + 0.8 * np.sin(np.arange(len(air), dtype=np.float32) / RATE * 0.9)
    return air * gusts
