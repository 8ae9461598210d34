"""A limited child can do its work and nothing else: each limit is met by a real one."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.media.confine import ConfineFailed, Done, Limits, Scratch, run, scratch, sweep

CALL = (
    "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True); "
    "assert libc.{0} != -1, os.strerror(ctypes.get_errno())"
)
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


@pytest.fixture
def place() -> Iterator[Scratch]:
    with scratch("") as made:
        yield made


def python(place: Scratch, code: str, **limits: float) -> Done:
    """`code` in a limited Python."""
    return run([sys.executable, "-I", "-c", code], place=place, limits=Limits(**limits))  # type: ignore[arg-type]


def denied(done: Done, *words: str) -> bool:
    return done.code == 1 and any(word in done.err.decode() for word in words)


def test_it_works_in_its_folder_and_what_it_says_is_heard(place: Scratch) -> None:
    code = "import sys; open('made', 'w').write('x'); print('out'); print('err', file=sys.stderr)"
    done = python(place, code)
    assert (done.code, done.ended, done.out, done.err) == (0, "", b"out\n", b"err\n")
    assert (place.outward / "made").read_text() == "x"


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.socketpair()",
        CALL.format("syscall(425, 1, 0)"),  # io_uring_setup
        CALL.format("ptrace(0, 0, 0, 0)"),
        CALL.format("unshare(0x10000000)"),
        "import os; os.setsid()",
        "import os; os.kill(os.getppid(), 9)",
    ],
)
def test_what_leads_outside_is_refused_by_the_kernel(place: Scratch, code: str) -> None:
    assert denied(python(place, code), "Operation not permitted")


def test_it_has_a_network_of_its_own_without_any_way_out(place: Scratch) -> None:
    done = python(place, "import os; print(os.readlink('/proc/self/ns/net'))")
    assert done.out.decode().strip() != str(Path("/proc/self/ns/net").readlink())


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/hostname", __file__])
def test_it_reads_programs_and_nothing_of_the_house(place: Scratch, path: str) -> None:
    assert denied(python(place, f"open({path!r})"), "Permission denied")


def test_it_writes_only_into_its_folder(place: Scratch, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for path in (tmp_path / "x", place.inward / "x", Path("/tmp/x-confined")):  # noqa: S108
        assert denied(python(place, f"open({str(path)!r}, 'w')"), "Permission denied")
        assert not path.exists()


@ROOT_ONLY
def test_root_becomes_nobody(place: Scratch) -> None:
    done = run(["/usr/bin/id", "-u"], place=place, limits=Limits())
    assert done.out == b"65534\n"


def test_no_right_is_left_and_none_comes_back(place: Scratch) -> None:
    done = python(place, "print(open('/proc/self/status').read())", output=1 << 20)
    status = dict(line.split(":", 1) for line in done.out.decode().splitlines() if ":" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")


def test_its_environment_is_empty_and_its_input_closed(
    place: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "told nobody")
    done = python(place, "import os, sys; print(sorted(os.environ), sys.stdin.read() == '')")
    assert "SECRET_KEY" not in done.out.decode()
    assert done.out.decode().strip().endswith("True")


def test_no_open_file_of_ours_reaches_it(place: Scratch) -> None:
    with Path("/etc/hostname").open() as mine:
        os.set_inheritable(mine.fileno(), True)  # noqa: FBT003
        done = python(place, "import os; print(len(os.listdir('/proc/self/fd')))")
    assert int(done.out) == 4  # in, out, err, and the listing itself


def test_memory_is_bounded(place: Scratch) -> None:
    assert denied(python(place, "bytearray(1 << 30)", memory=256 << 20), "MemoryError")


def test_files_are_bounded(place: Scratch) -> None:
    code = "import os; f = os.open('x', 65); [os.write(f, bytes(1000)) for _ in range(9)]"
    assert denied(python(place, code, file=4000), "File too large")
    assert (place.outward / "x").stat().st_size == 4000


def test_open_files_are_bounded(place: Scratch) -> None:
    code = "x = [open('/dev/null') for _ in range(40)]"
    assert denied(python(place, code, files=16), "Too many open files")


def test_processes_are_bounded(place: Scratch) -> None:
    """Of nobody: the kernel counts no process of root's, who is bounded by memory alone."""
    code = "n=0; while [ $n -lt 60 ]; do sleep 3 & n=$((n+1)); done; wait"
    done = run(["/bin/sh", "-c", code], place=place, limits=Limits(processes=20))
    assert done.code != 0
    assert b"fork" in done.err


def test_time_of_the_processor_is_bounded(place: Scratch) -> None:
    done = python(place, "while True: pass", cpu=1)
    assert (done.code, done.ended) == (-signal.SIGXCPU, "cpu")


def test_what_it_says_is_bounded(place: Scratch) -> None:
    done = python(place, "while True: print('x' * 10_000)", output=50_000)
    assert done.ended == "output"
    assert len(done.out) == 50_000


def test_at_the_deadline_it_ends_with_everything_it_started(place: Scratch) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    done = python(place, code, seconds=1)
    assert done.ended == "time"
    assert time.monotonic() - started < 20
    assert _gone(int(done.out))


def test_a_child_that_closes_its_pipes_does_not_outlast_the_deadline(place: Scratch) -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    assert python(place, code, seconds=1).ended == "time"


def test_it_ends_with_its_parent(place: Scratch) -> None:
    code = "import time; open('here', 'w').close(); time.sleep(60)"
    parent = os.fork()
    if parent == 0:
        try:
            python(place, code)
        finally:
            os._exit(0)
    _until(place.outward / "here")
    child = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0]
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert _gone(int(child))


def test_the_folder_is_gone_afterwards_and_those_of_the_dead_are_swept(tmp_path: Path) -> None:
    with scratch(str(tmp_path)) as mine:
        dead = tmp_path / "tonality-999999999-x"
        (dead / "in").mkdir(parents=True)
        assert sweep(str(tmp_path)) == 1
        assert not dead.exists()
        assert mine.inward.exists()
    assert not list(tmp_path.iterdir())


def test_a_program_that_cannot_be_started_is_our_fault_and_not_the_files(place: Scratch) -> None:
    with pytest.raises(ConfineFailed, match=r"Permission denied|Exec format error"):
        run(["/etc/hostname"], place=place, limits=Limits())


def _gone(pid: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def _until(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
