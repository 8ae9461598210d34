"""HTTP Range of one part (RFC 9110, section 14). Several parts may be ignored, and are."""

from __future__ import annotations

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """The part begins after the end: answer 416."""


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(first, last) inclusive; None when there is no range or one that may be ignored."""
    match = _ONE.fullmatch((header or "").strip())
    if match is None or match.group(0).endswith("=-"):
        return None
    first_text, last_text = match[1], match[2]
    if not first_text:
        length = min(int(last_text), size)
        if length == 0:
            raise RangeNotSatisfiable
        return size - length, size - 1
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if last_text and int(last_text) < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable
    return first, last
