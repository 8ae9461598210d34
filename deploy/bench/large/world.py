"""Where the large data set lies: a world under the state folder that only the benchmark starts."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.local import postgres
from deploy.local.process import ROOT, CannotStart
from deploy.local.world import World

HUB = "0:" + "11" * 32


def folder() -> Path:
    return Path(os.environ.get("STATE_DIR") or ROOT / ".local").resolve() / "bench"


def built() -> dict[str, Any] | None:
    """What was built there: scale, rows by table, seconds. None: nothing, or not to its end."""
    told = folder() / "built.json"
    found: dict[str, Any] | None = json.loads(told.read_text()) if told.exists() else None
    return found


def large_world(say: Callable[[str], None]) -> World:
    """The kept world, on free ports; its database outlives it."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o711)
    return World.aside(place, say=say, LOG_LEVEL="ERROR", TON_HUB_ADDRESS=HUB)


def wipe() -> None:
    """Takes away what was built."""
    if folder().exists():
        postgres.remove(folder() / "postgres")
        shutil.rmtree(folder())


def make(world: World, scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Fills the world's database; what was made, also written down beside it."""
    started = time.monotonic()
    world.start(["postgres", "migrate"])
    rows = _fill(world, scale, say)
    seconds = round(time.monotonic() - started)
    told = {"scale": scale, "rows": rows, "seconds": seconds}
    (world.state.folder / "built.json").write_text(json.dumps(told))
    say(f"{sum(rows.values()):,} rows in {seconds} s")
    return told


def _fill(world: World, scale: float, say: Callable[[str], None]) -> dict[str, int]:
    """In a process of its own: the product's folding of names wants Django, and its settings."""
    admin = world.postgres.url(postgres.ADMIN)
    with subprocess.Popen(
        [sys.executable, "-m", "deploy.bench.large.work", str(scale)],
        cwd=ROOT, env=world.environ | {"BENCH_ADMIN_URL": admin}, stdout=subprocess.PIPE, text=True,
    ) as work:  # fmt: skip
        rows: dict[str, int] = {}
        for line in work.stdout or ():
            if line.startswith("{"):
                rows = json.loads(line)
            else:
                say(line.rstrip())
    if work.returncode != 0 or not rows:
        raise CannotStart("the data could not be written; the lines above say why")
    return rows
