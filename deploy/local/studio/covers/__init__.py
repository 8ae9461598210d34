"""Cover art drawn by code: one square picture a release, each of another kind."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from deploy.local.studio.covers import graphic, nature
from deploy.local.studio.covers.canvas import Field, Rng, finished

Scene: TypeAlias = Callable[[Rng], Field]

SCENES: Final[dict[str, Scene]] = {
    "harbour": nature.harbour,
    "weather": nature.weather,
    "first_snow": nature.first_snow,
    "lanes": nature.lanes,
    "letters": nature.letters,
    "kitchen": graphic.kitchen,
    "redline": graphic.redline,
    "parallax": graphic.parallax,
    "hall": graphic.hall,
    "pressure": graphic.pressure,
    "quiet": graphic.quiet,
    "sparrow": graphic.sparrow,
}


def draw(scene: str, seed: int) -> bytes:
    """A PNG of 1000 x 1000. Raises KeyError for an unknown scene."""
    picture = SCENES[scene](np.random.default_rng(seed))
    out = io.BytesIO()
    finished(picture).save(out, "PNG", compress_level=1)
    return out.getvalue()
