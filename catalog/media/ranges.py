"""What a request asks for of a file, to the letter of RFC 9110: conditions (13) and ranges (14).

Our entity tags are strong and stand for the bytes; there is no date of last change, so conditions
by date are ignored where the standard says so. Several ranges may be ignored, and are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# ranges-specifier = range-unit "=" range-set (14.1.1). Unit names have no case (14.1).
_SET: Final = re.compile(r"bytes=(.*)", re.ASCII | re.IGNORECASE)
_SPEC: Final = re.compile(r"(\d*)-(\d*)", re.ASCII)
# opaque-tag of 8.8.3: anything printable but quotes.
_TAG: Final = re.compile(r'[ \t]*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)')
_DIGITS: Final = 4000  # Python refuses to read longer numbers; no file has so many bytes


class RangeNotSatisfiable(Exception):
    """The part begins after the end: answer 416."""


@dataclass(frozen=True, slots=True)
class Decision:
    """status: 200, 206, 304, 412 or 416. first, last: the bytes to send, both included."""

    status: int
    first: int = 0
    last: int = -1


def decide(method: str, headers: Mapping[str, str], *, etag: str, size: int) -> Decision:
    """What to answer about a file of `size` bytes whose strong entity tag is `etag`, in quotes.

    The order of evaluation is that of 13.2.2.
    """
    if (match := headers.get("If-Match")) is not None and not _matches(match, etag, weakly=False):
        return Decision(412)
    none = headers.get("If-None-Match")
    if none is not None and _matches(none, etag, weakly=True):
        return Decision(304)
    whole = Decision(200, 0, size - 1)
    if method != "GET" or not _range_counts(headers, etag):
        return whole
    try:
        part = byte_range(headers.get("Range"), size)
    except RangeNotSatisfiable:
        return Decision(416)
    return Decision(206, *part) if part else whole


def _range_counts(headers: Mapping[str, str], etag: str) -> bool:
    """13.1.5: If-Range holds for the same strong tag only; a date never, as we send none."""
    condition = headers.get("If-Range")
    return condition is None or condition.strip() == etag


def _matches(field: str, etag: str, *, weakly: bool) -> bool:
    """13.1.1 and 13.1.2: a list of tags, or `*` for anything that exists."""
    if field.strip() == "*":
        return True
    at = 0
    while match := _TAG.match(field, at):
        if f'"{match[2]}"' == etag and (weakly or not match[1]):
            return True
        at = match.end()
    return False


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(first, last) inclusive; None when there is no range or one that may be ignored (14.2)."""
    match = _SET.fullmatch((header or "").strip())
    if match is None:
        return None
    # Empty elements of a list do not count (5.6.1.2).
    specs = [one.strip(" \t") for one in match[1].split(",") if one.strip(" \t")]
    if len(specs) != 1:
        return None
    spec = _SPEC.fullmatch(specs[0])
    if spec is None or specs[0] == "-" or len(specs[0]) > _DIGITS:
        return None
    return _suffix(int(spec[2]), size) if not spec[1] else _part(int(spec[1]), spec[2], size)


def _suffix(length: int, size: int) -> tuple[int, int] | None:
    if length == 0:
        raise RangeNotSatisfiable
    # Satisfiable for an empty file too, of which no Content-Range can tell: all of it is sent.
    return (max(size - length, 0), size - 1) if size else None


def _part(first: int, last_text: str, size: int) -> tuple[int, int] | None:
    if last_text and int(last_text) < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable
    return first, min(int(last_text), size - 1) if last_text else size - 1
