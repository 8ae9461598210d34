"""What listeners hear: streams at one loudness, the preview, the clip for marketplaces.

ffmpeg decodes once for several outputs, in a limited child. The same input gives the same bytes.
Loudness is that of streaming services, -14 LUFS (ITU-R BS.1770); nothing leaves above -1 dBTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalog.media.confine import Limits, Scratch, run
from catalog.media.inspection.decoding import reading

TARGET: Final = -14.0  # LUFS
CEILING: Final = -1.5  # dBTP before encoding, which may add up to half a decibel
MOST_GAIN: Final = 16.0
PREVIEW_MS: Final = 30_000
LIMITS: Final = Limits(
    seconds=1500, cpu=3000, memory=1 << 30, file=1 << 30, files=48, output=64 << 10
)
_FADE_IN: Final = 0.4
_FADE_OUT: Final = 1.5
_OVERSAMPLED: Final = 192_000
_BARE: Final = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact",
                "-flags:a", "+bitexact")  # fmt: skip
# One picture for the whole film, decoded once; even sides, as H.264 needs them.
_STILL: Final = (
    "scale='min(1080,trunc(iw/2)*2)':-2:flags=lanczos:out_range=tv,tpad=stop_mode=clone:stop=-1"
)
_STARTS: Final = {".m4a": (4, b"ftyp"), ".mp4": (4, b"ftyp"), ".ogg": (0, b"OggS"),
                  ".mp3": (0, b"\xff")}  # fmt: skip


class EncodingFailed(RuntimeError):
    """ffmpeg ended badly; in words for staff."""


@dataclass(frozen=True, slots=True)
class Source:
    """An inspected file. loudness: LUFS, true_peak: dBTP, of the whole."""

    path: Path
    demuxer: str
    codec: str
    rate: int
    channels: int
    duration_ms: int
    loudness: float
    true_peak: float


def streams(source: Source, place: Scratch, ffmpeg: Path) -> tuple[Path, Path]:
    """The whole as (AAC in MP4, Opus in Ogg). Raises EncodingFailed, ConfineFailed."""
    aac, opus = place.outward / "stream.m4a", place.outward / "stream.ogg"
    command = streams_command(source, aac, opus, ffmpeg)
    _encode(command, place, (source.path, ffmpeg), aac, opus)
    return aac, opus


def streams_command(source: Source, aac: Path, opus: Path, ffmpeg: Path) -> list[str]:
    """One ffmpeg for both: it decodes and levels once."""
    even = f"[0:a:0]{_levelled(source)},asplit=2[aac][opus]"
    return [
        *_reading(source, ffmpeg), "-filter_complex", even,
        "-map", "[aac]", *_aac(source, 160), str(aac),
        "-map", "[opus]", *_BARE, "-c:a", "libopus", "-b:a", f"{_kbits(source, 128)}k",
        "-ar", "48000", "-f", "ogg", str(opus),
    ]  # fmt: skip


def preview(source: Source, start_ms: int, place: Scratch, ffmpeg: Path) -> Path:
    """Thirty seconds for everyone (the whole when it is shorter), faded in and out, as AAC."""
    out = place.outward / "preview.m4a"
    length = min(PREVIEW_MS, source.duration_ms)
    start = max(0, min(start_ms, source.duration_ms - length)) / 1000
    seconds = length / 1000
    fade = min(_FADE_OUT, seconds / 4)
    shape = (
        f"[0:a:0]{_levelled(source)},afade=t=in:d={min(_FADE_IN, seconds / 8):.3f},"
        f"afade=t=out:st={seconds - fade:.3f}:d={fade:.3f}[cut]"
    )
    before, after = (whole := _reading(source, ffmpeg)).index("-i"), ["-filter_complex", shape]
    command = [
        *whole[:before], "-ss", f"{start:.3f}", "-t", f"{seconds:.3f}", *whole[before:], *after,
        "-map", "[cut]", *_aac(source, 128), str(out),
    ]  # fmt: skip
    _encode(command, place, (source.path, ffmpeg), out)
    return out


def as_mp3(sound: Path, place: Scratch, ffmpeg: Path) -> Path:
    """A preview of ours (AAC in MP4) as MP3, 128 kbit/s."""
    out = place.outward / "preview.mp3"
    command = [
        str(ffmpeg), "-nostdin", "-hide_banner", "-nostats", "-y", "-loglevel", "error",
        "-protocol_whitelist", "file,pipe", "-f", "mov", "-c:a", "aac", "-i", str(sound),
        "-map", "0:a:0", *_BARE, "-c:a", "libmp3lame", "-b:a", "128k", "-id3v2_version", "0",
        "-t", str(PREVIEW_MS // 1000), "-f", "mp3", str(out),
    ]  # fmt: skip
    _encode(command, place, (sound, ffmpeg), out)
    return out


def clip(cover: Path, sound: Path, place: Scratch, ffmpeg: Path) -> Path:
    """Cover and preview as a short film (H.264 and AAC in MP4), for shops that play only those."""
    out = place.outward / "clip.mp4"
    command = [
        str(ffmpeg), "-nostdin", "-hide_banner", "-nostats", "-y", "-loglevel", "error",
        "-protocol_whitelist", "file,pipe", "-f", "image2", "-pattern_type", "none",
        "-framerate", "2", "-c:v", "mjpeg", "-i", str(cover),
        "-protocol_whitelist", "file,pipe", "-f", "mov", "-c:a", "aac", "-i", str(sound),
        "-map", "0:v:0", "-map", "1:a:0", *_BARE, "-flags:v", "+bitexact",
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "20",
        "-vf", _STILL, "-pix_fmt", "yuv420p", "-c:a", "copy", "-shortest",
        "-t", str(PREVIEW_MS // 1000),
        "-movflags", "+faststart", "-f", "mp4", str(out),
    ]  # fmt: skip
    _encode(command, place, (cover, sound, ffmpeg), out)
    return out


def gain_of(loudness: float) -> float:
    """Decibels from the measured loudness to TARGET; very quiet music stays a little quieter."""
    return min(MOST_GAIN, TARGET - loudness)


def _levelled(source: Source) -> str:
    """The gain; a limiter only where the gain would lift peaks over the ceiling.

    It works on samples, so it is given four times as many: that finds the peaks between them.
    """
    gain = gain_of(source.loudness)
    volume = f"volume={gain:.2f}dB:precision=float"
    if source.true_peak + gain <= CEILING:
        return volume
    limit = 10 ** (CEILING / 20)
    over = max(_OVERSAMPLED, source.rate)
    return (
        f"{volume},aresample={over}:osf=flt,"
        f"alimiter=limit={limit:.4f}:attack=2:release=60:level=disabled,"
        f"aresample={source.rate}"
    )


def _reading(source: Source, ffmpeg: Path) -> list[str]:
    words = reading(str(ffmpeg), str(source.path), source.demuxer, source.codec)
    return [words[0], "-loglevel", "error", *words[1:]]


def _aac(source: Source, kbits: int) -> list[str]:
    rate = 44_100 if source.rate % 11_025 == 0 else 48_000
    return [*_BARE, "-c:a", "aac", "-b:a", f"{_kbits(source, kbits)}k", "-ar", str(rate),
            "-movflags", "+faststart", "-f", "mp4"]  # fmt: skip


def _kbits(source: Source, stereo: int) -> int:
    return stereo if source.channels == 2 else stereo * 5 // 8


def _encode(command: list[str], place: Scratch, reads: Sequence[Path], *made: Path) -> None:
    done = run(command, place=place, limits=LIMITS, reads=reads)
    if done.code or done.ended:
        lines = done.err.decode(errors="replace").strip().splitlines()
        raise EncodingFailed(
            f"ffmpeg {done.ended or done.code}: {lines[-1] if lines else ''}"[:300]
        )
    for path in made:
        at, mark = _STARTS[path.suffix]
        with path.open("rb") as file:
            if file.read(at + len(mark))[at:] != mark:
                raise EncodingFailed(f"{path.name} is not what it has to be")
