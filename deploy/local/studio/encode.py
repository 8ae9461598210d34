"""FLAC masters and AAC samples by ffmpeg; the same bytes for the same sound."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np

from catalog.media.waveforms import waveform_peaks
from deploy.local.studio.sound import RATE, Sound

SAMPLE_SECONDS: Final = 30
_TIMEOUT: Final = 120
_PLAIN: Final = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
_PEAKS_RATE: Final = 8000


@dataclass(frozen=True)
class Recording:
    """A track as the shop takes it: files, content types, length in ms, peaks of the sample."""

    master: bytes
    master_type: str
    sample: bytes
    duration_ms: int
    waveform: bytes

    sample_type = "audio/mp4"


def record(sound: Sound) -> Recording:
    """Encode a stereo sound (2, n) of float32 in -1..1."""
    pcm = np.round(sound.T * 32_767).astype("<i2").tobytes()
    raw = ("-f", "s16le", "-ar", str(RATE), "-ac", "2")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "sound.pcm")
        source.write_bytes(pcm)
        master = _convert((*raw, "-i", str(source)), ("-c:a", "flac"), Path(folder, "master.flac"))
        return _recording(master, "audio/flac", (*raw, "-i", str(source)), Path(folder))


def from_file(path: Path) -> Recording:
    """A track from a music file: kept as it is when FLAC, WAV or MP3, else made FLAC."""
    kinds = {".flac": "audio/flac", ".wav": "audio/wav", ".mp3": "audio/mpeg"}
    reading = ("-protocol_whitelist", "file,pipe", "-i", str(path), "-map", "0:a:0", "-vn")
    with tempfile.TemporaryDirectory() as folder:
        kind = kinds.get(path.suffix.lower())
        if kind is not None:
            return _recording(path.read_bytes(), kind, reading, Path(folder))
        master = _convert(reading, ("-c:a", "flac"), Path(folder, "master.flac"))
        return _recording(master, "audio/flac", reading, Path(folder))


def _recording(master: bytes, kind: str, reading: tuple[str, ...], folder: Path) -> Recording:
    whole = _convert(
        reading, ("-f", "s16le", "-ac", "1", "-ar", str(_PEAKS_RATE)), folder / "peaks.pcm"
    )
    duration_ms = len(whole) * 1000 // (2 * _PEAKS_RATE)
    seconds = min(SAMPLE_SECONDS, duration_ms / 1000)
    fades = f"afade=t=in:d=0.02,afade=t=out:st={max(seconds - 1.5, 0):.2f}:d=1.5"
    sample = _convert(
        reading,
        ("-t", f"{seconds:.3f}", "-af", fades, "-c:a", "aac", "-b:a", "128k",
         "-movflags", "+faststart"),
        folder / "sample.m4a",
    )  # fmt: skip
    heard = whole[: int(seconds * _PEAKS_RATE) * 2]
    return Recording(master, kind, sample, duration_ms, waveform_peaks(heard))


def _convert(reading: tuple[str, ...], writing: tuple[str, ...], target: Path) -> bytes:
    """Raises RuntimeError with ffmpeg's own last line."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-hide_banner", "-loglevel", "error", "-y"),
        *reading,
        *_PLAIN,
        *writing,
        str(target),
    ]
    done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise RuntimeError(f"ffmpeg: {lines[-1]}")
    return target.read_bytes()
