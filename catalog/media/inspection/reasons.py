"""Why a file was not taken, in words for whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

AGAIN: Final = "Export it again, please."
WORDS: Final[Mapping[str, str]] = {
    "empty": "The file is empty. Perhaps the export had not finished?",
    "kind_unknown": "This is no WAV, FLAC, AIFF or MP3. Export your music as one of these.",
    "kind_other": "This is {kind}. Upload the original as WAV, FLAC or AIFF, or an MP3.",
    "playlist": "This is a list of other files, not music. Upload the music itself.",
    "not_from_start": "Before the music there is something else. " + AGAIN,
    "hidden_file": "Another file ({kind}) is hidden in this one. Upload the music alone.",
    "cut_off": "The file ends in the middle. Perhaps a copy was interrupted? " + AGAIN,
    "length_false": "The file says it holds {said} of music, but only {found} are there. " + AGAIN,
    "size_false": "The file says it is {said} long, but {found} are there. " + AGAIN,
    "unfinished": "The file does not say how long it is: its export has not finished. " + AGAIN,
    "trailing_bytes": "After the music there are {bytes} more that do not belong to it. " + AGAIN,
    "garbage_inside": "Between the parts of the music there is something that is none. " + AGAIN,
    "damaged": "The music cannot be decoded: the file is damaged. " + AGAIN,
    "parts_nested": "The file holds lists in lists, which no music needs. " + AGAIN,
    "parts_too_many": "The file is cut into more pieces than any music needs. " + AGAIN,
    "part_twice": "The file holds its music twice, and players would disagree. " + AGAIN,
    "part_missing": "A part that every such file has is missing. " + AGAIN,
    "part_false": "The file contradicts itself about its format. " + AGAIN,
    "extra_too_large": "Titles and pictures in the file take {bytes}. Leave the pictures out.",
    "tag_packed": "The titles in the file are packed, which may hide anything. Save them plain.",
    "tag_false": "The titles in the file (ID3 or APE tag) are damaged. Remove or save them again.",
    "codec": "The sound is kept as {codec}. Export it as PCM of 16, 24 or 32 bits, or float.",
    "channels": "The file has {channels} channels. Export one or two: mono or stereo.",
    "rate": "The sample rate is {rate} Hz. Export with 44.1, 48, 88.2, 96, 176.4 or 192 kHz.",
    "not_numbers": "Some samples are no numbers: a plug-in has gone wrong. Render it again.",
    "too_short": "It lasts {seconds} s. A track lasts at least {least} seconds.",
    "too_long": "It lasts {minutes} minutes. A track lasts at most {most}.",
    "silent": "There is nothing to hear in it. Is it the right file?",
    "too_heavy": "Reading it took more than any music needs, so we stopped. " + AGAIN,
    "cover_unreadable": "The picture cannot be read. Save it as JPEG, PNG or WebP.",
    "cover_too_large": "A cover has at most 40 megapixels and 30 MB.",
    "cover_too_small": "A side of the cover needs {least} pixels.",
    "cover_moving": "The picture moves. A cover stands still: save one frame.",
    "cover_tail": "After the picture there is something else in the file. Save it again.",
    "cover_profile": "The picture carries a colour profile of {bytes}. Save it in sRGB.",
}


def words(code: str, values: Mapping[str, Any]) -> str:
    """At most 300 characters."""
    shown = {name: _shown(name, value) for name, value in values.items()}
    return WORDS[code].format_map(shown)[:300]


def size(count: int) -> str:
    """1 byte, 12 KB, 3.4 MB."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    for unit, scale in (("KB", 10**3), ("MB", 10**6)):
        if count < scale * 1000:
            return f"{count / scale:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count / 10**9:.1f} GB"


def time(ms: int) -> str:
    """12 seconds, 3 minutes, 3 hours: as people say it."""
    for unit, scale in (("hour", 3_600_000), ("minute", 60_000)):
        if ms >= scale:
            count = round(ms / scale)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{ms / 1000:.1f} seconds".replace(".0 ", " ")


def _shown(name: str, value: Any) -> str:
    if name == "bytes" and isinstance(value, int):
        return size(value)
    return str(value)[:60]
