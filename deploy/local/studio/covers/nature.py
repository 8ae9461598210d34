"""Harbours, weather, snow and hills."""

from __future__ import annotations

from typing import Final

import numpy as np

from deploy.local.studio.covers.canvas import (
    SIDE,
    Field,
    Rng,
    X,
    Y,
    below,
    blurred,
    clouds,
    disc,
    glow,
    grain,
    lettered,
    over,
    ramp,
    ridge,
    step,
)

_DUSK: Final = (
    (0.0, "#0b1430"),
    (0.25, "#1d2a55"),
    (0.42, "#5a4a78"),
    (0.52, "#c9736b"),
    (0.57, "#f0a878"),
)


def harbour(rng: Rng) -> Field:
    """Lamps of a far shore and their long reflections at dusk."""
    shore = 0.56
    sky = ramp(Y + (clouds(rng, 2, 4, 3) - 0.5) * 0.05, _DUSK)
    ripple = clouds(rng, 5, 6, 14) - 0.5
    mirror = np.clip(2 * shore - Y + ripple * 0.09 * (Y - shore) * 3, 0, 1)
    water = ramp(mirror, [
        (0.0, "#081026"), (0.3, "#131d40"), (0.46, "#463b66"), (0.53, "#93586a"), (0.56, "#c98870"),
    ])  # fmt: skip
    picture = over(sky, water * 0.9, step(shore, Y))
    hills = ridge(rng, shore - 0.035, 0.012, 2)
    land = below(hills) * (1 - step(shore + 0.004, Y))
    picture = over(picture, "#131a33", land)
    light = _lamps(rng, shore, ripple)
    picture = glow(picture, "#ffd9a0", light)
    return grain(rng, lettered(picture, "NORDLYS", at=(0.06, 0.1), size=26, paint="#f3dccb"))


def _lamps(rng: Rng, shore: float, ripple: Field) -> Field:
    """Each lamp: a point, a haze, and a path over the water that the ripples bend."""
    light = np.zeros_like(X)
    for _ in range(26):
        x, size = rng.uniform(0.02, 0.98), rng.uniform(0.0022, 0.005)
        y, power = shore - rng.uniform(0.004, 0.03), rng.uniform(0.5, 1)
        reach = rng.uniform(0.08, 0.3)
        near = slice(max(int((x - 0.09) * SIDE), 0), int((x + 0.09) * SIDE))
        across, down = X[:, near] - x, Y[:, near]
        far = across**2 + (down - y) ** 2
        strip = light[:, near]
        strip += power * np.exp(-far / size**2)
        strip += 0.16 * power * np.exp(-far / (size * 7) ** 2)
        depth = np.clip(down - shore, 0, 1)
        fall = np.exp(-depth / reach) * (down > shore)
        bent = across - ripple[:, near] * 0.05 * depth
        strip += 0.75 * power * fall * np.exp(-(bent**2) / (size * 1.3) ** 2)
    return light


def weather(rng: Rng) -> Field:
    """Bands of slow air, contour upon contour."""
    height = clouds(rng, 1.6, 3) * 0.75 + 0.35 * Y + 0.08 * clouds(rng, 6, 2)
    bands = height * 9
    level = np.floor(bands) / 9
    picture = ramp(level, [
        (0.1, "#f3ece2"), (0.3, "#e9c9b4"), (0.48, "#c8b7c4"), (0.66, "#8aa4bd"),
        (0.85, "#4f7594"), (1.05, "#27435f"),
    ])  # fmt: skip
    inside = bands - np.floor(bands)
    shade = np.exp(-inside * 5) * 0.22
    return grain(rng, picture * (1 - shade[..., None]), 0.022)


