"""A small synthesiser on numpy: oscillators, envelopes, filters, strings, space.

Sounds are float32 arrays; mono is (n,), stereo (2, n). Times are seconds, pitches MIDI numbers.
What is asked for often is kept: treat every result as read-only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Sound: TypeAlias = NDArray[Any]
Rng: TypeAlias = np.random.Generator

RATE: Final = 44_100
_TABLE: Final = 16_384
_BLOCK: Final = 512


def samples(seconds: float) -> int:
    return round(seconds * RATE)


def hertz(pitch: float) -> float:
    """69 is the A of 440 Hz."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


@cache
def _wave(shape: str, harmonics: int) -> Sound:
    """One period, limited to so many harmonics: no aliasing, whatever the pitch."""
    phase = np.arange(_TABLE) / _TABLE * 2 * np.pi
    numbers = np.arange(1, harmonics + 1)
    weights = {
        "sine": (numbers == 1) * 1.0,
        "saw": 1 / numbers,
        "square": (numbers % 2) / numbers,
        "triangle": (numbers % 2) * (-1.0) ** ((numbers - 1) // 2) / numbers**2,
        "soft": 1 / numbers**1.7,
    }[shape]
    wave = weights @ np.sin(np.outer(numbers, phase))
    return np.asarray(wave / np.abs(wave).max(), np.float32)


@lru_cache(maxsize=256)
def osc(
    shape: str,
    pitch: float,
    seconds: float,
    *,
    cutoff: float = 12_000,
    vibrato: float = 0.0,
    phase: float = 0.0,
) -> Sound:
    """A steady tone. cutoff: no harmonic above it. vibrato: depth in semitones at 5 Hz."""
    frequency = hertz(pitch)
    wave = _wave(shape, int(np.clip(cutoff / frequency, 1, 48)))
    turns = np.arange(samples(seconds)) * (frequency / RATE) + phase
    if vibrato:
        time = np.arange(samples(seconds)) / RATE
        depth = frequency * (2 ** (vibrato / 12) - 1) / (2 * np.pi * 5)
        turns += depth * np.sin(2 * np.pi * 5 * time) * np.minimum(time / 0.6, 1)
    place = (turns * _TABLE).astype(np.int64)
    place &= _TABLE - 1
    return wave[place]


def ring(
    partials: Sequence[tuple[float, float, float]], seconds: float, *, attack: float = 0.003
) -> Sound:
    """Damped sines given as (hertz, half-life, level), all in one product of two small tables.

    z**(block * 512 + place) = z**(block * 512) * z**place, so no sine is taken a sample.
    """
    blocks = samples(seconds) // _BLOCK + 1
    table = np.array(partials)
    speed = 2j * np.pi * table[:, 0] / RATE - np.log(2) / (table[:, 1] * RATE)
    rows = np.exp(np.outer(np.arange(blocks) * _BLOCK, speed)) * table[:, 2]
    columns = np.exp(np.outer(speed, np.arange(_BLOCK)))
    out = (rows.astype(np.complex64) @ columns.astype(np.complex64)).imag.ravel()
    return np.asarray(out[: samples(seconds)] * swell(seconds, attack, min(0.3, seconds / 4)))


@lru_cache(maxsize=256)
def swell(seconds: float, attack: float, release: float) -> Sound:
    """Up, hold, down, with round shoulders."""
    out = np.ones(samples(seconds), np.float32)
    rise, fall = samples(min(attack, seconds)), samples(min(release, seconds))
    out[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    out[len(out) - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
    return out


@lru_cache(maxsize=256)
def decay(seconds: float, half_life: float, attack: float = 0.003) -> Sound:
    """A struck sound: a fast start and an exponential end that really ends."""
    time = np.arange(samples(seconds), dtype=np.float32) / RATE
    ends = np.minimum(time / attack, (seconds - time) / 0.02).clip(0, 1)
    return np.asarray(np.exp2(-time / half_life) * ends)


def noise(rng: Rng, seconds: float) -> Sound:
    return rng.standard_normal(samples(seconds), dtype=np.float32)


def _size(least: int) -> int:
    """A length that the Fourier transform likes: 2**n, or 3 or 5 times such."""
    return min(odd << max(0, -(-least // odd) - 1).bit_length() for odd in (1, 3, 5, 9, 15))


def shaped(sound: Sound, gain: Callable[[Sound], Sound]) -> Sound:
    """A filter given as gain over frequency (Hz), zero phase."""
    size = _size(sound.shape[-1] + 2048)
    spectrum = np.fft.rfft(sound, size)
    spectrum *= gain(np.fft.rfftfreq(size, 1 / RATE).astype(np.float32) + np.float32(0.001))
    return np.fft.irfft(spectrum, size)[..., : sound.shape[-1]]


def lowpass(sound: Sound, cutoff: float, poles: int = 2) -> Sound:
    return shaped(sound, lambda hz: low_gain(hz, cutoff, poles))


def highpass(sound: Sound, cutoff: float, poles: int = 2) -> Sound:
    return shaped(sound, lambda hz: low_gain(1 / hz, 1 / cutoff, poles))


def low_gain(hz: Sound, cutoff: float, poles: int) -> Sound:
    ratio = np.minimum(hz * np.float32(1 / cutoff), np.float32(1e6))
    square = ratio * ratio
    power = square if poles == 1 else square**poles
    return np.asarray(1 / np.sqrt(1 + power))


def bandpass(sound: Sound, centre: float, width: float) -> Sound:
    """width: octaves between the points of half the gain."""
    return shaped(sound, lambda hz: np.exp(-((np.log2(hz / centre) / width * 1.665) ** 2)))


def sweep(sound: Sound, cutoffs: Sequence[float], amounts: Sound) -> Sound:
    """A lowpass that moves: `amounts` 0..1 walks through the fixed cutoffs."""
    place = np.clip(amounts, 0, 1) * (len(cutoffs) - 1)
    out = np.zeros_like(sound)
    for number, cutoff in enumerate(cutoffs):
        out += lowpass(sound, cutoff, 3) * np.clip(1 - np.abs(place - number), 0, 1)
    return out


def string(rng: Rng, pitch: float, seconds: float, *, bright: float = 0.5) -> Sound:
    """A plucked string (Karplus and Strong 1983), one period at a time."""
    period = RATE / hertz(pitch) - 0.5
    size = int(period)
    burst = rng.uniform(-1, 1, size + 1)
    soft = np.convolve(np.concatenate([burst, burst[:8]]), np.ones(5) / 5, "same")[: size + 1]
    last = burst * bright + soft * (1 - bright)
    last -= last.mean()
    loss = 0.5 ** (period / RATE / (1.4 + 60 / pitch))
    blocks = []
    for _ in range(samples(seconds) // (size + 1) + 2):
        blocks.append(last)
        last = (0.5 * loss) * (last + np.roll(last, 1))
    raw = np.concatenate(blocks)
    # Whole periods miss a fraction of a sample, and the averaging adds half of one.
    stretch = (size + 1.5) / (period + 0.5)
    tuned = np.interp(np.arange(samples(seconds)) * stretch, np.arange(len(raw)), raw)
    return np.asarray(tuned.astype(np.float32) * swell(seconds, 0.001, 0.3))


def hall(rng: Rng, sound: Sound, *, seconds: float, damp: float, mix: float) -> Sound:
    """A room: the stereo sound in a tail of falling noise. damp: cutoff of the tail in Hz."""
    time = np.arange(samples(seconds), dtype=np.float32) / RATE
    tail = rng.standard_normal((2, len(time)), dtype=np.float32) * 0.001 ** (time / seconds)
    tail = shaped(tail, lambda hz: low_gain(hz, damp, 1) * low_gain(1 / hz, 1 / 180, 2))
    tail[:, : samples(0.018)] *= 0.15
    tail /= np.sqrt((tail**2).sum(axis=1, keepdims=True))
    size = _size(sound.shape[1] + len(time))
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return sound * (1 - 0.5 * mix) + wet[:, : sound.shape[1]] * np.float32(mix)


def echo(sound: Sound, time: float, *, feedback: float, mix: float) -> Sound:
    """Repeats that wander from side to side."""
    out = sound.copy()
    step, level = samples(time), mix
    for repeat in range(1, 7):
        if repeat * step >= sound.shape[1] or level < 0.02:
            break
        source = sound[::-1] if repeat % 2 else sound
        out[:, repeat * step :] += np.float32(level) * source[:, : -repeat * step]
        level *= feedback
    return out


class Stem:
    """A stereo strip onto which sounds are laid."""

    def __init__(self, seconds: float) -> None:
        self.sound: Sound = np.zeros((2, samples(seconds)), np.float32)

    def lay(self, sound: Sound, at: float, gain: float = 1.0, pan: float = 0.0) -> None:
        """Add a mono sound at a time; pan -1 left .. 1 right, equal power."""
        start = samples(max(at, 0))
        length = min(len(sound), self.sound.shape[1] - start)
        if length > 0:
            angle = (pan + 1) * np.pi / 4
            piece = self.sound[:, start : start + length]
            piece[0] += sound[:length] * np.float32(np.cos(angle) * gain * 1.2)
            piece[1] += sound[:length] * np.float32(np.sin(angle) * gain * 1.2)


def mastered(sound: Sound, *, fade_in: float = 0.01, fade_out: float = 1.5) -> Sound:
    """Cleaned below, gently pressed, faded, peak at -1 dB."""
    clean = highpass(sound, 28)
    clean /= max(float(np.sqrt((clean**2).mean())), 1e-9)
    pressed = np.tanh(clean * np.float32(0.26)) * swell(sound.shape[1] / RATE, fade_in, fade_out)
    return pressed * np.float32(0.89 / np.abs(pressed).max())


def pumped(sound: Sound, beat: float) -> Sound:
    """Ducked by every beat, as if the kick pushed it down."""
    phase = (np.arange(sound.shape[1]) / RATE % beat) / beat
    return sound * (0.35 + 0.65 * np.clip(phase * 2.2, 0, 1)).astype(np.float32)
