"""The limited child: reads one file and prints a small JSON of what it is, or why it is refused."""

from __future__ import annotations

import array
import base64
import json
import math
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any, Final

from catalog.media.inspection import decoding, kinds
from catalog.media.inspection.facts import Refused, Sound, Source
from catalog.media.inspection.reasons import size as shown
from catalog.media.inspection.reasons import time

LEAST_SECONDS: Final = 1
MOST_MINUTES: Final = 180
QUIET: Final = -30.0  # LUFS
_PIECE: Final = 1 << 20


def main() -> None:
    told = json.loads(sys.argv[1])
    try:
        answer = _inspect(told)
    except Refused as refused:
        answer = {"refused": refused.code, "values": refused.values}
    except MemoryError:
        answer = {"refused": "too_heavy", "values": {}}
    except (ArithmeticError, LookupError, ValueError, struct.error):  # what no reader foresaw
        answer = {"refused": "damaged", "values": {}}
    answer["peak"] = _peak()
    print(json.dumps(answer))


def _inspect(told: dict[str, Any]) -> dict[str, Any]:
    path, size = told["path"], Path(told["path"]).stat().st_size
    with open(path, "rb") as file:  # noqa: PTH123
        sound = kinds.read(Source(file, size))
        _refuse_length(sound)
        if sound.floats:
            _refuse_no_numbers(file.fileno(), sound)
    launcher = [*told["launcher"], json.dumps({"parent": os.getpid()})]
    heard, loudness, peak = decoding.decode(sound, path, told["ffmpeg"], launcher)
    if abs(heard.frames - sound.frames) > sound.slack:
        said = time(sound.frames * 1000 // sound.rate)
        raise Refused("length_false", said=said, found=shown(size))
    if heard.silent:
        raise Refused("silent")
    return {
        "container": sound.container,
        "codec": sound.codec,
        "demuxer": sound.demuxer,
        "content_type": sound.content_type,
        "sample_rate": sound.rate,
        "channels": sound.channels,
        "bit_depth": sound.bits,
        "duration_ms": round(heard.frames * 1000 / sound.rate),
        "loudness": loudness,
        "true_peak": peak,
        "flags": [*heard.flags(), *_heard_of(sound, loudness)],
        "waveform": base64.b64encode(heard.waveform()).decode(),
    }


def _heard_of(sound: Sound, loudness: float) -> list[str]:
    told = {"lossy": sound.bits is None, "quiet": loudness < QUIET}
    return [name for name, so in told.items() if so]


def _refuse_length(sound: Sound) -> None:
    if sound.frames < LEAST_SECONDS * sound.rate:
        seconds = f"{sound.frames / sound.rate:.1f}"
        raise Refused("too_short", seconds=seconds, least=LEAST_SECONDS)
    minutes = sound.frames // sound.rate // 60
    if minutes >= MOST_MINUTES:
        raise Refused("too_long", minutes=minutes, most=MOST_MINUTES)


def _refuse_no_numbers(file: int, sound: Sound) -> None:
    """A sum is a number only when every part of it is one."""
    start, end = sound.sound
    for at in range(start, end, _PIECE):
        samples = array.array("f", os.pread(file, min(_PIECE, end - at), at))
        if sys.byteorder == "big":
            samples.byteswap()
        if not math.isfinite(sum(samples)):
            raise Refused("not_numbers")


def _peak() -> int:
    """Bytes held at most by this process or by the largest one that it started."""
    own = next(line for line in Path("/proc/self/status").read_text().splitlines()
               if line.startswith("VmHWM:"))  # fmt: skip
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(int(own.split()[1]), started) * 1024
