"""Painting with arrays: a square picture is (SIDE, SIDE, 3) of floats 0..1, x right, y down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Field: TypeAlias = NDArray[Any]
Rng: TypeAlias = np.random.Generator

SIDE: Final = 1000
_LINE = np.linspace(0, 1, SIDE, dtype=np.float32)
X: Final[Field] = np.tile(_LINE, (SIDE, 1))
Y: Final[Field] = X.T.copy()
PIXEL: Final = 1 / SIDE


def colour(text: str) -> Field:
    """ "#rrggbb" as three floats."""
    return np.array([int(text[place : place + 2], 16) for place in (1, 3, 5)], np.float32) / 255


def ramp(at: Field, stops: Sequence[tuple[float, str]]) -> Field:
    """A gradient: `at` runs through the stops (position, colour)."""
    places = [stop[0] for stop in stops]
    colours = np.stack([colour(stop[1]) for stop in stops])
    return np.stack(
        [np.interp(at, places, colours[:, channel]) for channel in range(3)], axis=-1
    ).astype(np.float32)


def step(edge: float | Field, value: Field, soft: float = 1.5 * PIXEL) -> Field:
    """0 below the edge, 1 above, smooth over `soft`."""
    part = np.clip((value - edge) / soft + 0.5, 0, 1)
    return (part * part * (3 - 2 * part)).astype(np.float32)


def over(picture: Field, paint: Field | str, mask: Field | float) -> Field:
    """Lay paint (a colour or a picture) over a picture where the mask says so."""
    layer = colour(paint) if isinstance(paint, str) else paint
    if not isinstance(mask, np.ndarray):
        return np.asarray(picture * (1 - mask) + layer * mask, np.float32)
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return picture
    part = slice(rows[0], rows[-1] + 1)  # most shapes touch a few rows only
    amount = mask[part, :, None]
    under = layer if layer.ndim == 1 else layer[part]
    out = picture.copy()
    out[part] += (under - picture[part]) * amount
    return out


def glow(picture: Field, paint: str, light: Field) -> Field:
    """Add light, as on film: what is bright already takes less."""
    return np.asarray(1 - (1 - picture) * (1 - colour(paint) * np.clip(light, 0, 1)[..., None]))


def disc(x: float, y: float, radius: float, soft: float = 1.5 * PIXEL) -> Field:
    return 1 - step(radius, np.hypot(X - x, Y - y), soft)


def box(left: float, top: float, right: float, bottom: float, soft: float = 1.5 * PIXEL) -> Field:
    across = step(left, X, soft) * (1 - step(right, X, soft))
    return np.asarray(across * step(top, Y, soft) * (1 - step(bottom, Y, soft)))


def clouds(rng: Rng, scale: float, octaves: int = 5, stretch: float = 1.0) -> Field:
    """Smooth noise 0..1 with `scale` features a side; stretch > 1 makes them lie down."""
    total = np.zeros((SIDE, SIDE), np.float32)
    level = 1.0
    for octave in range(octaves):
        size = scale * 2**octave
        rows, columns = max(2, round(size * stretch) + 1), max(2, round(size) + 1)
        grid = Image.fromarray(rng.random((rows, columns), dtype=np.float32))
        total += level * np.asarray(grid.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        level *= 0.5
    low, high = np.percentile(total, [1, 99])
    return np.asarray(np.clip((total - low) / (high - low), 0, 1), np.float32)


def ridge(rng: Rng, height: float, rough: float, waves: float = 3) -> Field:
    """The height of a hill line over x."""
    line = np.full(SIDE, height, np.float32)
    for octave in range(6):
        turns = waves * 2**octave * rng.uniform(0.8, 1.2)
        line += rough / 1.9**octave * np.sin(2 * np.pi * (turns * _LINE + rng.random()))
    return line


def below(line: Field, soft: float = 1.5 * PIXEL) -> Field:
    """The mask of everything under a line over x."""
    return step(0.0, Y - line[None, :], soft)


def blurred(mask: Field, radius: float) -> Field:
    """Blur by Fourier: radius is a share of the side."""
    hz = np.fft.rfftfreq(SIDE, PIXEL)[None, :] ** 2 + np.fft.fftfreq(SIDE, PIXEL)[:, None] ** 2
    curve = np.exp(-2 * (np.pi * radius) ** 2 * hz).astype(np.float32)
    return np.fft.irfft2(np.fft.rfft2(mask) * curve, (SIDE, SIDE)).astype(np.float32)


def grain(rng: Rng, picture: Field, amount: float = 0.025) -> Field:
    """The tooth of film or paper, and a slight fall of light to the corners."""
    tooth = rng.standard_normal((SIDE, SIDE, 1), dtype=np.float32) * amount
    corner = 1 - 0.16 * ((X - 0.5) ** 2 + (Y - 0.5) ** 2)[..., None]
    return picture * corner + tooth


def lettered(
    picture: Field,
    text: str,
    *,
    at: tuple[float, float],
    size: int,
    paint: str,
    spacing: float = 0.18,
    alpha: float = 0.9,
) -> Field:
    """Small capitals set wide; at: left and baseline as shares of the side. Latin letters only."""
    font = ImageFont.load_default(size=size)
    sheet = Image.new("L", (SIDE, SIDE), 0)
    pen = ImageDraw.Draw(sheet)
    x = at[0] * SIDE
    for letter in text:
        pen.text((x, at[1] * SIDE), letter, fill=255, font=font, anchor="ls")
        x += pen.textlength(letter, font=font) + size * spacing
    mask = np.asarray(sheet, np.float32) / 255 * alpha
    return over(picture, paint, mask)


def finished(picture: Field) -> Image.Image:
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
