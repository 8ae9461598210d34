"""The whole of a file decoded once by ffmpeg: its loudness, its true peak, its samples."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from typing import Final

from catalog.media.inspection.facts import Refused, Sound
from catalog.media.inspection.listening import Listener

_LOG: Final = "decoding.log"
_LOG_READ: Final = 65_536
_STRICT: Final = ("-err_detect", "+crccheck+bitstream+buffer+explode", "-xerror")
_LOOSE: Final = ("-err_detect", "+crccheck")
_DECODERS: Final = {"mp3": "mp3float"}
_LOUDNESS: Final = re.compile(rb"^ {4}I: +(-?[\d.]+|-inf|nan) LUFS\s*$", re.MULTILINE)
_PEAK: Final = re.compile(
    rb"^\[Parsed_astats_\d+ @ 0x[0-9a-f]+\] Peak level dB: (-?[\d.]+|-inf|nan)\s*$", re.MULTILINE
)
# What is measured is not written (aselect). Peaks lie between the samples too: ITU-R BS.1770 looks
# at four times as many of 48 kHz.
_LEVEL: Final = "ebur128=framelog=quiet,aselect=0"
_TRUE_PEAK: Final = (
    "aresample=192000:osf=flt,astats=measure_overall=Peak_level:measure_perchannel=none,aselect=0"
)
_NAMELESS: Final = ("-map_metadata", "-1")  # what the file says of itself stays out of the log
QUIETEST: Final = -70.0


def reading(ffmpeg: str, path: str, sound_demuxer: str, codec: str) -> list[str]:
    """ffmpeg up to its input: no other file, no other format, no other codec."""
    decoder = _DECODERS.get(codec, codec)
    return [ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-y",
            "-protocol_whitelist", "file,pipe", "-format_whitelist", sound_demuxer,
            "-codec_whitelist", decoder, "-f", sound_demuxer, "-c:a", decoder,
            "-vn", "-sn", "-dn", "-i", path]  # fmt: skip


def decode(
    sound: Sound, path: str, ffmpeg: str, launcher: Sequence[str]
) -> tuple[Listener, float, float]:
    """(what was heard, LUFS, dBTP). Refused: damaged, length_false by the caller's comparison."""
    strict = _LOOSE if sound.slack else _STRICT
    opened = reading(ffmpeg, path, sound.demuxer, sound.codec)
    command = [
        *launcher, *opened[:1], "-loglevel", "info", *strict, *opened[1:],
        # Three outputs, three threads: ebur128 would find the peak too, but after the loudness.
        "-map", "0:a:0", *_NAMELESS, "-af", _LEVEL, "-f", "null", "-",
        "-map", "0:a:0", *_NAMELESS, "-af", _TRUE_PEAK, "-f", "null", "-",
        "-map", "0:a:0", *_NAMELESS, "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1",
    ]  # fmt: skip
    listener = Listener(sound.rate, sound.channels, sound.frames)
    most = (sound.frames + sound.slack) * sound.channels * 2
    with open(_LOG, "w+b") as log:  # noqa: PTH123  in the child's own folder
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)  # noqa: S603
        if child.stdout is None:
            raise Refused("damaged")
        with child.stdout:
            listener.listen(child.stdout, most)
        code = child.wait()
        log.seek(max(0, log.tell() - _LOG_READ))
        said = log.read()
    if code and listener.bytes <= most:
        raise Refused("damaged")
    return listener, _number(_LOUDNESS, said), _number(_PEAK, said)


def _number(pattern: re.Pattern[bytes], said: bytes) -> float:
    """The last one: what a file's own titles say stands before it."""
    found = pattern.findall(said)
    if not found or found[-1] in (b"-inf", b"nan"):
        return QUIETEST
    return max(QUIETEST, min(float(found[-1]), 99.0))
