"""`make clean`: removes what `make run` kept, unless it is running now."""

import os
import shutil
import sys
from pathlib import Path

from deploy.local import postgres
from deploy.local.process import ROOT, CannotStart
from deploy.local.state import State


def main() -> int:
    """Removes the state folder; 1 with one clear line when a run uses it."""
    folder = Path(os.environ.get("STATE_DIR") or ROOT / ".local").resolve()
    if not folder.exists():
        return 0
    state = State(folder)
    try:
        state.open()
    except CannotStart as problem:
        print(f"cannot clean: {problem}", file=sys.stderr)
        return 1
    for kept in (folder, folder / "bench"):  # what `make run` and `make bench-data` have made
        postgres.remove(kept / "postgres")
    shutil.rmtree(folder)
    state.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
