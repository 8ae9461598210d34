"""`make run` as a person sees it: a terminal, progress, one clear line when it cannot, Ctrl-C."""

import os
import pty
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from deploy.local import postgres
from deploy.local.ports import Ports
from deploy.local.process import ROOT

UP = (sys.executable, "-m", "deploy.local.up")
CTRL_C = b"\x03"


class Terminal:
    """A program on a terminal of its own, as its only foreground job."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.pid, self.side = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execve(UP[0], UP, environ)  # noqa: S606
        self.said = ""
        self.ended = False

    def wait_for(self, pattern: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.said):
            assert time.monotonic() < deadline, self.said
            if select.select([self.side], [], [], 0.2)[0]:
                self.read()

    def read(self) -> bool:
        try:
            text = os.read(self.side, 65_536).decode(errors="replace")
        except OSError:  # the other side is closed
            return False
        self.said += text
        return text != ""

    def press(self, keys: bytes) -> None:
        os.write(self.side, keys)

    def exit_code(self) -> int:
        while self.read():
            pass
        _pid, status = os.waitpid(self.pid, 0)
        self.ended = True
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Whatever a test leaves running is stopped, also when the test fails."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        if not terminal.ended:
            terminal.press(CTRL_C)
            terminal.exit_code()


@pytest.fixture
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    state = tmp_path_factory.mktemp("state")
    ports = Ports.free()
    chosen = {one.name.upper(): str(getattr(ports, one.name)) for one in fields(Ports)}
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    yield plain | chosen | {"STATE_DIR": str(state), "SEED": "short"}
    left = processes_of(state)
    postgres.remove(state / "postgres")
    assert left == [], "processes were left behind"


def processes_of(state: Path) -> list[str]:
    """Command lines of living processes that know this state folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(state).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_starts_greets_and_stops_on_ctrl_c_twice(
    environ: dict[str, str], terminals: list[Terminal]
) -> None:
    first = Terminal(environ)
    terminals.append(first)
    first.wait_for("Tonality is up", 400)
    assert environ["PORT"] in first.said
    first.wait_for("/dev/login/fan", 5)
    first.press(CTRL_C)
    assert first.exit_code() == 0
    assert first.said.rstrip().endswith("stopped")
    assert processes_of(Path(environ["STATE_DIR"])) == []

    second = Terminal(environ)
    terminals.append(second)
    second.wait_for("Tonality is up", 100)
    second.press(CTRL_C)
    assert second.exit_code() == 0


def test_ctrl_c_during_the_start_stops_what_has_started(
    environ: dict[str, str], terminals: list[Terminal]
) -> None:
    terminal = Terminal(environ)
    terminals.append(terminal)
    terminal.wait_for("postgres +[0-9.]+ s", 60)
    terminal.press(CTRL_C)
    assert terminal.exit_code() == 0


def test_a_taken_port_is_one_line_and_a_code(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ["PORT"] = str(taken.getsockname()[1])
        done = subprocess.run(UP, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(r"cannot run: port \d+ is taken: .* PORT=.*\n", done.stderr)


def test_a_state_folder_that_cannot_be_made_is_one_line(environ: dict[str, str]) -> None:
    environ["STATE_DIR"] = "/dev/null/state"
    done = subprocess.run(UP, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(r"cannot run: the state folder .* STATE_DIR=.*\n", done.stderr)
