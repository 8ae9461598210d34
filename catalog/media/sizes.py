"""How large a file is, in words."""

from __future__ import annotations

from typing import Final

_UNITS: Final = (("GB", 10**9), ("MB", 10**6), ("KB", 10**3))


def size_words(size: int) -> str:
    """Bytes as people say them: "52.4 MB", "1 GB". Thousands, as shops of disks count."""
    for unit, of in _UNITS:
        if size >= of:
            tenths = size * 10 // of
            return f"{tenths // 10}.{tenths % 10} {unit}".replace(".0 ", " ")
    return f"{size} bytes"
