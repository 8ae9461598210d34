"""What the readers say: what a file is, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Final

RATES: Final = (22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
MAX_EXTRA: Final = 6_000_000  # bytes of titles, pictures and cue points beside the sound
MAX_PARTS: Final = 512


class Refused(Exception):
    """A file that is not taken. code: one of reasons.WORDS; values: what its words mention."""

    def __init__(self, code: str, **values: int | str) -> None:
        self.code, self.values = code, values
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Sound:
    """What the structure of a file says. frames: samples of each channel.

    slack: by how many frames the decoded sound may differ (MP3 does not say where music begins).
    demuxer: the one that ffmpeg has to use. sound: first and last + 1 byte of the sound.
    """

    container: str
    codec: str
    demuxer: str
    content_type: str
    rate: int
    channels: int
    bits: int | None
    frames: int
    sound: tuple[int, int]
    slack: int = 0
    floats: bool = False


class Source:
    """A file read forwards, with its size known: nothing is believed that is not there."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.size = file, size

    @property
    def at(self) -> int:
        return self.file.tell()

    @property
    def left(self) -> int:
        return self.size - self.file.tell()

    def take(self, length: int) -> bytes:
        """Exactly so many bytes. Refused: cut_off."""
        data = self.file.read(length) if 0 <= length <= self.left else b""
        if len(data) != length:
            raise Refused("cut_off")
        return data

    def peek(self, place: int, length: int) -> bytes:
        """What is at a place, as far as there is something; the position stays."""
        before = self.file.tell()
        self.file.seek(place)
        data = self.file.read(length)
        self.file.seek(before)
        return data

    def go(self, place: int) -> None:
        if not 0 <= place <= self.size:
            raise Refused("cut_off")
        self.file.seek(place)


def require_playable(rate: int, channels: int) -> None:
    """Refused: channels, rate."""
    if channels not in (1, 2):
        raise Refused("channels", channels=channels)
    if rate not in RATES:
        raise Refused("rate", rate=rate)
