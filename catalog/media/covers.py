"""Covers are decoded under a pixel cap and encoded again: never served as they were uploaded.

Runs in a limited child (catalog.media.covering), so nothing of Django is imported here.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from catalog.media.colours import cover_colours
from catalog.media.inspection.facts import Refused, Source
from catalog.media.inspection.hidden import refuse_archive, refuse_marks

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MAX_BYTES: Final = 30_000_000
MAX_PIXELS: Final = 40_000_000
MAX_PROFILE: Final = 1_000_000
MIN_SIDE: Final = 300
SIDE: Final = 1000  # what marketplaces of TON ask for
WIDTHS: Final = (160, 320, 640, 1000)
# As Pillow names them; qualities that look alike.
ENCODERS: Final = {
    "avif": ("AVIF", {"quality": 62, "speed": 8}),
    "webp": ("WEBP", {"quality": 80, "method": 2}),  # slower ones save no bytes here
    "jpeg": ("JPEG", {"quality": 84, "optimize": True, "progressive": True}),
}
_ENDS: Final = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}


@dataclass(frozen=True, slots=True)
class Cover:
    """A square JPEG without metadata, its side in pixels and its two colours ("#rrggbb")."""

    data: bytes
    side: int
    deep: str
    bright: str


def cover_read(data: IO[bytes]) -> Cover:
    """Decode an upload, crop it to its centre square, encode it as JPEG of at most 1000 px.

    Refused: cover_too_large (bytes or pixels), cover_unreadable, cover_too_small, cover_moving,
    cover_tail, cover_profile, hidden_file.
    """
    image = _decode(data)
    if min(image.size) < MIN_SIDE:
        raise Refused("cover_too_small", least=MIN_SIDE)
    side = min(*image.size, SIDE)
    square = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    square.save(out, "JPEG", quality=90, optimize=True, progressive=True, subsampling=0)
    deep, bright = cover_colours(square)
    return Cover(out.getvalue(), side, deep, bright)


def sizes(data: IO[bytes]) -> Iterator[tuple[int, str, bytes]]:
    """A cover of ours in every width of WIDTHS and format of ENCODERS."""
    image = Image.open(data, formats=("JPEG",)).convert("RGB")
    for width in WIDTHS:
        smaller = image.resize((width, width), Image.Resampling.LANCZOS)
        for name, (pillow, options) in ENCODERS.items():
            out = io.BytesIO()
            smaller.save(out, pillow, **options)
            yield width, name, out.getvalue()


def _decode(data: IO[bytes]) -> Image.Image:
    raw = data.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Refused("cover_too_large")
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(io.BytesIO(raw), formats=FORMATS)
            _refuse(image, raw)
            return _flat(ImageOps.exif_transpose(_in_srgb(_smaller(image))))
    except Image.DecompressionBombError:
        raise Refused("cover_too_large") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise Refused("cover_unreadable") from None


def _refuse(image: Image.Image, raw: bytes) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Refused("cover_too_large")
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise Refused("cover_moving")
    profile = len(image.info.get("icc_profile") or b"")
    if profile > MAX_PROFILE:
        raise Refused("cover_profile", bytes=profile)
    refuse_archive(Source(io.BytesIO(raw), len(raw)))
    if image.format == "WEBP":
        end = int.from_bytes(raw[4:8], "little") + 8
    else:
        mark = _ENDS.get(image.format or "", b"")
        found = raw.find(mark) if image.format == "PNG" else raw.rfind(mark)
        if found < 0:
            raise Refused("cover_unreadable")
        end = found + len(mark)
    refuse_marks(raw[end:])
    if image.format != "JPEG" and len(raw) > end + 1:
        raise Refused("cover_tail")


def _smaller(image: Image.Image) -> Image.Image:
    """Decoded no larger than is of use: every later step copies it."""
    if image.mode in ("RGB", "CMYK", "L"):
        image.draft(None, (2 * SIDE, 2 * SIDE))  # JPEG only
    if image.mode in ("P", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    factor = min(image.size) // (2 * SIDE)
    return image.reduce(factor) if factor > 1 else image


def _in_srgb(image: Image.Image) -> Image.Image:
    """Print colours (CMYK) by their own profile; by the plain rule where it cannot be read."""
    profile = image.info.get("icc_profile")
    if image.mode != "CMYK" or not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, srgb, outputMode="RGB") or image
    except ImageCms.PyCMSError:
        return image


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what was transparent becomes white."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")
