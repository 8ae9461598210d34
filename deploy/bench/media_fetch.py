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
from statistics import median, quantiles
from typing import Any, Final

import django
import httpx2

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from django.utils import timezone  # noqa: E402

from catalog.media.models import Asset, Pin  # noqa: E402
from catalog.media.reading import want_of  # noqa: E402
from catalog.media.services import asset_store  # noqa: E402
from core.ipfs.cid import CidBuilder, parse  # noqa: E402
from core.ipfs.dag import Layout  # noqa: E402
from core.ipfs.gateways import Fetcher, Gateway  # noqa: E402
from deploy.bench.media_gateway import layout_of  # noqa: E402

TURNS: Final = 7
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
    """An open preview in storage; the CID."""
    asset = asset_store(kind=Asset.Kind.PREVIEW, data=io.BytesIO(data), content_type="audio/mp4")
    Pin.objects.create(
        asset=asset, service="bench", state=Pin.State.PINNED, pinned_at=timezone.now()
    )
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


def _seconds(work: Callable[[], None]) -> float:
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
    with _gateways(folder, 0, 0, 0) as healthy:
        yield _verified(layout, healthy[0])
        floor = _first_bytes(layout, healthy)
    with _gateways(folder, 0, 0, 0) as one_dead:
        dead = Gateway("dead", "http://127.0.0.1:9")
        yield from _compared(
            "one of three dead", _first_bytes(layout, [*one_dead[:2], dead]), floor
        )
    with _gateways(folder, 0, 0, LATE) as one_slow:
        yield from _compared("one of three slow", _first_bytes(layout, one_slow), floor)


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


def _first_bytes(layout: Layout, gateways: list[Gateway]) -> list[float]:
    """Milliseconds until a checked leaf is here, as somebody meets it who comes in the middle."""
    fetcher = Fetcher()
    for gateway in gateways:
        fetcher.health.forget(gateway.name)
    taken = []
    for number in range(400):
        started = time.perf_counter()
        fetcher.fetch(want_of(layout, number % layout.count), gateways)
        taken.append(1000 * (time.perf_counter() - started))
    fetcher.close()
    return taken


def _compared(name: str, ours: list[float], floor: list[float]) -> Iterator[dict[str, Any]]:
    """All of the 400, the first ones too, while nobody knows yet which one is ill."""
    for what, of in (("median", median), ("p95", lambda some: quantiles(some, n=20)[-1])):
        yield _row(
            f"first byte, {name}, {what}", [of(ours)], [of(floor)], "ms", MOST_SLOWER, less=True
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
