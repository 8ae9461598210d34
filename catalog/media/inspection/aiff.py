"""AIFF and AIFF-C (Apple, 1989 and 1991): PCM, big or little endian ("NONE", "sowt")."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from catalog.media.inspection.facts import MAX_EXTRA, Refused, Sound, Source, require_playable
from catalog.media.inspection.hidden import refuse_marks
from catalog.media.inspection.reasons import size as shown
from catalog.media.inspection.reasons import time

_MAX_CHUNKS: Final = 64
_EXTENDED_BIAS: Final = 16_383


@dataclass
class _Found:
    common: tuple[int, int, int, int, str] | None = None  # channels, frames, bits, rate, order
    data: tuple[int, int] | None = None
    extra: int = 0


def read(source: Source) -> Sound:
    _, size, kind = struct.unpack(">4sI4s", source.take(12))
    if size + 8 > source.size:
        raise Refused("size_false", said=shown(size + 8), found=shown(source.size))
    if size + 8 < source.size:
        raise Refused("trailing_bytes", bytes=source.size - size - 8)
    found = _Found()
    for _ in range(_MAX_CHUNKS):
        if not source.left:
            return _sound(found)
        _chunk(source, found, packed=kind == b"AIFC")
    raise Refused("parts_too_many")


def _chunk(source: Source, found: _Found, *, packed: bool) -> None:
    if source.left < 8:
        raise Refused("trailing_bytes", bytes=source.left)
    name, length = struct.unpack(">4sI", source.take(8))
    if length > source.left:
        if name == b"SSND" and found.common:
            channels, _, bits, rate, _ = found.common
            said = time(length * 1000 // (rate * channels * bits // 8))
            raise Refused("length_false", said=said, found=shown(source.left))
        raise Refused("cut_off")
    start = source.at
    if name == b"COMM":
        if found.common:
            raise Refused("part_twice")
        found.common = _common(source.take(length), packed=packed)
    elif name == b"SSND":
        if found.data or length < 8:
            raise Refused("part_twice" if found.data else "part_false")
        if source.take(8) != bytes(8):
            raise Refused("part_false")
        found.data = (start + 8, length - 8)
        source.go(start + length)
    else:
        _extra(source, found, name, length)
    if length % 2 and source.left:
        source.take(1)


def _extra(source: Source, found: _Found, name: bytes, length: int) -> None:
    found.extra += length
    if found.extra > MAX_EXTRA:
        raise Refused("extra_too_large", bytes=found.extra)
    if name in (b"FORM", b"LIST", b"CAT "):
        raise Refused("parts_nested")
    refuse_marks(source.take(length))


def _common(data: bytes, *, packed: bool) -> tuple[int, int, int, int, str]:
    if len(data) < (22 if packed else 18) or len(data) > 4096:
        raise Refused("part_false")
    channels, frames, bits = struct.unpack_from(">HIH", data)
    rate = _extended(data[8:18])
    order = data[18:22] if packed else b"NONE"
    if order not in (b"NONE", b"sowt"):
        raise Refused("codec", codec=f"AIFF-C {order.decode('ascii', 'replace')!r}")
    require_playable(rate, channels)
    if bits not in (16, 24, 32):
        raise Refused("codec", codec=f"PCM of {bits} bits")
    return channels, frames, bits, rate, "le" if order == b"sowt" else "be"


def _extended(data: bytes) -> int:
    """A whole number out of ten bytes (IEEE 754 extended); 0 when it is none."""
    exponent, mantissa = struct.unpack(">HQ", data)
    shift = 63 - (exponent - _EXTENDED_BIAS)
    if not 0 <= shift <= 63 or mantissa & ((1 << shift) - 1):
        return 0
    return int(mantissa >> shift)


def _sound(found: _Found) -> Sound:
    if not found.common or not found.data:
        raise Refused("part_missing")
    channels, frames, bits, rate, order = found.common
    start, length = found.data
    align = channels * bits // 8
    if frames * align > length:
        raise Refused("length_false", said=time(frames * 1000 // rate), found=shown(length))
    if frames * align != length:
        raise Refused("part_false")
    place = (start, start + length)
    codec = f"pcm_s{bits}{order}"
    return Sound("AIFF", codec, "aiff", "audio/aiff", rate, channels, bits, frames, place)
