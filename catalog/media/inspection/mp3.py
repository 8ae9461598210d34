"""MP3 (ISO/IEC 11172-3 and 13818-3, Layer III): one frame after the other, to the last byte."""

from __future__ import annotations

from typing import Final

from catalog.media.inspection.facts import Refused, Sound, Source, require_playable
from catalog.media.inspection.reasons import size as shown
from catalog.media.inspection.reasons import time
from catalog.media.inspection.tags import skip_id3v2, tail_tags

_RATES: Final = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}
_KBITS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SLACK: Final = 3 * 1152
_MONO: Final = 3
_XING: Final = (b"Xing", b"Info")

Frame = tuple[int, int, int, int]  # version, rate, channels, bytes


def read(source: Source) -> Sound:
    """The rate of the first frame holds for all. Refused: many, see reasons."""
    skip_id3v2(source)
    start = source.at
    end = tail_tags(source, start)
    first = _frame(source.peek(start, 4))
    if first is None:
        raise Refused("not_from_start")
    version, rate, channels, _ = first
    require_playable(rate, channels)
    count = _walk(source, start, end, first)
    frames = (count - _refuse_lie(source, start, first, count)) * (1152 if version == 3 else 576)
    return Sound("MP3", "mp3", "mp3", "audio/mpeg", rate, channels, None, frames, (start, end),
                 slack=_SLACK)  # fmt: skip


def _walk(source: Source, start: int, end: int, first: Frame) -> int:
    at, count, file = start, 0, source.file
    while at < end:
        file.seek(at)
        head = file.read(4)
        frame = _frame(head)
        if frame is None or frame[:2] != first[:2]:
            following = _more(source, at, end, first)
            raise (
                Refused("garbage_inside")
                if following
                else Refused("trailing_bytes", bytes=end - at)
            )
        at += frame[3]
        count += 1
    if at != end:
        raise Refused("cut_off")
    return count


def _more(source: Source, at: int, end: int, first: Frame) -> bool:
    """Whether music goes on behind what is none."""
    data = source.peek(at + 1, min(end - at - 1, 1 << 20))
    place = data.find(b"\xff")
    while place >= 0:
        frame = _frame(data[place : place + 4])
        if frame and frame[:2] == first[:2]:
            after = _frame(data[place + frame[3] : place + frame[3] + 4])
            if after and after[:2] == first[:2]:
                return True
        place = data.find(b"\xff", place + 1)
    return False


def _frame(head: bytes) -> Frame | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate_code = head[1] >> 3 & 3, head[2] >> 2 & 3
    kbits_code, padding = head[2] >> 4, head[2] >> 1 & 1
    if version == 1 or rate_code == 3 or kbits_code in (0, 15):
        return None
    rate = _RATES[version][rate_code]
    kbits = (_KBITS_1 if version == 3 else _KBITS_2)[kbits_code]
    length = (144_000 if version == 3 else 72_000) * kbits // rate + padding
    return version, rate, 1 if head[3] >> 6 == _MONO else 2, length


def _refuse_lie(source: Source, start: int, first: Frame, count: int) -> int:
    """1 when the first frame only describes the others; what it says of them has to be so."""
    version, rate, channels, length = first
    side = {(3, 2): 32, (3, 1): 17, (2, 2): 17, (0, 2): 17}.get((version, channels), 9)
    data = source.peek(start, length)
    at = 4 + side
    if data[at : at + 4] in _XING:
        if not int.from_bytes(data[at + 4 : at + 8], "big") & 1:
            return 1
        said = int.from_bytes(data[at + 8 : at + 12], "big")
    elif data[36:40] == b"VBRI":
        said = int.from_bytes(data[50:54], "big")
    else:
        return 0
    if abs(said - count) > 2:
        ms = said * (1152 if version == 3 else 576) * 1000 // rate
        raise Refused("length_false", said=time(ms), found=shown(source.size))
    return 1
