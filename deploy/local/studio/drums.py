"""Drums out of sine and noise. Each is made a few times and then taken from the shelf."""

from __future__ import annotations

from functools import cache

import numpy as np

from deploy.local.studio.sound import (
    RATE,
    Rng,
    Sound,
    decay,
    low_gain,
    noise,
    samples,
    shaped,
)

_TAKES = 5


@cache
def kick(*, soft: bool = False) -> Sound:
    """A falling sine, driven hard or left soft."""
    time = np.arange(samples(0.36)) / RATE
    top, bottom = (95, 46) if soft else (190, 47)
    pitch = bottom + (top - bottom) * np.exp(-time * (30 if soft else 42))
    body = np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
    driven = np.tanh(body * (1.2 if soft else 1.8)).astype(np.float32)
    return driven * decay(0.36, 0.09, 0.002)


@cache
def _snares(*, soft: bool) -> list[Sound]:
    rng = np.random.default_rng(11)
    time = np.arange(samples(0.3)) / RATE
    tone = np.sin(2 * np.pi * 185 * time).astype(np.float32) * decay(0.3, 0.04) * 0.6
    centre = 2100 if soft else 3200
    takes = []
    for _ in range(_TAKES):
        rattle = _band(noise(rng, 0.3), centre, 1.7) * decay(0.3, 0.055)
        takes.append(tone + rattle * (1.4 if soft else 1.9))
    return takes


def snare(rng: Rng, *, soft: bool = False) -> Sound:
    return _snares(soft=soft)[rng.integers(_TAKES)]


@cache
def _claps() -> list[Sound]:
    rng = np.random.default_rng(12)
    time = np.arange(samples(0.32), dtype=np.float32) / RATE
    hands = np.exp(-time * 16) * 0.5
    for at in (0, 0.011, 0.022):
        hands += np.exp(-np.maximum(time - at, 0) * 130) * (time >= at) * 0.5
    return [_band(noise(rng, 0.32), 1500, 1.3) * hands * 1.5 for _ in range(_TAKES)]


def clap(rng: Rng) -> Sound:
    return _claps()[rng.integers(_TAKES)]


@cache
def _hats(*, open_: bool) -> list[Sound]:
    rng = np.random.default_rng(13)
    seconds, life = (0.22, 0.07) if open_ else (0.06, 0.014)
    return [
        shaped(
            noise(rng, seconds),
            lambda hz: low_gain(1 / hz, 1 / 7000, 3) * low_gain(hz, 14_000, 2),
        )
        * decay(seconds, life, 0.001)
        * np.float32(1.6)
        for _ in range(_TAKES)
    ]


def hat(rng: Rng, *, open_: bool = False) -> Sound:
    return _hats(open_=open_)[rng.integers(_TAKES)]


@cache
def _shakes() -> list[Sound]:
    rng = np.random.default_rng(14)
    rise = np.sin(np.linspace(0, np.pi, samples(0.07), dtype=np.float32)) ** 2
    high = [shaped(noise(rng, 0.07), lambda hz: low_gain(1 / hz, 1 / 5500, 2)) for _ in range(5)]
    return [one * rise for one in high]


def shaker(rng: Rng) -> Sound:
    return _shakes()[rng.integers(_TAKES)]


def _band(sound: Sound, centre: float, width: float) -> Sound:
    return shaped(sound, lambda hz: np.exp(-((np.log2(hz / centre) / width * 1.665) ** 2)))
