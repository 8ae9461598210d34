"""What a file is, by its first bytes alone: its name is not asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from catalog.media.inspection import aiff, flac, mp3, wav
from catalog.media.inspection.facts import Refused, Sound, Source
from catalog.media.inspection.hidden import refuse_archive

Reader = Callable[[Source], Sound]
_LISTS: Final = (b"#extm3u", b"ffconcat", b"[playlist]", b"file '", b"http://", b"https://",
                 b"<asx", b"<smil", b'<?xml version="1.0"?><mpd')  # fmt: skip
_PAGES: Final = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?xml", b"<")
_OTHERS: Final = (
    (0, b"OggS", "an Ogg file"), (4, b"ftyp", "an MP4 or M4A file"),
    (0, b"PK\x03\x04", "an archive"),
    (0, b"%PDF-", "a PDF"), (0, b"\x89PNG", "a picture"), (0, b"\xff\xd8\xff", "a picture"),
    (0, b"GIF8", "a picture"), (0, b"\x1a\x45\xdf\xa3", "a Matroska file"),
    (0, b"MZ", "a program"), (0, b"\x7fELF", "a program"), (0, b"ADIF", "an AAC file"),
    (0, b"caff", "a CAF file"), (0, b"wvpk", "a WavPack file"), (0, b"MAC ", "an APE file"),
    (0, b"MThd", "a MIDI file"), (0, b".snd", "an AU file"), (0, b"Rar!", "an archive"),
)  # fmt: skip


def read(source: Source) -> Sound:
    """Refused: see reasons.WORDS."""
    if not source.size:
        raise Refused("empty")
    head = source.peek(0, 64)
    reader = _reader(head)
    if reader is None:
        _refuse(head)
    else:
        refuse_archive(source)
        return reader(source)
    raise Refused("kind_unknown")


def _reader(head: bytes) -> Reader | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return wav.read
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return aiff.read
    if head[:4] == b"fLaC":
        return flac.read
    if head[:3] == b"ID3" or (len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return mp3.read
    return None


def _refuse(head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_LISTS):
        raise Refused("playlist")
    if text.startswith(_PAGES):
        raise Refused("kind_other", kind="a web page or a drawing")
    for place, mark, kind in _OTHERS:
        if head[place : place + len(mark)] == mark:
            raise Refused("kind_other", kind=kind)
    if head[0] == 0xFF and head[1:2] and head[1] & 0xF6 == 0xF0:
        raise Refused("kind_other", kind="an AAC file")


def content_type_of(head: bytes) -> str:
    """Of a file that was inspected. ValueError for another one."""
    reader = _reader(head)
    if reader is None:
        raise ValueError("not one of ours")
    return _TYPES[reader]


_TYPES: Final[dict[Reader, str]] = {
    wav.read: "audio/wav",
    aiff.read: "audio/aiff",
    flac.read: "audio/flac",
    mp3.read: "audio/mpeg",
}
