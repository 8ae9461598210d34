"""From an artist's file to a playable stream, as a ratio to a bare ffmpeg making the same streams.

A throw-away world; `deploy.bench.workshop` does the work in a process of its own and prints one
JSON line for each measurement.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from deploy.local.process import ROOT
from deploy.local.world import World


def rows(say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """Builds a world of its own, measures, and takes it down."""
    with World.temporary(say=say, LOG_LEVEL="ERROR") as world:
        world.start(["postgres", "redis", "migrate"])
        done = subprocess.run(
            [sys.executable, "-m", "deploy.bench.workshop"],
            cwd=ROOT, env=world.environ, capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"not measured: {done.stdout[-500:]}{done.stderr[-2000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
