"""Suns, grids, halls and paper: shapes rather than places."""

from __future__ import annotations

import numpy as np

from deploy.local.studio.covers.canvas import (
    PIXEL,
    SIDE,
    Field,
    Rng,
    X,
    Y,
    blurred,
    box,
    clouds,
    colour,
    disc,
    glow,
    grain,
    lettered,
    over,
    ramp,
    step,
)


def kitchen(rng: Rng) -> Field:
    """Three in the morning: a window, a moon, a cup that still steams."""
    picture = ramp(X * 0.4 + Y * 0.6, [(0.0, "#232a4d"), (1.0, "#141833")])
    pane = box(0.2, 0.12, 0.72, 0.66)
    night = ramp(Y, [(0.12, "#2f4a86"), (0.66, "#d98a6a")])
    picture = over(picture, night, pane)
    picture = over(picture, "#fdf0cf", disc(0.58, 0.27, 0.062) * pane)
    bite = disc(0.605, 0.255, 0.055)
    picture = over(picture, night, bite * disc(0.58, 0.27, 0.064) * pane)
    for left, right, top in (
        (0.2, 0.31, 0.5),
        (0.31, 0.4, 0.56),
        (0.4, 0.55, 0.47),
        (0.55, 0.72, 0.53),
    ):
        picture = over(picture, "#2a2450", box(left, top, right, 0.66) * pane)
    for x, y in rng.random((14, 2)):
        spot = box(0.22 + x * 0.48, 0.55 + y * 0.1, 0.228 + x * 0.48, 0.562 + y * 0.1)
        picture = over(picture, "#ffce7a", spot * pane * 0.9)
    frame = (
        box(0.188, 0.108, 0.732, 0.672)
        - pane
        + box(0.455, 0.12, 0.465, 0.66)
        + box(0.2, 0.35, 0.72, 0.36)
    )
    picture = over(picture, "#0f1229", np.clip(frame, 0, 1))
    picture = over(picture, "#b9573f", box(-1, 0.8, 2, 2))
    picture = over(picture, "#933f30", box(-1, 0.8, 2, 0.815))
    shine = step(0.83, Y) * np.exp(-((X - 0.45 - (Y - 0.8) * 0.5) ** 2) / 0.03)
    picture = over(picture, "#e88a5d", shine * 0.5)
    cup = box(0.62, 0.7, 0.76, 0.83) * (
        1 - step(0.078, np.abs(X - 0.69) + np.clip(Y - 0.79, 0, 1) * 0.6)
    )
    handle = np.abs(np.hypot(X - 0.765, Y - 0.752) - 0.03) < 0.009
    picture = over(picture, "#f2e3cc", np.clip(cup + handle, 0, 1))
    steam = 0.69 + 0.016 * np.sin(Y * 42)
    wisp = np.exp(-(((X - steam) / 0.008) ** 2)) * step(0.5, Y, 0.14) * (1 - step(0.69, Y, 0.02))
    return grain(rng, glow(picture, "#f8e8d8", wisp * 0.5), 0.024)


def redline(rng: Rng) -> Field:
    """A striped sun going into a sea that is all lines."""
    horizon = 0.6
    picture = ramp(Y, [(0.0, "#1a0b3b"), (0.28, "#5b1a6e"), (0.48, "#c9356f"), (0.6, "#ff8a5c")])
    sun = disc(0.5, 0.44, 0.255)
    cuts = np.zeros_like(X)
    for number in range(7):
        y = 0.45 + number * 0.036
        cuts += box(0, y, 1, y + 0.005 + number * 0.0026)
    face = ramp(Y, [(0.18, "#ffe27a"), (0.42, "#ff8f5a"), (0.68, "#ff2f86")])
    picture = glow(picture, "#ff5a8c", blurred(sun, 0.06) * 0.55)
    picture = over(picture, face, sun * (1 - np.clip(cuts, 0, 1)))
    sea = ramp(Y, [(horizon, "#3a0f52"), (1.0, "#0b0420")])
    below = step(horizon, Y)
    picture = over(picture, sea, below)
    depth = 0.05 / np.maximum(Y - horizon, 1e-3)
    columns, rows = (X - 0.5) * depth * 60 + 0.5, depth * 26
    thin = 0.0017 * depth * 60, 0.0017 * 26 * depth / np.maximum(Y - horizon, 1e-3)
    lines = np.zeros_like(X)
    for at, width in zip((columns, rows), thin, strict=True):
        lines += np.exp(-(((at - np.round(at)) / width) ** 2))
    fade = np.clip((Y - horizon) * 7, 0, 1)
    picture = glow(picture, "#ff4fa3", np.clip(lines, 0, 1) * fade * 0.7 * below)
    shimmer = np.exp(-((X - 0.5) ** 2) / 0.02) * np.exp(-(Y - horizon) / 0.12) * below
    picture = glow(picture, "#ffb070", shimmer * 0.55)
    peaks = horizon - 0.045 * np.abs(np.sin(X * 9.3) * np.sin(X * 4.1 + 1)) - 0.008
    picture = over(
        picture, "#1d0836", step(peaks, Y) * (1 - below) * step(0.2, np.abs(X - 0.5), 0.1)
    )
    return grain(
        rng, lettered(picture, "VANTA DRIVE", at=(0.06, 0.1), size=28, paint="#ffd9c7"), 0.02
    )


