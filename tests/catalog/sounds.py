"""Music as artists export it, made by hand or by ffmpeg, and the way it takes to the workshop."""

from __future__ import annotations

import math
import random
import struct
import subprocess
import tempfile
from array import array
from functools import cache
from pathlib import Path
from uuid import UUID

from django.core.files.base import ContentFile

from accounts.models import User
from catalog.media import services
from catalog.media.models import Asset, Recording, Upload
from catalog.media.programs import ffmpeg
from core.ids import uuid7

RATE = 44_100


@cache
def pcm(seconds: float = 2.0, channels: int = 2, level: float = 0.4, seed: int = 1) -> bytes:
    """A chord over some noise, 16 bits."""
    draw, count = random.Random(seed), round(seconds * RATE)
    samples = array("h")
    for n in range(count):
        tone = sum(math.sin(2 * math.pi * hertz * n / RATE) for hertz in (220, 277.2, 329.6)) / 3
        value = round(32_767 * level * (0.9 * tone + 0.1 * draw.uniform(-1, 1)))
        samples.extend([value, value * 9 // 10][:channels])
    return samples.tobytes()


def chunk(name: bytes, data: bytes, *, said: int | None = None) -> bytes:
    return (
        name
        + struct.pack("<I", len(data) if said is None else said)
        + data
        + b"\0" * (len(data) % 2)
    )


def fmt(*, tag: int = 1, channels: int = 2, rate: int = RATE, bits: int = 16) -> bytes:
    align = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align, bits)


def riff(*chunks: bytes, said: int | None = None, tail: bytes = b"") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if said is None else said) + body + tail


def wav(data: bytes | None = None, **sound: int) -> bytes:
    return riff(chunk(b"fmt ", fmt(**sound)), chunk(b"data", pcm() if data is None else data))


@cache
def encoded(name: str, *words: str, seconds: float = 2.0) -> bytes:
    """The same music as ffmpeg writes it: "flac", "mp3", "aiff", ..."""
    source = wav(pcm(seconds))
    command = [str(ffmpeg()), "-nostdin", "-v", "error", "-f", "wav", "-i", "pipe:0",
               *words, "-f", name, "pipe:1"]  # fmt: skip
    command.remove("-nostdin")
    return subprocess.run(command, input=source, capture_output=True, check=True).stdout


def exported(name: str, *words: str) -> bytes:
    """As `encoded`, into a file: with all lengths in its head."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"song.{name}")
        command = [str(ffmpeg()), "-v", "error", "-f", "wav", "-i", "pipe:0", *words, str(path)]
        subprocess.run(command, input=wav(), capture_output=True, check=True)
        return path.read_bytes()


def measured(data: bytes) -> tuple[float, float]:
    """(LUFS, dBTP) of a file."""
    command = [str(ffmpeg()), "-hide_banner", "-nostats", "-i", "pipe:0", "-af",
               "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]  # fmt: skip
    said = subprocess.run(command, input=data, capture_output=True, check=True).stderr.decode()
    lines = {line.split(":")[0].strip(): line.split() for line in said.splitlines() if ":" in line}
    return float(lines["I"][1]), float(lines["Peak"][1])


def uploaded(
    owner: User,
    data: bytes,
    *,
    artist: UUID | None = None,
    filename: str = "song.wav",
    access: Asset.Access = Asset.Access.HOLDERS,
) -> Recording:
    """A recording whose file has arrived; nothing is done with it yet."""
    upload = services.upload_begin(
        owner=owner,
        artist=artist or uuid7(),
        release=uuid7(),
        purpose=Upload.Purpose.AUDIO,
        filename=filename,
        length=len(data),
    )
    recording = services.recording_create(artist=upload.artist, access=access, upload=upload)
    half = len(data) // 2
    for offset, piece in ((0, data[:half]), (half, data[half:])):
        upload = services.upload_receive(upload=upload, offset=offset, data=ContentFile(piece))
    recording.refresh_from_db()
    return recording
