"""A tired electric piano, brushes, and a needle in the groove."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from deploy.local.studio import drums
from deploy.local.studio.scales import MAJOR, degree
from deploy.local.studio.sound import (
    RATE,
    Rng,
    Sound,
    Stem,
    bandpass,
    decay,
    hall,
    hertz,
    lowpass,
    osc,
    ring,
    samples,
)

_BARS = 8
_CHORDS = (
    (
        (2, (0, 3, 7, 10, 14)),
        (7, (0, 4, 10, 14, 21)),
        (0, (0, 4, 7, 11, 14)),
        (9, (0, 3, 7, 10, 17)),
    ),
    (
        (0, (0, 4, 7, 11, 14)),
        (9, (0, 3, 7, 10, 14)),
        (5, (0, 4, 7, 11, 14)),
        (7, (0, 5, 10, 14, 16)),
    ),
)


def play(rng: Rng, key: int) -> Sound:
    beat = 60 / float(rng.integers(72, 80))
    length = _BARS * 4 * beat + 2
    keys, bass, kit = Stem(length), Stem(length), Stem(length)
    chords = _CHORDS[rng.integers(2)]
    for bar in range(_BARS):
        root, shape = chords[bar % 4]
        at = bar * 4 * beat
        _comp(rng, keys, key + root, shape, bar, at, beat)
        _walk(bass, key + root, bar, at, beat)
        _brush(rng, kit, bar, at, beat)
        if bar >= 2:
            _sing(rng, keys, key, at, beat)
    kit.lay(_needle(rng, length), 0, 0.5)
    warm = hall(rng, keys.sound, seconds=1.4, damp=3000, mix=0.25) + bass.sound
    return _wow(lowpass(warm + kit.sound, 8500))


def _comp(
    rng: Rng, keys: Stem, root: int, shape: tuple[int, ...], bar: int, at: float, beat: float
) -> None:
    for push in (0.0, 2.5) if bar % 2 else (0.0, 1.5, 3.0):
        for place, step in enumerate(shape):
            late = at + push * beat + place * 0.014 + rng.uniform(0, 0.012)
            keys.lay(_electric(root + step, 2.6), late, rng.uniform(0.13, 0.19), (place - 2) / 5)


def _walk(bass: Stem, root: int, bar: int, at: float, beat: float) -> None:
    hold = round(beat * 1.1, 3)
    for when, step in ((0, -12), (1.5, -12), (2.5, -5), (3.5, -12 if bar % 2 else -10)):
        tone = osc("triangle", root + step - 12, hold, cutoff=900)
        bass.lay(tone * decay(hold, 0.5, 0.012), at + when * beat, 0.36)


def _brush(rng: Rng, kit: Stem, bar: int, at: float, beat: float) -> None:
    for when in (0, 1.75 if bar % 2 else 2.25, 2.5):
        kit.lay(drums.kick(soft=True), at + when * beat, 0.5)
    for when in (1, 3):
        kit.lay(drums.snare(rng, soft=True), at + when * beat + 0.018, 0.34)
    for step in range(8):
        swing = 0.07 * beat if step % 2 else 0.0
        kit.lay(drums.hat(rng), at + step * beat / 2 + swing, rng.uniform(0.08, 0.18), 0.3)


def _sing(rng: Rng, keys: Stem, key: int, at: float, beat: float) -> None:
    start = float(rng.choice([0.5, 1, 2]))
    place = int(rng.choice([4, 7, 9]))
    for step in range(int(rng.integers(2, 5))):
        place += int(rng.choice([-2, -1, 1, 2]))
        pitch = degree(MAJOR, key + 12, int(np.clip(place, 2, 11)))
        keys.lay(_electric(pitch, 2.0), at + (start + step * 0.5) * beat, 0.13, 0.25)


@lru_cache(maxsize=64)
def _electric(pitch: float, seconds: float) -> Sound:
    """Tine and body of an electric piano, with its slow tremolo."""
    base = hertz(pitch)
    body = [(base, 0.55, 1.0), (base * 2, 0.3, 0.34), (base * 3, 0.2, 0.1)]
    tine = [(base * 14.02, 0.05, 0.06), (base * 7.01, 0.08, 0.05)]
    tremolo = 1 + 0.18 * np.sin(2 * np.pi * 4.6 * np.arange(samples(seconds)) / RATE)
    return ring(body + tine, seconds, attack=0.006) * tremolo.astype(np.float32)


def _needle(rng: Rng, length: float) -> Sound:
    dust = (rng.random(samples(length)) > 0.9997) * rng.uniform(-1, 1, samples(length))
    hiss = rng.standard_normal(samples(length), dtype=np.float32) * 0.002
    return bandpass(dust.astype(np.float32) + hiss, 3000, 2.2) * np.float32(0.9)


def _wow(sound: Sound) -> Sound:
    """A record that does not turn quite evenly."""
    time = np.arange(sound.shape[1])
    drift = 38 * np.sin(2 * np.pi * 0.55 * time / RATE) + 9 * np.sin(2 * np.pi * 3.1 * time / RATE)
    return np.stack([np.interp(time + drift, time, side) for side in sound]).astype(np.float32)
