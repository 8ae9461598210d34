"""Runs a command as a limited child: hostile bytes are read there, never in a worker.

The child has no network, no rights, an empty environment, closed input; bounds on memory,
processor, files, processes and output; it may read programs and its own folder and write only into
that; it ends at a deadline, with everything it has started, and when its parent ends.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from catalog.media.confined.launcher import NOBODY, REFUSED

ROOT: Final = Path(__file__).resolve().parents[2]
# The child sees these sources and the names of their folder; nothing else of the house.
CATALOG: Final = ROOT / "catalog"
SOURCES: Final = (CATALOG / "media",)
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/proc/self", "/dev/null",
                  "/dev/urandom", "/sys/devices/system/cpu")  # fmt: skip
_LAUNCH: Final = (
    "import sys, types; sys.dont_write_bytecode = True; "
    "sys.modules['catalog'] = house = types.ModuleType('catalog'); house.__path__ = [{catalog!r}]; "
    "from {module} import main; main()"
)
_STEP: Final = 0.02
PREFIX: Final = "tonality-"


class ConfineFailed(RuntimeError):
    """The child could not be limited, so it was not started: a fault of this machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds: by the clock. cpu: seconds. memory: of addresses. file: largest one; bytes."""

    seconds: float = 60
    cpu: int = 60
    memory: int = 1 << 30
    file: int = 1 << 30
    files: int = 64
    processes: int = 256
    output: int = 256 << 10


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a child. code: its exit code, -signal when it was killed.

    ended: "" by itself, else "time", "output", "cpu" or "killed". peak: bytes it held at most, as
    seen from outside.
    """

    code: int
    out: bytes
    err: bytes
    ended: str
    peak: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Scratch:
    """A folder for one piece of work. inward: the child may only read it; outward: its own."""

    inward: Path
    outward: Path


@contextmanager
def scratch(base: str) -> Iterator[Scratch]:
    """Gone afterwards, whatever happens; what a killed worker leaves, `sweep` takes away."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base or None))
    try:
        folder.chmod(0o711)
        made = Scratch(folder / "in", folder / "out")
        made.inward.mkdir(mode=0o755)
        made.outward.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(made.outward, NOBODY, NOBODY)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(base: str) -> int:
    """Remove the folders of processes that are no more; how many."""
    removed = 0
    for folder in Path(base or tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def python(module: str) -> list[str]:
    """The words that run `main()` of a module of catalog.media without anything of Django."""
    return [sys.executable, "-I", "-c", _LAUNCH.format(catalog=str(CATALOG), module=module)]


def launcher() -> list[str]:
    """The words before the launcher's JSON; a limited child starts its own by {"parent": pid}."""
    module = "catalog.media.confined.launcher"
    code = _LAUNCH.format(catalog=str(CATALOG), module=module)
    return [sys.executable, "-I", "-S", "-c", code]


def run(
    command: Sequence[str], *, place: Scratch, limits: Limits, reads: Sequence[Path] = ()
) -> Done:
    """Run a program (an absolute path) and its words to the end, in `place.outward`.

    reads: more files and folders it needs. Raises ConfineFailed when its limits cannot be set.
    """
    needed = [Path(command[0]), *reads, *(_interpreter() if command[0] == sys.executable else ())]
    told = {
        "limits": asdict(limits),
        "parent": os.getpid(),
        "folder": str(place.outward),
        "nobody": (nobody := os.geteuid() == 0 and all(map(_open_to_all, needed))),
        "lists": [str(CATALOG)],
        "reads": [*_SYSTEM, str(place.inward), *map(str, needed)],
    }
    if os.geteuid() == 0:
        _hand_over(place, NOBODY if nobody else 0)
    child = subprocess.Popen(  # noqa: S603  no shell; what it runs is ours
        [*launcher(), json.dumps(told), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(place),
        start_new_session=True,
        cwd="/",
    )
    done = _watch(child, limits)
    if done.code == REFUSED and done.err.startswith(b"confine: "):
        raise ConfineFailed(done.err.decode(errors="replace").strip())
    return done


def _interpreter() -> list[Path]:
    found = [Path(sys.prefix), Path(sys.base_prefix), *SOURCES]
    return [*found, *(path.resolve() for path in found)]


def _open_to_all(path: Path) -> bool:
    """Whether nobody in particular may walk to it."""
    real = path.resolve()
    return all(one.stat().st_mode & 0o001 for one in real.parents)


def _hand_over(place: Scratch, owner: int) -> None:
    for path in (place.outward, *place.outward.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def _environment(place: Scratch) -> dict[str, str]:
    folder = str(place.outward)
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder,
            "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "2"}  # fmt: skip


def _watch(child: subprocess.Popen[bytes], limits: Limits) -> Done:
    """Read what it says until it ends; end it when it does not."""
    started, texts, ended, peak = time.monotonic(), {"out": b"", "err": b""}, "", 0
    try:
        with selectors.DefaultSelector() as waiting:
            for name, pipe in (("out", child.stdout), ("err", child.stderr)):
                waiting.register(_never_none(pipe), selectors.EVENT_READ, name)
            while waiting.get_map() and not ended:
                for key, _ in waiting.select(_STEP):
                    piece = os.read(key.fd, 65_536)
                    texts[key.data] += piece
                    if not piece:
                        waiting.unregister(key.fileobj)
                peak = max(peak, _high_water(child.pid))
                ended = _overrun(time.monotonic() - started, texts, limits)
        if not ended:
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, limits.seconds - (time.monotonic() - started)))
            ended = "time" if child.returncode is None else ""
    finally:
        _end(child)
    code = child.returncode
    ended = ended or {-signal.SIGXCPU: "cpu", -signal.SIGKILL: "killed"}.get(code, "")
    out, err = texts["out"][: limits.output], texts["err"][: limits.output]
    return Done(code, out, err, ended, peak, time.monotonic() - started)


def _overrun(seconds: float, texts: dict[str, bytes], limits: Limits) -> str:
    if seconds > limits.seconds:
        return "time"
    return "output" if sum(map(len, texts.values())) > limits.output else ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """The whole group: nothing that the child has started outlives it."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        _never_none(pipe).close()


def _never_none(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ConfineFailed("the child has no pipes")
    return pipe


def _high_water(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
