"""Six ways to fill half a minute: a generator of random numbers and a key give a stereo sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from deploy.local.studio.sound import Rng, Sound
from deploy.local.studio.styles import ambient, lofi, piano, plucks, synthwave, techno

Style: TypeAlias = Callable[[Rng, int], Sound]

STYLES: Final[dict[str, Style]] = {
    "ambient": ambient.play,
    "lofi": lofi.play,
    "techno": techno.play,
    "piano": piano.play,
    "synthwave": synthwave.play,
    "plucks": plucks.play,
}
