"""Fourteen bars of one idea that opens slowly."""

from __future__ import annotations

import numpy as np

from deploy.local.studio import drums
from deploy.local.studio.sound import (
    Rng,
    Sound,
    Stem,
    decay,
    echo,
    hall,
    highpass,
    osc,
    pumped,
    sweep,
)

_BARS = 14


def play(rng: Rng, key: int) -> Sound:
    beat = 60 / float(rng.integers(126, 132))
    length = _BARS * 4 * beat + 1
    kit, bass, stabs = Stem(length), Stem(length), Stem(length)
    for count in range(_BARS * 4):
        _beat(rng, kit, count, count * beat, beat)
    _line(rng, bass, key - 24, beat)
    for bar in range(2, _BARS):
        _stab(rng, stabs, key, bar, beat)
    size = bass.sound.shape[1]
    opening = np.linspace(0, 1.3, size, dtype=np.float32).clip(0, 1) ** 1.5
    rolling = sweep(bass.sound, (200, 500, 1100, 2200), opening)
    dubbed = echo(highpass(stabs.sound, 250), beat * 0.75, feedback=0.6, mix=0.55)
    space = hall(rng, dubbed, seconds=2.4, damp=4500, mix=0.4)
    return kit.sound + pumped(rolling + space * 1.6, beat)


def _beat(rng: Rng, kit: Stem, count: int, at: float, beat: float) -> None:
    full = count >= 16
    if not 36 <= count < 40:
        kit.lay(drums.kick(), at, 0.8)
    kit.lay(drums.hat(rng, open_=True), at + beat / 2, 0.26 if full else 0.14, 0.15)
    if count % 2 and full:
        kit.lay(drums.clap(rng), at, 0.4)
    for step, level in enumerate((0.14, 0.05, 0.1, 0.07)):
        kit.lay(drums.hat(rng), at + step * beat / 4, level, -0.3)


def _line(rng: Rng, bass: Stem, key: int, beat: float) -> None:
    """Sixteenths around the kick."""
    notes = rng.choice([0, 0, 0, 3, 7, 10, 12], 16)
    hold = round(beat / 4 * 0.95, 3)
    for step in range(_BARS * 16):
        if step % 4:
            tone = osc("saw", key + int(notes[step % 16]), hold, cutoff=3500)
            accent = 0.55 if step % 16 in {3, 6, 11, 14} else 0.38
            bass.lay(tone * decay(hold, 0.07, 0.004), step * beat / 4, accent)


def _stab(rng: Rng, stabs: Stem, key: int, bar: int, beat: float) -> None:
    for when in (1.5, 3.25) if bar % 2 else (0.75, 2.5):
        for step in (0, 3, 7, 10):
            detune = (-0.05, 0.04)[int(rng.integers(2))]
            tone = osc("saw", key + 12 + step + detune, 0.5, cutoff=2600)
            stabs.lay(tone * decay(0.5, 0.09), (bar * 4 + when) * beat, 0.13, (step - 5) / 8)
