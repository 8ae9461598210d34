"""Covers are decoded under a pixel cap and encoded again: never served as they were uploaded."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.media.colours import cover_colours
from core.errors import ApplicationError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MAX_BYTES: Final = 30_000_000
MAX_PIXELS: Final = 40_000_000
MIN_SIDE: Final = 300
SIDE: Final = 1000  # what marketplaces of TON ask for


@dataclass(frozen=True, slots=True)
class Cover:
    """A square JPEG without metadata, its side in pixels and its two colours ("#rrggbb")."""

    data: bytes
    side: int
    deep: str
    bright: str


def cover_read(data: IO[bytes]) -> Cover:
    """Decode an upload, crop it to its centre square, encode it as JPEG of at most 1000 px.

    Errors: cover_too_large (bytes or pixels), cover_unreadable, cover_too_small.
    """
    image = _decode(data)
    if min(image.size) < MIN_SIDE:
        raise ApplicationError("cover_too_small", detail=f"A side needs {MIN_SIDE} pixels.")
    side = min(*image.size, SIDE)
    square = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    square.save(out, "JPEG", quality=90, optimize=True, progressive=True, subsampling=0)
    deep, bright = cover_colours(square)
    return Cover(out.getvalue(), side, deep, bright)


def _decode(data: IO[bytes]) -> Image.Image:
    raw = data.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ApplicationError("cover_too_large", detail="A cover has at most 30 MB.", status=413)
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(io.BytesIO(raw), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise ApplicationError("cover_too_large", detail="At most 40 megapixels.")
            return _flat(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise ApplicationError("cover_too_large", detail="At most 40 megapixels.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise ApplicationError("cover_unreadable", detail="Use JPEG, PNG or WebP.") from None


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what was transparent becomes white."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")
