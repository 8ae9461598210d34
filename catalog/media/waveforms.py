"""The shape of a sound as a row of peaks."""

from __future__ import annotations

import array
import sys
from itertools import pairwise
from typing import Final

POINTS: Final = 800
_FULL: Final = 32_768


def waveform_peaks(pcm: bytes, points: int = POINTS) -> bytes:
    """Peaks 0..255 of mono samples (signed 16 bit, little endian); 255 is the loudest of the piece.

    One byte a point; shorter when there are fewer samples than points, empty for silence of no
    length. ValueError when the bytes are not whole samples.
    """
    if len(pcm) % 2:
        raise ValueError("PCM of 16 bits has an even number of bytes")
    samples = array.array("h", pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    count = min(points, len(samples))
    edges = [place * len(samples) // count for place in range(count + 1)] if count else [0]
    peaks = [_peak(samples[start:end]) for start, end in pairwise(edges)]
    loudest = max(peaks, default=0) or _FULL
    return bytes(peak * 255 // loudest for peak in peaks)


def _peak(samples: array.array[int]) -> int:
    high, low = max(samples), -min(samples)
    return max(high, low)