def first_snow(rng: Rng) -> Field:
    """Roofs, one lit window, and snow at all distances."""
    picture = ramp(Y + (clouds(rng, 2, 4) - 0.5) * 0.25, [
        (0.0, "#171a3a"), (0.45, "#343467"), (0.75, "#6a5a8c"), (1.0, "#a884a0"),
    ])  # fmt: skip
    for depth, tone in enumerate(("#4a3f6b", "#2f2950", "#191634")):
        line, x = np.full(X.shape[1], 1.0, np.float32), 0.0
        while x < 1:
            width = rng.uniform(0.1, 0.2) * (0.8 + depth * 0.35)
            top = 0.62 + depth * 0.11 - rng.uniform(0, 0.1)
            at = np.linspace(0, 1, X.shape[1])
            inside = (at >= x) & (at < x + width)
            roof = top + np.abs(at - x - width / 2) * rng.uniform(0.5, 0.9)
            line[inside] = roof[inside]
            chimney = (at > x + width * 0.68) & (at < x + width * 0.68 + 0.02)
            line[chimney & inside] = top - 0.02
            x += width
        roofs = below(line)
        snow = below(line - 0.011) * (1 - roofs)
        picture = over(over(picture, tone, roofs), "#d9d4ee", snow * (0.35 + 0.25 * depth))
    window = (np.abs(X - 0.63) < 0.017) & (np.abs(Y - 0.935) < 0.026)
    cross = (np.abs(X - 0.63) < 0.0018) | (np.abs(Y - 0.93) < 0.0018)
    picture = over(picture, "#ffd37d", (window & ~cross).astype(np.float32))
    picture = glow(picture, "#ff9f4a", 0.5 * np.exp(-((X - 0.63) ** 2 + (Y - 0.935) ** 2) / 0.006))
    flakes = np.zeros_like(X)
    for count, size, level in ((420, 0.0016, 0.55), (150, 0.0034, 0.75), (34, 0.009, 0.6)):
        layer = np.zeros_like(X)
        for x, y in rng.random((count, 2)):
            column, row = int(x * 999), int(y * 999)
            layer[row, column] = 1
        spread = blurred(layer, size)
        flakes += np.clip(spread / spread.max() * 1.4, 0, 1) * level
    return grain(rng, glow(picture, "#f4f2ff", flakes), 0.02)


def lanes(rng: Rng) -> Field:
    """Hills behind hills in the mist of a morning."""
    picture = ramp(Y, [(0.0, "#f6e7c8"), (0.35, "#f3d3a2"), (0.6, "#e9b98a")])
    picture = over(picture, "#fff4dc", disc(0.68, 0.3, 0.095, 0.004))
    picture = glow(picture, "#ffe2a8", 0.5 * np.exp(-((X - 0.68) ** 2 + (Y - 0.3) ** 2) / 0.03))
    tones = ("#c9b48c", "#a3a57c", "#7a8f69", "#547556", "#345a48", "#1c3d35")
    for depth, tone in enumerate(tones):
        line = ridge(rng, 0.42 + depth * 0.095, 0.035 - depth * 0.002, 1.2 + depth * 0.25)
        hill = below(line)
        mist = np.exp(-np.clip(Y - line[None, :], 0, 1) / 0.07) * hill
        picture = over(picture, tone, hill)
        picture = over(
            picture, "#f3dfb8", (0.05 + 0.33 * (1 - mist)) * hill * (0.75 - depth * 0.13)
        )
    return grain(
        rng, lettered(picture, "HOLLOW LANES", at=(0.06, 0.1), size=26, paint="#6b5a3c"), 0.028
    )


def letters(rng: Rng) -> Field:
    """Ink that ran on wet paper, and one red seal."""
    fibre = clouds(rng, 40, 3) * 0.5 + clouds(rng, 6, 4) * 0.5
    picture = ramp(fibre, [(0.0, "#e6dcc8"), (1.0, "#f4ecdd")])
    edge = clouds(rng, 4, 6) - 0.5
    for x, y, radius, tone, level in (
        (0.36, 0.5, 0.25, "#24344d", 0.85),
        (0.6, 0.6, 0.17, "#3c5672", 0.6),
        (0.53, 0.33, 0.11, "#1b2738", 0.7),
    ):
        far = np.hypot(X - x, (Y - y) * 1.15) + edge * 0.16
        pool = 1 - step(radius, far, 0.02)
        rim = np.exp(-(((far - radius + 0.012) / 0.012) ** 2))
        body = (0.5 + 0.5 * clouds(rng, 3, 5)) * pool
        picture = over(picture, tone, np.clip(body * level + rim * 0.28, 0, 1))
    for row in range(7):
        y = 0.835 + row * 0.016
        stop = rng.uniform(0.62, 0.9) if row < 6 else 0.3
        wave = 0.0022 * np.sin(X * 260 + rng.random() * 9) * (0.4 + clouds(rng, 30, 1))
        line = (1 - step(0.0011, np.abs(Y - y - wave))) * (X > 0.1) * (stop > X)
        picture = over(picture, "#2a3a55", line * 0.55)
    picture = over(picture, "#b3392c", disc(0.8, 0.17, 0.042) * 0.92)
    picture = over(picture, "#f4ecdd", (np.abs(np.hypot(X - 0.8, Y - 0.17) - 0.029) < 0.002) * 0.7)
    return grain(rng, picture, 0.018)
