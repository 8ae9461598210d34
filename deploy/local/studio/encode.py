"""FLAC masters, AAC streams and previews by ffmpeg; the same bytes for the same sound."""

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

PREVIEW_SECONDS: Final = 30
_TIMEOUT: Final = 120
_PLAIN: Final = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
_PEAKS_RATE: Final = 8000


@dataclass(frozen=True)
class Made:
    """A track as the shop keeps it: files, content types, length in ms, peaks of the whole."""

    master: bytes
    master_type: str
    aac: bytes
    preview: bytes
    duration_ms: int
    waveform: bytes


def record(sound: Sound) -> Made:
    """Encode a stereo sound (2, n) of float32 in -1..1."""
    pcm = np.round(np.clip(sound.T, -1, 1) * 32_767).astype("<i2")
    with tempfile.TemporaryDirectory() as folder:
        source, master = Path(folder, "sound.pcm"), Path(folder, "master.flac")
        source.write_bytes(pcm.tobytes())
        reading = ("-f", "s16le", "-ar", str(RATE), "-ac", "2", "-i", str(source))
        flac = (*_PLAIN, "-c:a", "flac", "-compression_level", "2", str(master))
        aac, preview = _listening(reading, sound.shape[1] / RATE, Path(folder), flac)
        data = master.read_bytes()
    peaks = waveform_peaks(pcm.mean(axis=1).astype("<i2").tobytes())
    duration_ms = round(sound.shape[1] * 1000 / RATE)
    return Made(data, "audio/flac", aac, preview, duration_ms, peaks)


def from_file(path: Path) -> Made:
    """A track from a music file: kept as it is when FLAC, WAV or MP3, else made FLAC."""
    kinds = {".flac": "audio/flac", ".wav": "audio/wav", ".mp3": "audio/mpeg"}
    reading = ("-protocol_whitelist", "file,pipe", "-i", str(path), "-map", "0:a:0", "-vn")
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.pcm")
        _ffmpeg(*reading, *_PLAIN, "-f", "s16le", "-ac", "1", "-ar", str(_PEAKS_RATE), str(whole))
        seconds = whole.stat().st_size / (2 * _PEAKS_RATE)
        kind, data = kinds.get(path.suffix.lower()), b""
        if kind is None:
            kind, master = "audio/flac", Path(folder, "master.flac")
            _ffmpeg(*reading, *_PLAIN, "-c:a", "flac", str(master))
            data = master.read_bytes()
        aac, preview = _listening(reading, seconds, Path(folder))
        peaks = waveform_peaks(whole.read_bytes())
    return Made(data or path.read_bytes(), kind, aac, preview, round(seconds * 1000), peaks)


def _listening(
    reading: tuple[str, ...], seconds: float, folder: Path, more: tuple[str, ...] = ()
) -> tuple[bytes, bytes]:
    """The whole and the preview as AAC; `more` is one further output of the same run."""
    whole, preview = folder / "whole.m4a", folder / "preview.m4a"
    length = min(PREVIEW_SECONDS, seconds)
    fades = f"afade=t=in:d=0.02,afade=t=out:st={max(length - 1.5, 0):.2f}:d=1.5"
    cut = ("-t", f"{length:.3f}", "-af", fades)
    aac = ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "144k", "-movflags", "+faststart")
    _ffmpeg(*reading, *_PLAIN, *aac, str(whole), *_PLAIN, *cut, *aac, str(preview), *more)
    return whole.read_bytes(), preview.read_bytes()


def _ffmpeg(*words: str) -> None:
    """Raises RuntimeError with ffmpeg's own last line."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-threads", "1"),
        *words,
    ]
    done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise RuntimeError(f"ffmpeg: {lines[-1]}")
