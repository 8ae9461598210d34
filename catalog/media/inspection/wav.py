"""WAV: RIFF, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), PCM and float, extensible or not."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from catalog.media.inspection.facts import MAX_EXTRA, Refused, Sound, Source, require_playable
from catalog.media.inspection.hidden import refuse_marks
from catalog.media.inspection.reasons import size as shown
from catalog.media.inspection.reasons import time

_UNKNOWN: Final = 0xFFFFFFFF
_PCM: Final = 1
_FLOAT: Final = 3
_EXTENSIBLE: Final = 0xFFFE
_GUID_TAIL: Final = bytes.fromhex("000000001000800000aa00389b71")
_MAX_CHUNKS: Final = 64


@dataclass
class _Found:
    format: tuple[int, int, int, int, int] | None = None  # tag, channels, rate, align, bits
    data: tuple[int, int] | None = None
    extra: int = 0
    large: dict[str, int] = field(default_factory=dict)


def read(source: Source) -> Sound:
    head, size, _ = struct.unpack("<4sI4s", source.take(12))
    found = _Found()
    if head != b"RIFF":
        found.large = _ds64(source)
        size = found.large["riff"] if size == _UNKNOWN else size
    elif size in (0, _UNKNOWN):
        raise Refused("unfinished")
    if size + 8 != source.size:
        _size_false(source, size + 8)
    for _ in range(_MAX_CHUNKS):
        if not source.left:
            return _sound(found)
        _chunk(source, found)
    raise Refused("parts_too_many")


def _size_false(source: Source, said: int) -> None:
    """Which way it lies decides the words."""
    if said > source.size:
        raise Refused("size_false", said=shown(said), found=shown(source.size))
    raise Refused("trailing_bytes", bytes=source.size - said)


def _ds64(source: Source) -> dict[str, int]:
    name, length = struct.unpack("<4sI", source.take(8))
    if name != b"ds64" or not 28 <= length <= 4096:
        raise Refused("part_missing")
    riff, data, frames, table = struct.unpack_from("<QQQI", source.take(length))
    if table:
        raise Refused("part_false")
    return {"riff": riff, "data": data, "frames": frames}


def _chunk(source: Source, found: _Found) -> None:
    if source.left < 8:
        raise Refused("trailing_bytes", bytes=source.left)
    name, length = struct.unpack("<4sI", source.take(8))
    if not all(32 <= letter < 127 for letter in name):
        raise Refused("trailing_bytes", bytes=source.left + 8)
    if name == b"data" and length == _UNKNOWN and found.large:
        length = found.large["data"]
    if length > source.left:
        _cut(source, found, name, length)
    start = source.at
    if name == b"fmt ":
        found.format = _format(source.take(length), found)
    elif name == b"data":
        if found.data:
            raise Refused("part_twice")
        found.data = (start, length)
        source.go(start + length)
    else:
        _extra(source, found, name, length)
    if length % 2 and source.left:
        source.take(1)


def _cut(source: Source, found: _Found, name: bytes, length: int) -> None:
    if name == b"data" and found.format:
        _, _, rate, align, _ = found.format
        per_ms = max(1, rate * align)
        raise Refused(
            "length_false",
            said=time(length * 1000 // per_ms),
            found=shown(source.left),
        )
    raise Refused("cut_off")


def _extra(source: Source, found: _Found, name: bytes, length: int) -> None:
    found.extra += length
    if found.extra > MAX_EXTRA:
        raise Refused("extra_too_large", bytes=found.extra)
    data = source.take(length)
    if name in (b"RIFF", b"RF64") or (name == b"LIST" and _nested(data)):
        raise Refused("parts_nested")
    refuse_marks(data)


def _nested(data: bytes) -> bool:
    """Whether a LIST holds another one."""
    at = 4
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name in (b"LIST", b"RIFF"):
            return True
        at += 8 + length + length % 2
    return False


def _format(data: bytes, found: _Found) -> tuple[int, int, int, int, int]:
    if found.format or found.data:
        raise Refused("part_twice")
    if len(data) < 16 or len(data) > 4096:
        raise Refused("part_false")
    tag, channels, rate, per_second, align, bits = struct.unpack_from("<HHIIHH", data)
    if tag == _EXTENSIBLE:
        if len(data) < 40 or data[26:40] != _GUID_TAIL:
            raise Refused("codec", codec="an unknown format")
        tag = int.from_bytes(data[24:26], "little")
    require_playable(rate, channels)
    if (tag, bits) not in ((_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32)):
        raise Refused("codec", codec=f"WAV format {tag} of {bits} bits")
    if align != channels * bits // 8 or per_second != rate * align:
        raise Refused("part_false")
    return tag, channels, rate, align, bits


def _sound(found: _Found) -> Sound:
    if not found.format or not found.data:
        raise Refused("part_missing")
    tag, channels, rate, align, bits = found.format
    start, length = found.data
    if length % align:
        raise Refused("part_false")
    floats = tag == _FLOAT
    codec = f"pcm_f{bits}le" if floats else f"pcm_s{bits}le"
    place = (start, start + length)
    return Sound("WAV", codec, "wav", "audio/wav", rate, channels, bits, length // align, place,
                 floats=floats)  # fmt: skip
