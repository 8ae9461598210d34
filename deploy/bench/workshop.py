"""The program that deploy.bench.media runs in its world. Repeats alternate; medians count."""

import json
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import django

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from django.core.files.base import ContentFile  # noqa: E402  models exist from here on

from accounts.models import User  # noqa: E402
from catalog.media import encoding, services  # noqa: E402
from catalog.media.models import Asset, Recording, Step, Upload  # noqa: E402
from catalog.media.programs import ffmpeg  # noqa: E402
from core.ids import uuid7  # noqa: E402

SECONDS, REPEATS, LARGE = 300, 3, 500_000_000
TARGET = 1.3
PIECE = 8 << 20


def made(path: Path, seconds: float, rate: int, *words: str) -> None:
    """Two different noises as music of so many seconds: nothing that an encoder could skip."""
    noises = (
        f"anoisesrc=c=pink:d={seconds}:r={rate}:a=0.4[a];"
        f"anoisesrc=c=brown:d={seconds}:r={rate}:a=0.3:seed=7[b];[a][b]amerge=inputs=2"
    )
    command = [str(ffmpeg()), "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", noises]
    subprocess.run([*command, *words, str(path)], check=True)


def uploaded(owner: User, path: Path) -> Recording:
    upload = services.upload_begin(
        owner=owner, artist=uuid7(), release=uuid7(), purpose=Upload.Purpose.AUDIO,
        filename=path.name, length=path.stat().st_size,
    )  # fmt: skip
    recording = services.recording_create(
        artist=upload.artist, access=Asset.Access.HOLDERS, upload=upload
    )
    with path.open("rb") as data:
        while piece := data.read(PIECE):
            upload = services.upload_receive(
                upload=upload, offset=upload.offset, data=ContentFile(piece)
            )
    return recording


def ours(recording: Recording) -> tuple[float, dict[str, float]]:
    """Seconds from "all bytes are here" until it can be played, and of each stage."""
    begun = time.time()
    services.recording_work(recording=recording.pk)
    spent = {}
    for step in Step.objects.filter(recording=recording):
        if step.started_at and step.ended_at:
            spent[step.name] = (step.ended_at - step.started_at).total_seconds()
    playable = Step.objects.get(recording=recording, name="streams").ended_at
    return (playable.timestamp() if playable else 0) - begun, spent


def same_files(path: Path, folder: Path, known: Recording) -> float:
    """The same two files by ffmpeg alone, told how loud the music is: no checks, nothing kept."""
    source = encoding.Source(
        path=path, demuxer="wav", codec=known.codec, rate=known.sample_rate or 0,
        channels=known.channels or 0, duration_ms=known.duration_ms,
        loudness=float(known.loudness or 0), true_peak=float(known.true_peak or 0),
    )  # fmt: skip
    made = folder / "same.m4a", folder / "same.ogg"
    return _ran(encoding.streams_command(source, *made, ffmpeg()))


def unlevelled(path: Path, folder: Path) -> float:
    """Two such files as loud as the artist's: less than what listeners get."""
    return _ran(
        [str(ffmpeg()), "-v", "error", "-nostdin", "-y", "-i", str(path),
         "-map", "0:a:0", "-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart",
         str(folder / "bare.m4a"),
         "-map", "0:a:0", "-c:a", "libopus", "-b:a", "128k", str(folder / "bare.ogg")],
    )  # fmt: skip


def _ran(command: list[str]) -> float:
    begun = time.time()
    subprocess.run(command, check=True)
    return time.time() - begun


def burned() -> float:
    """Seconds of processor that this process and everything it started have used so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def held() -> float:
    """MB that this process holds at most since `forget`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    return 0


def forget() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def tell(name: str, value: float, floor: float | None, unit: str, won: bool | None) -> None:
    ratio = None if floor is None else value / floor
    row = {"name": name, "value": round(value, 2), "floor": floor and round(floor, 2),
           "ratio": ratio, "unit": unit, "won": won}  # fmt: skip
    print(json.dumps(row), flush=True)


def main() -> None:
    owner = User.objects.create_user("bench")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = folder / "song.wav"
        made(song, SECONDS, 44_100, "-c:a", "pcm_s16le")
        times, floors, plain, stages, work, bare_work = [], [], [], [], [], []
        for _ in range(REPEATS):
            recording = uploaded(owner, song)
            start = burned()
            playable, spent = ours(recording)
            work.append(burned() - start)
            times.append(playable)
            stages.append(spent)
            recording.refresh_from_db()
            start = burned()
            floors.append(same_files(song, folder, recording))
            bare_work.append(burned() - start)
            plain.append(unlevelled(song, folder))
        value, floor = statistics.median(times), statistics.median(floors)
        tell("upload to playable, 5 minutes of WAV", value, floor, "s", value / floor <= TARGET)
        tell("  to two encodings without levelling", value, statistics.median(plain), "s", None)
        burned_, bare_ = statistics.median(work), statistics.median(bare_work)
        tell("  processor time, with the preview", burned_, bare_, "s", None)
        for stage in ("inspect", "master", "streams", "preview"):
            tell(f"  {stage}", statistics.median(one[stage] for one in stages), None, "s", None)
        _memory(owner, folder, song)


def _memory(owner: User, folder: Path, song: Path) -> None:
    """What the worker itself holds for a file ten times as large."""
    large = folder / "large.wav"
    made(large, LARGE / (192_000 * 8), 192_000, "-c:a", "pcm_s32le")
    peaks = []
    for path in (song, large):
        forget()
        recording = uploaded(owner, path)
        services.recording_work(recording=recording.pk)
        state = Recording.objects.get(pk=recording.pk).state
        if state != Recording.State.READY:
            raise RuntimeError(f"{path.name} is {state}")
        peaks.append(held())
    size = large.stat().st_size / 1e6
    tell(f"memory of a worker, WAV of {size:.0f} MB to that of 53 MB", peaks[1], peaks[0], "MB",
         peaks[1] / peaks[0] <= 1.1)  # fmt: skip


if __name__ == "__main__":
    main()