def parallax(rng: Rng) -> Field:
    """Frames of neon, one behind the other, seen from a little aside."""
    picture = ramp(np.hypot(X - 0.5, Y - 0.45), [(0.0, "#151236"), (0.7, "#05040f")])
    light = np.zeros_like(picture)
    for number in range(9):
        part = number / 8
        x, y = 0.5 + 0.13 * (part - 0.3) ** 2 + 0.05 * part, 0.5 - 0.07 * part
        far = np.abs(_rounded(X - x, Y - y, 0.22 * part) - 0.40 * (1 - part) ** 1.25 - 0.035)
        edge = np.exp(-((far / 0.0034) ** 2))
        halo = np.exp(-far / 0.022) * (0.4 - 0.18 * part)
        tone = ("#27e0ff", "#4f9bff", "#8f6bff", "#d44bff", "#ff4b9a")[min(number // 2, 4)]
        light += colour(tone) * (halo + edge)[..., None] + edge[..., None] * 0.8
    picture = 1 - (1 - picture) * np.exp(-1.4 * light)
    floor = np.clip((Y - 0.86) * 7, 0, 1) * (0.3 + 0.7 * clouds(rng, 3, 3, 6))
    picture = glow(picture, "#3a2cff", floor * 0.28)
    return grain(rng, picture, 0.022)


def _rounded(across: Field, down: Field, turn: float) -> Field:
    """Distance from the middle by the eighth power: squares with round corners."""
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    a, b = across * cosine - down * sine, across * sine + down * cosine
    for _ in range(3):
        a, b = a * a, b * b
    return np.sqrt(np.sqrt(np.sqrt(a + b)))


def hall(rng: Rng) -> Field:
    """A halftone that bulges, in two inks."""
    picture = np.ones((SIDE, SIDE, 3), np.float32) * colour("#ece7dd")
    centre = np.hypot(X - 0.56, Y - 0.46)
    bulge = 1 - 0.55 * np.exp(-(centre**2) / 0.055)
    u, v = (X - 0.56) * bulge, (Y - 0.46) * bulge
    angle = 0.62
    a, b = (
        (u * np.cos(angle) - v * np.sin(angle)) * 30,
        (u * np.sin(angle) + v * np.cos(angle)) * 30,
    )
    tone = np.clip(0.95 - centre * 1.05 + 0.15 * (clouds(rng, 3, 3) - 0.5), 0.03, 1)
    dot = np.hypot(a - np.round(a), b - np.round(b))
    ink = 1 - step(tone * 0.66, dot, 0.05)
    picture = over(picture, "#15130f", ink)
    picture = over(picture, "#ff4a1c", box(0.0, 0.0, 0.115, 1.0))
    turned = np.rot90(picture, -1)
    turned = lettered(turned, "HALLE 7", at=(0.05, 0.075), size=58, paint="#15130f", alpha=1)
    picture = np.rot90(turned)
    return grain(rng, picture, 0.02)


def pressure(rng: Rng) -> Field:
    """A field of lines under which something breathes."""
    picture = np.ones((SIDE, SIDE, 3), np.float32) * colour("#0a0c0b")
    body = np.exp(-((X - 0.5) ** 2 / 0.030 + (Y - 0.5) ** 2 / 0.060))
    rough = clouds(rng, 9, 4, 0.6)
    for number in range(54):
        base = 0.12 + number * 0.0145
        row = min(int(base * SIDE), SIDE - 1)
        lift = body[row] * (0.35 + 0.9 * rough[row]) * 0.11 + 0.003 * rough[(row * 7) % SIDE]
        near = slice(max(row - 170, 0), row + 32)
        band, above = picture[near], Y[near] - (base - lift)[None, :]
        inside = (np.abs(X[near] - 0.5) < 0.37).astype(np.float32)
        stroke = (1 - step(1.15 * PIXEL, np.abs(above), 1.4 * PIXEL)) * inside
        tone, alpha = ("#d7ff3e", 1.0) if number == 27 else ("#e9efe6", 0.85)
        hidden = over(band, "#0a0c0b", step(0, above) * inside)
        picture[near] = over(hidden, tone, stroke * alpha)
    return grain(rng, picture, 0.014)


def quiet(rng: Rng) -> Field:
    """One round thing, its own shadow, and an arc."""
    picture = ramp(Y + 0.1 * X, [(0.0, "#f2e6d9"), (1.0, "#e4cfbf")])
    shadow = blurred(disc(0.53, 0.62, 0.25), 0.035)
    picture = over(picture, "#a9745f", shadow * 0.35)
    ball = disc(0.47, 0.5, 0.27)
    body = ramp(np.hypot(X - 0.38, Y - 0.38), [
        (0.0, "#f7b58a"), (0.22, "#e5805f"), (0.42, "#b34a4b"), (0.6, "#6f2f43"),
    ])  # fmt: skip
    picture = over(picture, body, ball)
    for number in range(4):
        radius = 0.335 + number * 0.022
        ring = 1 - step(1.1 * PIXEL, np.abs(np.hypot(X - 0.47, Y - 0.5) - radius))
        arc = step(-0.25 + number * 0.14, (X - 0.47) + (Y - 0.5) * 0.4, 0.02)
        picture = over(picture, "#5a2b38", ring * arc * 0.8)
    picture = over(picture, "#5a2b38", disc(0.805, 0.5 - 0.075, 0.011))
    return grain(rng, picture, 0.026)


def sparrow(rng: Rng) -> Field:
    """Leaves and a bird cut out of painted paper."""
    picture = np.ones((SIDE, SIDE, 3), np.float32) * colour("#f0e3c8")
    blocks = (
        (0, 0, 0.5, 0.42, "#d9793f"), (0.5, 0, 1, 0.3, "#28504a"), (0.5, 0.3, 1, 0.72, "#e8b84f"),
        (0, 0.42, 0.5, 1, "#f0e3c8"), (0.5, 0.72, 1, 1, "#b5452f"),
    )  # fmt: skip
    warp = (clouds(rng, 5, 4) - 0.5) * 0.012
    for left, top, right, bottom, tone in blocks:
        mask = (X + warp >= left) & (X + warp < right) & (Y + warp >= top) & (Y + warp < bottom)
        picture = over(picture, tone, mask.astype(np.float32))
    for x, y, turn, size, tone in (
        (0.24, 0.7, -0.5, 0.26, "#28504a"), (0.75, 0.16, 0.7, 0.17, "#f0e3c8"),
        (0.77, 0.85, 1.9, 0.15, "#f0e3c8"), (0.2, 0.2, 2.5, 0.18, "#f0e3c8"),
    ):  # fmt: skip
        picture = over(picture, tone, _leaf(x, y, turn, size, warp))
    across, down = X - 0.73 + warp, Y - 0.52 + warp
    body = 1 - step(1, (across / 0.13) ** 2 + ((down + across * 0.35) / 0.075) ** 2, 0.04)
    head = disc(0.645, 0.487, 0.052)
    beak = 1 - step(0.018, np.abs(down + 0.034) * 1.2 + np.clip(0.595 - X, 0, 1) * 0.45, 0.004)
    beak = beak * (X > 0.552) * (X < 0.605)
    tail = (np.abs(down + 0.05 + (X - 0.84) * 0.5) < 0.02) & (X > 0.8) & (X < 0.94)
    bird = np.clip(body + head + beak + tail, 0, 1)
    picture = over(picture, "#3a2a20", bird)
    wing = 1 - step(
        1, ((across - 0.03) / 0.085) ** 2 + ((down + across * 0.5 - 0.01) / 0.04) ** 2, 0.05
    )
    picture = over(picture, "#d9793f", wing)
    picture = over(picture, "#f0e3c8", disc(0.632, 0.478, 0.0085))
    return grain(rng, picture, 0.03)


def _leaf(x: float, y: float, turn: float, size: float, warp: Field) -> Field:
    """A stem with round lobes on both sides."""
    across = (X - x) * np.cos(turn) + (Y - y) * np.sin(turn) + warp
    along = (Y - y) * np.cos(turn) - (X - x) * np.sin(turn)
    mask = (np.abs(across) < size * 0.05) & (np.abs(along) < size)
    for number in range(5):
        at = size * (-0.8 + number * 0.4)
        reach = size * (0.62 - 0.09 * abs(number - 1.5))
        for side in (-1, 1):
            lean = along - at + np.abs(across) * 0.7
            lobe = ((across - side * reach * 0.55) / (reach * 0.6)) ** 2 + (
                lean / (size * 0.15)
            ) ** 2
            mask = mask | (lobe < 1)
    return np.asarray(mask, np.float32)
