"""The demo's music and covers: the same every time, sound, and each another picture."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog.media.covers import cover_read
from deploy.local.studio.catalogue import ACTS, Piece
from deploy.local.studio.covers import SCENES, draw
from deploy.local.studio.encode import from_file, record
from deploy.local.studio.shelf import Shelf
from deploy.local.studio.sound import RATE, hertz, mastered, string
from deploy.local.studio.styles import STYLES

PIECES = [piece for act in ACTS for album in act.albums for piece in album.pieces]


@pytest.mark.parametrize("style", ["lofi", "piano"])
def test_a_piece_is_the_same_every_time_and_never_clips(style: str) -> None:
    first, second = (mastered(STYLES[style](np.random.default_rng(3), 57)) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.isfinite(first).all()
    assert 0.8 < np.abs(first).max() < 0.95
    assert 20 < first.shape[1] / RATE < 40
    level = 20 * np.log10(np.sqrt((first**2).mean()))
    assert -20 < level < -9


def test_strings_are_in_tune() -> None:
    for pitch in (45, 57, 69):
        sound = string(np.random.default_rng(1), pitch, 2.0, bright=0.5)[:65_536]
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 19))
        hz = np.fft.rfftfreq(1 << 19, 1 / RATE)
        near = np.abs(hz / hertz(pitch) - 1) < 0.1
        found = hz[near][power[near].argmax()]
        assert abs(1200 * np.log2(found / hertz(pitch))) < 2  # cents


def test_what_is_recorded_has_master_stream_preview_and_peaks(tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    sound = np.stack([np.sin(2 * np.pi * 440 * time)] * 2).astype(np.float32) * 0.5
    made = record(sound)
    assert made.master[:4] == b"fLaC"
    assert made.aac[4:8] == made.preview[4:8] == b"ftyp"
    assert (made.duration_ms, len(made.waveform), max(made.waveform)) == (2000, 800, 255)
    assert record(sound) == made
    path = tmp_path / "song.flac"
    path.write_bytes(made.master)
    again = from_file(path)
    assert (again.master, again.master_type, again.duration_ms) == (made.master, "audio/flac", 2000)


def test_what_is_no_music_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(b"<html>")
    with pytest.raises(RuntimeError, match="ffmpeg"):
        from_file(path)


def test_the_shelf_makes_a_thing_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Piece] = []

    def play(piece: Piece) -> object:
        made.append(piece)
        return record(np.zeros((2, RATE), np.float32))

    monkeypatch.setattr("deploy.local.studio.shelf._play", play)
    shelf = Shelf(tmp_path)
    assert shelf.recording(PIECES[0]) == shelf.recording(PIECES[0])
    shelf.recording(PIECES[1])
    assert made == PIECES[:2]


@pytest.mark.parametrize("scene", ["weather", "hall", "quiet"])
def test_a_cover_is_the_same_every_time_and_passes_as_an_upload(scene: str) -> None:
    data = draw(scene, 1)
    assert hashlib.sha256(draw(scene, 1)).digest() == hashlib.sha256(data).digest()
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (1000, 1000)
    cover = cover_read(io.BytesIO(data))
    assert cover.side == 1000
    assert len(cover.data) < 700_000


def test_every_release_has_its_own_cover_and_known_styles() -> None:
    covers = [album.cover for act in ACTS for album in act.albums]
    assert sorted(covers) == sorted(SCENES)
    assert {piece.style for piece in PIECES} == set(STYLES)
    assert len({(piece.style, piece.seed) for piece in PIECES}) == len(PIECES)
