"""A night drive: pumping bass, wide chords, a lead with a long shadow."""

from __future__ import annotations

import numpy as np

from deploy.local.studio import drums
from deploy.local.studio.scales import MINOR, degree
from deploy.local.studio.sound import (
    Rng,
    Sound,
    Stem,
    decay,
    echo,
    hall,
    osc,
    pumped,
    sweep,
    swell,
)

_BARS = 10
_ROOTS = ((0, 5, 2, 6), (0, 3, 5, 4), (5, 6, 0, 0))


def play(rng: Rng, key: int) -> Sound:
    beat = 60 / float(rng.integers(96, 106))
    length = _BARS * 4 * beat + 2
    kit, bass, pad, lead = Stem(length), Stem(length), Stem(length), Stem(length)
    roots = _ROOTS[rng.integers(3)]
    for bar in range(_BARS):
        root, at = roots[bar % 4], bar * 4 * beat
        _bass(bass, degree(MINOR, key - 24, root), at, beat)
        _wide(pad, key, root, at, beat)
        if bar >= 2:
            _beat(rng, kit, at, beat)
        if bar >= 3:
            _lead(rng, lead, key, root, at, beat)
    rising = np.linspace(0, 1, pad.sound.shape[1], dtype=np.float32) ** 0.8
    soft = sweep(pad.sound, (700, 1500, 3200), rising)
    shadow = echo(lead.sound, beat * 0.75, feedback=0.5, mix=0.4)
    room = hall(rng, soft + shadow + kit.sound * 0.2, seconds=2.4, damp=5200, mix=0.36)
    return kit.sound + pumped(bass.sound, beat) + room * 1.25


def _bass(bass: Stem, pitch: int, at: float, beat: float) -> None:
    hold = round(beat / 2, 3)
    for step in range(8):
        high = pitch + (12 if step % 4 == 3 else 0)
        tone = osc("saw", high, hold, cutoff=1800)
        tone = tone + 0.6 * osc("square", high - 0.06, hold, cutoff=1100)
        bass.lay(tone * decay(hold, 0.12, 0.004), at + step * beat / 2, 0.34)


def _wide(pad: Stem, key: int, root: int, at: float, beat: float) -> None:
    hold = round(4 * beat, 3)
    for place, number in enumerate((0, 2, 4, 7)):
        pitch = degree(MINOR, key, root + number)
        for detune in (-0.09, 0.08):
            tone = osc("saw", pitch + detune, hold, cutoff=3200, phase=0.37 * place)
            pan = (0.7 if detune > 0 else -0.7) + (place - 1.5) / 8
            pad.lay(tone * swell(hold, 0.25, 0.3), at, 0.1, pan)


def _beat(rng: Rng, kit: Stem, at: float, beat: float) -> None:
    for when in range(4):
        kit.lay(drums.kick(), at + when * beat, 0.66)
        kit.lay(drums.hat(rng), at + (when + 0.5) * beat, 0.16, 0.25)
    for when in (1, 3):
        kit.lay(drums.snare(rng), at + when * beat, 0.46)


def _lead(rng: Rng, lead: Stem, key: int, root: int, at: float, beat: float) -> None:
    for when, beats in ((0, 1.5), (1.5, 0.5), (2, 1), (3, 1)):
        number = root + int(rng.choice([4, 7, 7, 9, 11]))
        pitch = degree(MINOR, key + 12, number - (7 if number > 12 else 0))
        hold = round(beats * beat, 3)
        tone = osc("square", pitch, hold, cutoff=4200, vibrato=0.22)
        lead.lay(tone * swell(hold, 0.02, 0.12), at + when * beat, 0.17)
