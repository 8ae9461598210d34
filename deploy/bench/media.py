"""How fast checked bytes come, as ratios to the same without checks.

A throw-away world; three gateways of the local IPFS network run beside it in processes of their
own. `deploy.bench.media_fetch` fetches from them, and `deploy.bench.workshop` makes an artist's
file playable, each in another one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from deploy.bench.http import Pair, compare
from deploy.bench.load import Request
from deploy.local.ipfs.blocks import Blocks
from deploy.local.process import ROOT
from deploy.local.world import World

STATIC_TARGET = 0.1  # of a file that a compiled server sends by itself
SIZE = 32 << 20
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
    """The rows that a process of the world prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=world.environ, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"not measured: {done.stdout[-500:]}{done.stderr[-2000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            row: dict[str, Any] = json.loads(line)
            say(f"  {row['name']}: {row['value']} {row['unit']}, ratio {row['ratio']}")
            yield row


def _preview(world: World, say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """A preview out of the cache against the same file as granian's own static mount sends it."""
    data = os.urandom(PREVIEW)
    Path(world.environ["STATIC_ROOT"], "preview.m4a").write_bytes(data)
    known = subprocess.run(
        [sys.executable, "-m", "deploy.bench.media_fetch", "--preview"],
        cwd=ROOT, env=world.environ, input=data, capture_output=True, check=True,
    )  # fmt: skip
    cid = known.stdout.decode().split()[-1]
    world.start(["web"])
    base, part = world.environ["PUBLIC_URL"], (("Range", "bytes=0-1"),)
    # Two bytes are what a player asks for first: the time to them is that to the first byte. The
    # static mount knows no ranges; a file of two bytes stands for one.
    Path(world.environ["STATIC_ROOT"], "two.m4a").write_bytes(data[:2])
    for name, ours, floor, target in (
        (
            "first byte of a cached preview",
            Request(f"{base}/ipfs/{cid}", headers=part, expect=206),
            Request(f"{base}/static/two.m4a"),
            STATIC_TARGET,
        ),
        (
            "whole cached preview",
            Request(f"{base}/ipfs/{cid}"),
            Request(f"{base}/static/preview.m4a"),
            STATIC_TARGET,
        ),
    ):
        yield asdict(compare(Pair(name, ours, floor, target), say))
