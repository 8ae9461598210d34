"""Makes `.venv` and installs the locked requirements. Run by the system's Python, nothing else.

The stamp inside `.venv` is written last: an environment without it was left half made, and is
made anew. One with the stamp of older locks is brought up to date.
"""

import hashlib
import os
import subprocess
import sys
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
LOCKS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> int:
    """0 when `.venv` holds exactly what the locks name."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = ".".join(map(str, sys.version_info[:2]))
        return _fail(f"Python 3.11, 3.12 or 3.13 is needed, this is {found}: set PYTHON=python3.12")
    wanted = _digest()
    if STAMP.exists():
        if STAMP.read_text() == wanted and _works():
            STAMP.touch()
            return 0
        STAMP.unlink()
        fresh = not _works()
    else:
        fresh = True
    if fresh and not _create():
        return 1
    if not _install():
        return _fail("the requirements could not be installed (see above); run make again")
    STAMP.write_text(wanted)
    print("installed", flush=True)
    return 0


def _fail(line: str) -> int:
    print(f"cannot install: {line}", file=sys.stderr, flush=True)
    return 1


def _digest() -> str:
    found = hashlib.sha256()
    for lock in LOCKS:
        found.update(lock.read_bytes())
    return found.hexdigest()


def _python() -> str:
    return str(VENV / "bin" / "python")


def _works() -> bool:
    try:
        return (
            subprocess.run([_python(), "-m", "pip", "--version"], capture_output=True).returncode
            == 0
        )
    except OSError:
        return False


def _create() -> bool:
    print(f"making {VENV.name} with Python {sys.version.split()[0]}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        missing = any("ensurepip" in line for line in said)
        hint = "install the package python3-venv" if missing else (said or ["no reason given"])[-1]
        _fail(f"Python's venv does not work: {hint}")
    return done.returncode == 0


def _install() -> bool:
    total = sum(1 for lock in LOCKS for line in lock.open() if "==" in line and line[0].isalnum())
    command = [_python(), "-m", "pip", "install", "--require-hashes", "--no-input"]
    command += ["--progress-bar", "off", "--disable-pip-version-check"]
    for lock in LOCKS:
        command += ["-r", str(lock)]
    environ = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "1"}
    pip = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ
    )
    last: deque[str] = deque(maxlen=25)
    done = 0
    assert pip.stdout is not None
    for line in pip.stdout:
        last.append(line)
        if line.startswith("Collecting"):
            done += 1
            _progress(done, total, line.split()[1].partition("==")[0])
        elif line.startswith("Installing collected"):
            _progress(done, done, "unpacking all of them, about half a minute")
    print(flush=True)
    if pip.wait() != 0:
        sys.stderr.writelines(last)
    return pip.returncode == 0


def _progress(done: int, total: int, name: str) -> None:
    """One line that renews itself on a terminal, every tenth package elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {done}/about {total}  {name}", end="", flush=True)
    elif done % 10 == 0 or done == total:
        print(f"  {done}/about {total}  {name}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(_fail("interrupted; the next make starts over"))
