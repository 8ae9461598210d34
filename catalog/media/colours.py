"""The two colours of a cover: a deep one for light rooms, a bright one for dark rooms.

Work is done in OKLCH (Björn Ottosson, bottosson.github.io/posts/oklab), where changing the
lightness keeps the hue. Contrast is WCAG 2.2's ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

Rgb = tuple[int, int, int]

MINIMUM_CONTRAST: Final = 4.5
# The lightest and darkest surfaces of each theme that text in these colours may lie on.
LIGHT_SURFACES: Final[tuple[Rgb, ...]] = ((255, 255, 255), (239, 239, 244))
DARK_SURFACES: Final[tuple[Rgb, ...]] = ((15, 15, 18), (35, 46, 60))
_SAMPLE: Final = 96  # pixels a side: enough for colours, fast for any cover
_PALETTE: Final = 14


@dataclass(frozen=True, slots=True)
class Lch:
    """lightness 0..1, chroma 0..about 0.33, hue in radians."""

    lightness: float
    chroma: float
    hue: float


def cover_colours(image: Image.Image) -> tuple[str, str]:
    """(deep, bright) as "#rrggbb".

    deep has at least 4.5:1 against every light surface (so white text stands on it), bright against
    every dark surface (so near-black text stands on it).
    """
    palette = _palette(image)
    first = max(palette, key=lambda entry: _weight(*entry, favour=0.42))[1]
    second = max(palette, key=lambda entry: _weight(*entry, favour=0.78))[1]
    deep = Lch(min(first.lightness, 0.46), min(first.chroma, 0.14), first.hue)
    bright = Lch(max(second.lightness, 0.74), min(max(second.chroma, 0.02), 0.19), second.hue)
    return (
        _hex(_shift(deep, -0.01, LIGHT_SURFACES)),
        _hex(_shift(bright, 0.01, DARK_SURFACES)),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2.2 contrast ratio, 1..21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def parse_hex(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _palette(image: Image.Image) -> list[tuple[float, Lch]]:
    """The main colours with their share of the cover (0..1)."""
    small = image.convert("RGB").resize((_SAMPLE, _SAMPLE), Image.Resampling.BOX)
    reduced = small.quantize(_PALETTE, method=Image.Quantize.MEDIANCUT)
    colours = reduced.getpalette() or []
    counts: list[tuple[int, int]] = reduced.getcolors() or []  # type: ignore[assignment]
    found = []
    for count, place in counts:
        red, green, blue = colours[place * 3 : place * 3 + 3]
        found.append((count / _SAMPLE**2, _to_lch((red, green, blue))))
    return found


def _weight(share: float, colour: Lch, *, favour: float) -> float:
    """Vivid colours count more than large ones; those near the wished lightness most."""
    return (
        math.sqrt(share) * (0.02 + colour.chroma) * math.exp(-2.5 * abs(colour.lightness - favour))
    )


def _shift(colour: Lch, step: float, surfaces: tuple[Rgb, ...]) -> Rgb:
    """Move the lightness until the contrast holds on every surface."""
    lightness = colour.lightness
    while 0 < lightness < 1:
        rgb = _in_gamut(Lch(lightness, colour.chroma, colour.hue))
        if min(contrast(rgb, surface) for surface in surfaces) >= MINIMUM_CONTRAST:
            return rgb
        lightness += step
    return (0, 0, 0) if step < 0 else (255, 255, 255)


def _in_gamut(colour: Lch) -> Rgb:
    """The nearest colour that sRGB can show with this lightness and hue: chroma gives way."""
    chroma = colour.chroma
    while chroma > 0:
        channels = _to_linear(Lch(colour.lightness, chroma, colour.hue))
        if all(-0.0005 <= value <= 1.0005 for value in channels):
            break
        chroma -= 0.004
    red, green, blue = (
        _encode(value) for value in _to_linear(Lch(colour.lightness, max(chroma, 0.0), colour.hue))
    )
    return red, green, blue


def _decode(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _encode(value: float) -> int:
    part = min(max(value, 0.0), 1.0)
    part = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(part * 255)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_decode(value) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_lch(colour: Rgb) -> Lch:
    red, green, blue = (_decode(value) for value in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    return Lch(lightness, math.hypot(a, b), math.atan2(b, a))


def _to_linear(colour: Lch) -> tuple[float, float, float]:
    a, b = colour.chroma * math.cos(colour.hue), colour.chroma * math.sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
