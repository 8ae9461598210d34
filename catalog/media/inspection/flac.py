"""FLAC (RFC 9639): metadata, the first frame where it has to be, the last one to the last byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from catalog.media.inspection.facts import MAX_EXTRA, Refused, Sound, Source, require_playable
from catalog.media.inspection.hidden import refuse_marks
from catalog.media.inspection.reasons import size as shown
from catalog.media.inspection.reasons import time

_MAX_BLOCKS: Final = 128
_STREAMINFO: Final = 0
_PICTURE: Final = 6
_INVALID: Final = 127
_HEADER: Final = 16  # bytes of a frame's header at most
_MORE: Final = 1 << 18  # so far behind the last frame junk is still called by its name
_BLOCK_SIZES: Final = {1: 192, **{n: 144 << n for n in range(2, 6)},
                       **{n: 1 << n for n in range(8, 16)}}  # fmt: skip


@dataclass(frozen=True)
class _Info:
    """STREAMINFO. largest: bytes of a frame, 0 when unknown; frames: samples of each channel."""

    block: int
    fixed: bool
    largest: int
    rate: int
    channels: int
    bits: int
    frames: int


def read(source: Source) -> Sound:
    source.take(4)
    info, extra = None, 0
    for number in range(_MAX_BLOCKS):
        head = source.take(4)
        kind, length = head[0] & 0x7F, int.from_bytes(head[1:], "big")
        if (kind == _STREAMINFO) != (number == 0) or kind == _INVALID:
            raise Refused("part_false")
        data = source.take(length)
        if kind == _STREAMINFO:
            info = _streaminfo(data)
        else:
            extra += length
            refuse_marks(data)
        if extra > MAX_EXTRA:
            raise Refused("extra_too_large", bytes=extra)
        if head[0] & 0x80:
            break
    else:
        raise Refused("parts_too_many")
    if info is None:
        raise Refused("part_missing")
    start = source.at
    _first(source, info)
    _last(source, info, start)
    place = (start, source.size)
    return Sound("FLAC", "flac", "flac", "audio/flac", info.rate, info.channels, info.bits,
                 info.frames, place)  # fmt: skip


def _streaminfo(data: bytes) -> _Info:
    if len(data) != 34:
        raise Refused("part_false")
    least, most = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    packed = int.from_bytes(data[10:18], "big")
    rate, channels = packed >> 44, (packed >> 41 & 7) + 1
    bits, frames = (packed >> 36 & 31) + 1, packed & ((1 << 36) - 1)
    require_playable(rate, channels)
    if bits not in (16, 24, 32):
        raise Refused("codec", codec=f"FLAC of {bits} bits")
    if not 16 <= least <= most:
        raise Refused("part_false")
    if not frames:
        raise Refused("unfinished")
    largest = int.from_bytes(data[7:10], "big")
    return _Info(most, least == most, largest, rate, channels, bits, frames)


def _first(source: Source, info: _Info) -> None:
    data = source.peek(source.at, _HEADER)
    header = _frame(data, info)
    if header is None or header[0] != 0:
        raise Refused("garbage_inside" if data else "cut_off")


def _last(source: Source, info: _Info, start: int) -> None:
    """The frame that holds the last sample ends with the file, and its checksum agrees."""
    raw = info.block * info.channels * (info.bits // 8 + 1) + 64
    window = min(max(info.largest, raw) + _MORE, source.size - start)
    tail = source.peek(source.size - window, window)
    at = tail.rfind(b"\xff")
    while at >= 0:
        header = _frame(tail[at : at + _HEADER], info) if len(tail) - at > 5 else None
        if header and sum(header) == info.frames:
            break
        at = tail.rfind(b"\xff", 0, at)
    else:
        said = time(info.frames * 1000 // info.rate)
        raise Refused("length_false", said=said, found=shown(source.size - start))
    if _crc16(tail[at:-2]) != int.from_bytes(tail[-2:], "big"):
        raise Refused("trailing_bytes", bytes="some bytes")


def _frame(data: bytes, info: _Info) -> tuple[int, int] | None:
    """(number of its first sample, samples) of a header whose checksum agrees."""
    if len(data) < 6 or data[0] != 0xFF or data[1] & 0xFE != 0xF8:
        return None
    number, at = _coded(data)
    size_code, rate_code = data[2] >> 4, data[2] & 15
    if number is None or not size_code or at + 5 > len(data):
        return None
    size = _BLOCK_SIZES.get(size_code, 0)
    if size_code in (6, 7):
        width = size_code - 5
        size, at = int.from_bytes(data[at : at + width], "big") + 1, at + width
    at += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if at >= len(data) or _crc8(data[:at]) != data[at]:
        return None
    return (number if data[1] & 1 else number * info.block), size


def _coded(data: bytes) -> tuple[int | None, int]:
    """The frame's or sample's number, coded as UTF-8 is, and the place after it."""
    first = data[4]
    if first < 0x80:
        return first, 5
    ones = 8 - (first ^ 0xFF).bit_length()
    rest = data[5 : 4 + ones]
    if ones < 2 or len(rest) != ones - 1 or any(byte & 0xC0 != 0x80 for byte in rest):
        return None, 0
    number = first & (0x7F >> ones)
    for byte in rest:
        number = number << 6 | byte & 0x3F
    return number, 4 + ones


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask, table = 1 << (bits - 1), (1 << bits) - 1, []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


_CRC8: Final = _table(0x07, 8)
_CRC16: Final = _table(0x8005, 16)


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def _crc16(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ _CRC16[value >> 8 ^ byte]
    return value
