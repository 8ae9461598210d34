"""The supervisor: order, readiness, clear failures, and nothing left behind."""

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.process import CannotStart, Program
from deploy.local.supervisor import Interrupted, Supervisor

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    one = Supervisor(tmp_path, lambda _line: None)
    yield one
    one.hurry = True
    one.stop()


def is_running(pid: int) -> bool:
    """A zombie no longer runs: it only waits to be counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def test_stops_in_the_reverse_order_of_starting(supervisor: Supervisor, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    says_when_it_ends = (
        "import signal, sys, time; from pathlib import Path\n"
        "def end(*_):\n"
        f"    open({str(journal)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "Path(sys.argv[2]).touch()\n"
        "time.sleep(60)"
    )
    for name in ("database", "cache", "web"):
        mark = tmp_path / name
        argv = (sys.executable, "-c", says_when_it_ends, name, str(mark))
        supervisor.start([Program(name=name, argv=argv, ready=mark.exists)])
    supervisor.stop()
    assert journal.read_text().split() == ["web", "cache", "database"]


def test_a_step_is_waited_for_and_its_failure_is_told_with_its_last_words(
    supervisor: Supervisor,
) -> None:
    argv = (sys.executable, "-c", "print('the table is missing'); raise SystemExit(3)")
    with pytest.raises(CannotStart, match=r"(?s)migrate ended with code 3.*the table is missing"):
        supervisor.start([Program(name="migrate", argv=argv, once=True)])


def test_a_missing_tool_is_one_clear_line(supervisor: Supervisor) -> None:
    with pytest.raises(CannotStart, match="web: /no/such/tool cannot run"):
        supervisor.start([Program(name="web", argv=("/no/such/tool",))])


def test_a_program_that_never_gets_ready_is_not_waited_for_without_end(
    supervisor: Supervisor,
) -> None:
    program = Program(name="web", argv=SLEEPER, ready=lambda: False, start_within=0.3)
    with pytest.raises(CannotStart, match="not ready after"):
        supervisor.start([program])


def test_a_request_to_stop_ends_the_wait_for_readiness(supervisor: Supervisor) -> None:
    def ready() -> bool:
        supervisor.stopping = True
        return False

    with pytest.raises(Interrupted):
        supervisor.start([Program(name="web", argv=SLEEPER, ready=ready)])


def test_a_child_that_ignores_the_polite_signal_is_ended_with_its_own_children(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    stubborn = (
        "import signal, subprocess, sys, time; from pathlib import Path\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"Path({str(note)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    argv = (sys.executable, "-c", stubborn)
    program = Program(
        name="worker",
        argv=argv,
        stop_within=0.3,
        ready=lambda: note.exists() and note.read_text() != "",
    )
    supervisor.start([program])
    pid = supervisor.children["worker"].process.pid
    supervisor.stop()
    assert wait_until_gone(pid)
    assert wait_until_gone(int(note.read_text()))


def test_a_child_that_dies_is_started_again_but_not_for_ever(supervisor: Supervisor) -> None:
    argv = (sys.executable, "-c", "import time; time.sleep(0.2)")
    supervisor.start([Program(name="relay", argv=argv)])
    with pytest.raises(CannotStart, match="relay keeps dying"):
        supervisor.watch()


def test_the_first_signal_asks_and_the_second_one_hurries(supervisor: Supervisor) -> None:
    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    supervisor.on_signals()
    try:
        signal.raise_signal(signal.SIGINT)
        assert (supervisor.stopping, supervisor.hurry) == (True, False)
        signal.raise_signal(signal.SIGTERM)
        assert (supervisor.stopping, supervisor.hurry) == (True, True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
