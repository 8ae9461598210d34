"""Where the programs are that media needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import imageio_ffmpeg
from django.conf import settings


def ffmpeg() -> Path:
    """FFMPEG, else the one of the package imageio-ffmpeg, pinned by our lock file."""
    return _resolved(settings.FFMPEG or imageio_ffmpeg.get_ffmpeg_exe())


@cache
def _resolved(path: str) -> Path:
    """Raises FileNotFoundError."""
    return Path(path).resolve(strict=True)
