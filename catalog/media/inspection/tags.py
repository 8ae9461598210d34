"""Tags of MP3: ID3v2 in front (2.2 to 2.4), APEv2 and ID3v1 behind. Walked, never unpacked."""

from __future__ import annotations

from typing import Final

from catalog.media.inspection.facts import MAX_EXTRA, MAX_PARTS, Refused, Source
from catalog.media.inspection.hidden import refuse_marks

_MAX_WORDS: Final = 1_000_000  # bytes of everything but pictures
_PICTURES: Final = (b"APIC", b"PIC")
_ID3V1: Final = 128
_APE: Final = 32
_PACKED: Final = {3: 0xC0, 4: 0x0C}  # compressed or encrypted


def skip_id3v2(source: Source) -> None:
    """Refused: tag_packed, tag_false, extra_too_large, hidden_file."""
    head = source.peek(source.at, 10)
    if head[:3] != b"ID3":
        return
    source.take(10)
    version, flags = head[3], head[5]
    length = _syncsafe(head[6:10])
    if version not in (2, 3, 4):
        raise Refused("tag_false")
    if length > MAX_EXTRA:
        raise Refused("extra_too_large", bytes=length)
    if version == 2 and flags & 0x40:
        raise Refused("tag_packed")
    data = source.take(length)
    _frames(data, version, extended=bool(version > 2 and flags & 0x40))
    refuse_marks(data)
    if version == 4 and flags & 0x10:
        source.take(10)
    if source.peek(source.at, 3) == b"ID3":
        raise Refused("part_twice")


def _frames(data: bytes, version: int, *, extended: bool) -> None:
    at = _extended(data, version) if extended else 0
    width = 6 if version == 2 else 10
    words = 0
    for _ in range(MAX_PARTS):
        if at + width > len(data) or not data[at]:
            if any(data[at:]):
                raise Refused("tag_false")
            return
        name = data[at : at + (3 if version == 2 else 4)]
        length = _length(data[at:], version)
        if version > 2 and data[at + 9] & _PACKED[version]:
            raise Refused("tag_packed")
        at += width + length
        words += 0 if name in _PICTURES else length
        if at > len(data) or not length or not name.isalnum():
            raise Refused("tag_false")
        if words > _MAX_WORDS:
            raise Refused("extra_too_large", bytes=words)
    raise Refused("parts_too_many")


def _extended(data: bytes, version: int) -> int:
    if len(data) < 4:
        raise Refused("tag_false")
    return _syncsafe(data[:4]) if version == 4 else int.from_bytes(data[:4], "big") + 4


def _length(data: bytes, version: int) -> int:
    if version == 2:
        return int.from_bytes(data[3:6], "big")
    return _syncsafe(data[4:8]) if version == 4 else int.from_bytes(data[4:8], "big")


def _syncsafe(data: bytes) -> int:
    value = 0
    for byte in data:
        if byte > 127:
            raise Refused("tag_false")
        value = value << 7 | byte
    return value


def tail_tags(source: Source, start: int) -> int:
    """Where the sound ends: before an ID3v1 and an APEv2 tag, if there are any."""
    end = source.size
    if end - start >= _ID3V1 and source.peek(end - _ID3V1, 3) == b"TAG":
        end -= _ID3V1
        refuse_marks(source.peek(end, _ID3V1))
    foot = source.peek(end - _APE, _APE) if end - start >= _APE else b""
    if foot[:8] == b"APETAGEX":
        length = int.from_bytes(foot[12:16], "little")
        flags = int.from_bytes(foot[20:24], "little")
        length += _APE if flags & 0x80000000 else 0
        if length < _APE or length > end - start:
            raise Refused("tag_false")
        if length > MAX_EXTRA:
            raise Refused("extra_too_large", bytes=length)
        end -= length
        refuse_marks(source.peek(end, length))
    return end
