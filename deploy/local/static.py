"""collectstatic where something has changed since the last time: python -m deploy.local.static.

What pages load is the same in every world of a checkout, so they share one STATIC_ROOT, which is
not that of a real shop: it has the development wallet. Hashing and compressing it is most of the
time that a start without news would take. Files of an earlier build stay for pages that are open;
`make clean` takes them away.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from deploy.local.process import ROOT

# The packages' own files change with the lock.
SOURCES: Final = (
    "static",
    "build/miniapp",
    "build/devwallet",
    "deploy/local/telegram",
    "platform/core/settings",
    "requirements.txt",
)
MARK: Final = ".collected"  # in the folder itself: who removes that has it filled again
COLLECT: Final = ("manage.py", "collectstatic", "--no-input", "--verbosity", "0")


def main() -> int:
    """Returns the exit status of collectstatic, or 0."""
    root = Path(os.environ["STATIC_ROOT"])
    root.mkdir(parents=True, exist_ok=True)
    with (root / MARK).open("a+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)  # two worlds may start at the same time
        kept.seek(0)
        now = state()
        if kept.read() == now:
            return 0
        kept.truncate(0)
        done = subprocess.run([sys.executable, *COLLECT], cwd=ROOT, check=False).returncode
        if done == 0:
            kept.write(now)
        return done


def state() -> str:
    """Changes with any source: its name, size and time of change."""
    facts = sha256()
    for path in sorted(_files()):
        stat = path.stat()
        facts.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return facts.hexdigest()


def _files() -> Iterator[Path]:
    for name in SOURCES:
        place = ROOT / name
        if place.is_file():
            yield place
            continue
        for folder, folders, files in os.walk(place):
            folders[:] = [one for one in folders if one not in {"node_modules", "__pycache__"}]
            yield from (Path(folder, one) for one in files)


if __name__ == "__main__":
    raise SystemExit(main())
