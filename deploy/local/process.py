"""One child process: how it is started, when it counts as ready, how it is stopped.

A child runs in a process group of its own, so that Ctrl-C in the terminal reaches only the
supervisor and the order of stopping is ours. On Linux the kernel also signals it when the
supervisor dies without saying goodbye.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
GROUP_GONE_WITHIN = 5.0
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class CannotStart(Exception):
    """Something that a person has to mend first; the text is one clear line."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run. `once` marks a step that has to end with 0 before others start."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    ready: Callable[[], bool] = lambda: True
    then: Callable[[], None] = lambda: None
    start_within: float = 300.0  # a busy machine needs long for what takes seconds
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 15.0
    user: int | None = None
    address: str = ""


class Child:
    """A started `Program` and its log file."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.started_at = time.monotonic()
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        program = self.program
        identity: dict[str, object] = {}
        if program.user is not None:
            identity = {"user": program.user, "group": program.user, "extra_groups": []}
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as output:
            try:
                return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
                    list(program.argv),
                    env=dict(program.environ),
                    cwd=ROOT if program.user is None else "/",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_die_with(os.getpid(), program.stop_signal),  # noqa: PLW1509
                    **identity,
                )
            except OSError as error:
                raise CannotStart(
                    f"{program.name}: {program.argv[0]} cannot run: {error}"
                ) from None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def is_ready(self) -> bool:
        """True once ready (a step: once it ended well). Raises CannotStart when it never will."""
        code = self.process.poll()
        if self.program.once and code == 0:
            return True
        if code is not None:
            raise CannotStart(self._epitaph(f"ended with code {code}"))
        if not self.program.once and self.program.ready():
            return True
        if time.monotonic() - self.started_at > self.program.start_within:
            raise CannotStart(self._epitaph(f"not ready after {self.program.start_within:.0f} s"))
        return False

    def _epitaph(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-25:]
        said = "".join(f"\n    {line}" for line in lines)
        return f"{self.program.name} {what}; its log {self.log}:{said}"

    def ask_to_stop(self) -> None:
        if self.alive:
            self.process.send_signal(self.program.stop_signal)

    def wait_stopped(self, deadline: float) -> None:
        """Waits until `deadline` (monotonic seconds), then ends the whole group for certain."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the child and everything it started: what `kill -9` does to a service.

        What it started is nobody's child and cannot be waited for; it holds the port until it is
        gone, which on a busy machine takes a moment.
        """
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            gone_by = time.monotonic() + GROUP_GONE_WITHIN
            while time.monotonic() < gone_by:
                os.killpg(self.process.pid, 0)
                time.sleep(0.02)
        self.process.wait()


def _die_with(parent: int, stop_signal: signal.Signals) -> Callable[[], None]:
    def before_exec() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec
