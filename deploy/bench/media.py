"""How fast checked bytes come, as ratios to the same without checks.

A throw-away world; three gateways of the local IPFS network run beside it in processes of their
own. `deploy.bench.media_fetch` fetches from them, and `deploy.bench.workshop` makes an artist's
file playable, each in another one.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from deploy.bench.http import start_bare
from deploy.bench.told import told
from deploy.local.ipfs.blocks import Blocks
from deploy.local.process import ROOT
from deploy.local.world import World

SIZE = 32 << 20
WARM, ASKED = 20, 300
PREVIEW = 480_000  # bytes: thirty seconds at 128 kbit/s


def rows(say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """Builds a world of its own, measures, and takes it down."""
    world = World.temporary(
        say=say, LOG_LEVEL="ERROR", TON_HUB_ADDRESS="0:" + "11" * 32, MEDIA_ORIGIN="gateways"
    )
    with world, tempfile.TemporaryDirectory(prefix="tonality-bench-") as folder:
        world.start(["postgres", "redis", "migrate"])
        root = _blocks(Path(folder))
        yield from _told(world, say, "deploy.bench.media_fetch", folder, root)
        yield from _preview(world, say)
        yield from _told(world, say, "deploy.bench.workshop")


def _blocks(folder: Path) -> str:
    """A file of random bytes, in the store that all gateways share."""
    blocks = Blocks(folder)
    root = blocks.add(os.urandom(1 << 20) for _ in range(SIZE >> 20))
    blocks.close()
    return str(root)


def _told(
    world: World, say: Callable[[str], None], module: str, *arguments: str
) -> Iterator[dict[str, Any]]:
    for row in told(world, module, *arguments):
        say(f"  {row['name']}: {row['value']} {row['unit']}, ratio {row['ratio']}")
        yield row


def _preview(world: World, say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """A preview out of the cache against the same file as granian's own static mount sends it."""
    data = os.urandom(PREVIEW)
    static = world.state.folder / "static"  # the checkout's own is shared with other worlds
    static.mkdir()
    (static / "preview.m4a").write_bytes(data)
    world.environ["STATIC_ROOT"] = str(static)
    known = subprocess.run(
        [sys.executable, "-m", "deploy.bench.media_fetch", "--preview"],
        cwd=ROOT, env=world.environ, input=data, capture_output=True, check=True,
    )  # fmt: skip
    cid = known.stdout.decode().split()[-1]
    world.start(["web"])
    shop, bare = urlsplit(world.environ["PUBLIC_URL"]).netloc, urlsplit(start_bare(world)).netloc
    with (
        closing(HTTPConnection(shop, timeout=10)) as ours,
        closing(HTTPConnection(bare, timeout=10)) as floor,
    ):
        for _ in range(WARM):
            _asked(ours, f"/ipfs/{cid}"), _asked(floor, "/static/preview.m4a")
        turns = [
            (_asked(ours, f"/ipfs/{cid}"), _asked(floor, "/static/preview.m4a"))
            for _ in range(ASKED)
        ]
    for name, place in (("first byte of a cached preview", 0), ("whole cached preview", 1)):
        yield _row(name, [(one[place], other[place]) for one, other in turns], say)


def _asked(connection: HTTPConnection, path: str) -> tuple[float, float]:
    """Milliseconds to the first byte of the body, and to the last."""
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read(1)
    first = time.perf_counter()
    rest = answer.read()
    if answer.status != 200 or len(rest) != PREVIEW - 1:
        raise RuntimeError(f"{path}: status {answer.status}, {len(rest) + 1} bytes")
    return 1000 * (first - started), 1000 * (time.perf_counter() - started)


def _row(name: str, turns: list[tuple[float, float]], say: Callable[[str], None]) -> dict[str, Any]:
    """No aim is set: a compiled server that sends a file by itself is what nginx would be here."""
    row = {
        "name": name,
        "value": round(median(one for one, _ in turns), 2),
        "unit": "ms",
        "floor": round(median(other for _, other in turns), 2),
        "ratio": round(median(one / other for one, other in turns), 3),
        "target": None,
        "won": None,
    }
    say(f"  {name}: {row['value']} of {row['floor']} ms, ratio {row['ratio']}")
    return row
