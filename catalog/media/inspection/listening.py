"""What the decoded samples say: their number, silences, clipping, the shape of the whole."""

from __future__ import annotations

import array
import sys
from itertools import pairwise
from typing import IO, Final

QUIET: Final = 33  # -60 dBFS of 16 bits
_STEP: Final = 3  # odd: both channels are looked at
_POINTS: Final = 800
_RUN: Final = 4  # samples in a row at the limit make one clip
_CLIPS: Final = 5
_HIGH: Final = b"\xff\x7f" * _RUN
_LOW: Final = b"\x00\x80" * _RUN
# Flag: seconds without sound that are worth a word.
SILENCES: Final = {"silence_start": 2.0, "silence_end": 5.0, "silence_inside": 8.0}


class Listener:
    """Fed with 16-bit samples as they come; holds one peak a window, never the sound."""

    def __init__(self, rate: int, channels: int, frames: int) -> None:
        self.window = max(64, min(rate // 10, frames // (2 * _POINTS)))
        self.rate, self.channels = rate, channels
        self.peaks: list[int] = []
        self.clips = self.bytes = 0
        self.alike = channels == 2  # so far

    def listen(self, pipe: IO[bytes], most: int) -> None:
        """To the end, or until there were more than `most` bytes."""
        while self.bytes <= most and (raw := pipe.read(self.window * self.channels * 2)):
            self.bytes += len(raw)
            samples = array.array("h", raw[: len(raw) // 2 * 2])
            if sys.byteorder == "big":
                samples.byteswap()
            self.alike = self.alike and samples[::2] == samples[1::2]
            looked = samples[::_STEP]
            self.peaks.append(max(max(looked, default=0), -min(looked, default=0)))
            if self.peaks[-1] > 32_000:
                self.clips += self._clips(samples)

    def _clips(self, samples: array.array[int]) -> int:
        tracks = (samples[first :: self.channels].tobytes() for first in range(self.channels))
        return sum(track.count(_HIGH) + track.count(_LOW) for track in tracks)

    @property
    def frames(self) -> int:
        return self.bytes // (2 * self.channels)

    @property
    def silent(self) -> bool:
        return max(self.peaks, default=0) <= QUIET

    def flags(self) -> list[str]:
        longest, ends = self._silences()
        lasting = {"silence_start": ends[0], "silence_end": ends[1], "silence_inside": longest}
        found = [name for name, seconds in SILENCES.items() if lasting[name] >= seconds]
        heard = {"clipping": self.clips >= _CLIPS, "mono": self.alike}
        return [*found, *(name for name, so in heard.items() if so)]

    def _silences(self) -> tuple[float, tuple[float, float]]:
        """Seconds of quiet: the longest inside, those at both ends."""
        loud = [at for at, peak in enumerate(self.peaks) if peak > QUIET]
        if not loud:
            return 0, (0, 0)
        inside = max((b - a - 1 for a, b in pairwise(loud)), default=0)
        each = self.window / self.rate
        return inside * each, (loud[0] * each, (len(self.peaks) - 1 - loud[-1]) * each)

    def waveform(self) -> bytes:
        """Peaks 0..255; 255 is the loudest of the piece (as waveforms.waveform_peaks)."""
        count = min(_POINTS, len(self.peaks))
        edges = [place * len(self.peaks) // count for place in range(count + 1)] if count else [0]
        points = [max(self.peaks[a:b]) for a, b in pairwise(edges)]
        loudest = max(points, default=0) or 1
        return bytes(min(255, point * 255 // loudest) for point in points)
