"""Rows that are measured by a process of a world's own, where Django's settings are the world's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from deploy.local.process import ROOT
from deploy.local.world import World


def told(world: World, module: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """Each line of JSON that the module prints. Raises RuntimeError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=world.environ, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"not measured: {done.stdout[-500:]}{done.stderr[-2000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
