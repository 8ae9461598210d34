"""The work of deploy.bench.media: one JSON line for each measurement.

Turns of ours and of the floor follow each other, and the median ratio of all turns is told.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from statistics import median, quantiles
from typing import Any, Final

import django
import httpx2

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from catalog.media.cache import Entry  # noqa: E402
from catalog.media.models import Asset  # noqa: E402
from catalog.media.reading import want_of  # noqa: E402
from catalog.media.services import asset_store  # noqa: E402
from core.ipfs.cid import CHUNK, CidBuilder, parse  # noqa: E402
from core.ipfs.dag import Layout  # noqa: E402
from core.ipfs.gateways import Fetcher, Gateway  # noqa: E402
from deploy.bench.media_gateway import layout_of  # noqa: E402

TURNS: Final = 7
ROUNDS: Final = 10
ROUND: Final = 40
LATE: Final = 1.0  # seconds of the slow gateway
TARGETS: Final = {"verified": 0.5, "cid": 0.5}
MOST_SLOWER: Final = 1.2


def main() -> None:
    if sys.argv[1] == "--preview":
        print(_preview(sys.stdin.buffer.read()))
        return
    folder, root = sys.argv[1], sys.argv[2]
    layout = layout_of(folder, parse(root))
    for row in (_cid(), *_fetches(folder, layout)):
        print(json.dumps(row), flush=True)


def _preview(data: bytes) -> str:
    """An open preview in storage and in the cache; the CID."""
    asset = asset_store(kind=Asset.Kind.PREVIEW, data=io.BytesIO(data), content_type="audio/mp4")
    entry = Entry(asset.pk, asset.size, CHUNK, asset.sha256)
    for number in range(entry.count):
        entry.put(number, data[number * CHUNK : (number + 1) * CHUNK])
    if entry.finish() is None:
        raise RuntimeError("the cache did not take the preview")
    return asset.cid


def _row(
    name: str, ours: list[float], floor: list[float], unit: str, target: float, *, less: bool
) -> dict[str, Any]:
    ratio = median(one / other for one, other in zip(ours, floor, strict=True))
    return {
        "name": name,
        "value": round(median(ours), 2),
        "unit": unit,
        "floor": round(median(floor), 2),
        "ratio": round(ratio, 3),
        "target": target,
        "won": ratio <= target if less else ratio >= target,
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _cid() -> dict[str, Any]:
    data = [os.urandom(1 << 20) for _ in range(64)]

    def ours() -> None:
        builder = CidBuilder()
        for piece in data:
            builder.update(piece)
        builder.cid()

    def floor() -> None:
        digest = hashlib.sha256()
        for piece in data:
            digest.update(piece)

    turns = [(64 / _seconds(ours), 64 / _seconds(floor)) for _ in range(TURNS + 1)][1:]
    one, other = map(list, zip(*turns, strict=True))
    return _row("a CID, to plain SHA-256", one, other, "MB/s", TARGETS["cid"], less=False)


def _fetches(folder: str, layout: Layout) -> Iterator[dict[str, Any]]:
    with _gateways(folder, 0, 0, 0, LATE) as [*healthy, slow]:
        yield _verified(layout, healthy[0])
        dead = Gateway("", "http://127.0.0.1:9")
        sets = {
            "healthy": healthy,
            "one of three dead": [*healthy[:2], dead],
            "one of three slow": [*healthy[:2], slow],
        }
        taken = _by_turns(layout, sets)
    for name in list(sets)[1:]:
        yield from _compared(f"first byte, {name}", taken[name], taken["healthy"])


def _by_turns(layout: Layout, sets: dict[str, list[Gateway]]) -> dict[str, list[list[float]]]:
    """Milliseconds until a checked leaf is here. Each set is met anew and has its own fetcher."""
    taken: dict[str, list[list[float]]] = {name: [] for name in sets}
    known = {
        name: (Fetcher(), [replace(one, name=f"{name} {n}") for n, one in enumerate(gateways)])
        for name, gateways in sets.items()
    }
    for turn in range(ROUNDS):
        for name, (fetcher, gateways) in known.items():
            taken[name].append(
                [
                    _first_byte(fetcher, layout, turn * ROUND + number, gateways)
                    for number in range(ROUND)
                ]
            )
    for fetcher, _ in known.values():
        fetcher.close()
    return taken


def _first_byte(fetcher: Fetcher, layout: Layout, number: int, gateways: list[Gateway]) -> float:
    want = want_of(layout, number % layout.count)
    return 1000 * _seconds(lambda: fetcher.fetch(want, gateways))


def _verified(layout: Layout, gateway: Gateway) -> dict[str, Any]:
    """One leaf after another, over one connection kept alive on either side."""
    fetcher, plain = Fetcher(), httpx2.Client(trust_env=False)
    megabytes = layout.size / 1_000_000

    def ours() -> None:
        for number in range(layout.count):
            fetcher.fetch(want_of(layout, number), [gateway])

    def floor() -> None:
        for number in range(layout.count):
            plain.get(f"{gateway.url}/ipfs/{layout.leaf(number)}?format=raw").raise_for_status()

    turns = [(megabytes / _seconds(ours), megabytes / _seconds(floor)) for _ in range(TURNS + 1)]
    fetcher.close()
    one, other = map(list, zip(*turns[1:], strict=True))
    return _row("fetched and checked", one, other, "MB/s", TARGETS["verified"], less=False)


def _compared(
    name: str, ours: list[list[float]], floor: list[list[float]]
) -> Iterator[dict[str, Any]]:
    """The first rounds count as well, in which nobody knows yet which one is ill."""
    yield _row(
        f"{name}, median", [*map(median, ours)], [*map(median, floor)], "ms", MOST_SLOWER, less=True
    )
    every, other = [*chain(*ours)], [*chain(*floor)]
    yield _row(
        f"{name}, p95",
        [quantiles(every, n=20)[-1]],
        [quantiles(other, n=20)[-1]],
        "ms",
        MOST_SLOWER,
        less=True,
    )


@contextmanager
def _gateways(folder: str, *seconds: float) -> Iterator[list[Gateway]]:
    """Gateways of one store in processes of their own, each so many seconds late."""
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "deploy.bench.media_gateway", folder, str(late)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for late in seconds
    ]  # fmt: skip
    try:
        found = []
        for number, child in enumerate(children):
            assert child.stdout is not None
            found.append(Gateway(f"bench{number}", json.loads(child.stdout.readline())))
        yield found
    finally:
        for child in children:
            child.communicate()  # closes its input, at which it ends


if __name__ == "__main__":
    main()
