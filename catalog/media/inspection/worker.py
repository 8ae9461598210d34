"""The worker's side: starts the child and reads its small answer, never the file."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from catalog.media.confine import ConfineFailed, Limits, Scratch, launcher, python, run
from catalog.media.inspection.reasons import WORDS, words

LIMITS: Final = Limits(
    seconds=600, cpu=900, memory=768 << 20, file=32 << 20, files=32, output=64 << 10
)


class FileRefused(Exception):
    """code: one of reasons.WORDS; detail: the same in words for the artist."""

    def __init__(self, code: str, values: Mapping[str, Any], peak: int = 0) -> None:
        self.code, self.detail, self.peak = code, words(code, values), peak
        super().__init__(f"{code}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Inspection:
    """facts: fields of a Recording. peak: bytes that the child held at most."""

    container: str
    demuxer: str
    content_type: str
    facts: dict[str, Any]
    peak: int


def inspect(path: Path, place: Scratch, ffmpeg: Path, limits: Limits = LIMITS) -> Inspection:
    """What a file is. Raises FileRefused; ConfineFailed when the machine cannot limit a child."""
    told = {"path": str(path), "ffmpeg": str(ffmpeg), "launcher": launcher()}
    command = [*python("catalog.media.inspection.child"), json.dumps(told)]
    done = run(command, place=place, limits=limits, reads=(path, ffmpeg))
    if done.ended:
        raise FileRefused("too_heavy", {}, done.peak)
    answer = _answer(done.out)
    if done.code or not answer:
        raise ConfineFailed(done.err.decode(errors="replace")[-300:])
    if code := answer.get("refused"):
        raise FileRefused(str(code), answer["values"], answer["peak"])
    return Inspection(
        container=str(answer["container"]),
        demuxer=str(answer["demuxer"]),
        content_type=str(answer["content_type"]),
        facts=_facts(answer),
        peak=int(answer["peak"]),
    )


def _answer(out: bytes) -> dict[str, Any]:
    """An empty one when it is none of ours."""
    try:
        answer = json.loads(out)
    except ValueError:
        return {}
    if not isinstance(answer, dict):
        return {}
    return answer if answer.get("refused", "empty") in WORDS else {}


def _facts(answer: Mapping[str, Any]) -> dict[str, Any]:
    depth = answer["bit_depth"]
    return {
        "duration_ms": int(answer["duration_ms"]),
        "codec": str(answer["codec"])[:24],
        "sample_rate": int(answer["sample_rate"]),
        "channels": int(answer["channels"]),
        "bit_depth": int(depth) if depth else None,
        "loudness": Decimal(f"{float(answer['loudness']):.2f}"),
        "true_peak": Decimal(f"{float(answer['true_peak']):.2f}"),
        "flags": [str(flag)[:24] for flag in answer["flags"]][:8],
        "waveform": base64.b64decode(answer["waveform"])[:800],
    }
