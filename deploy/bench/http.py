"""How fast the shop answers, as a ratio to bare views on the same server and database.

Both run under the same granian with the same workers; measurements are interleaved, and the
median ratio of all repeats is reported, so that a noisy machine disturbs both alike.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg2

from deploy.bench.load import Request, measure
from deploy.local import postgres
from deploy.local.ports import Ports
from deploy.local.process import ROOT, Program
from deploy.local.ready import port_answers
from deploy.local.world import World

DROPS = 10_500
REPEATS = 7
SECONDS = 2.0
READ_TARGET, WRITE_TARGET = 0.5, 0.2
# Tables of the floor's own, of the size of ours and without their guards.
TABLES = """
    CREATE TABLE IF NOT EXISTS bench_order (
        id uuid PRIMARY KEY, drop_id uuid, price bigint, state text, created_at timestamptz);
    CREATE TABLE IF NOT EXISTS bench_attempt (
        id uuid PRIMARY KEY, order_id uuid, handoff jsonb, state text, created_at timestamptz)"""


@dataclass(frozen=True)
class Pair:
    """One measurement of ours and the floor's of the same kind."""

    name: str
    ours: Request
    floor: Request
    target: float


@dataclass(frozen=True)
class Row:
    """A line of build/bench.jsonl. floor: the bare view; ratio: ours to it; target: our aim."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: float | None = None
    won: bool | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None


def rows(say: Callable[[str], None]) -> Iterator[Row]:
    """Builds a world of its own, measures, and takes it down."""
    hub = "0:" + "11" * 32
    world = World.temporary(
        say=say, RATE_LIMIT_FACTOR="1000000", LOG_LEVEL="ERROR", TON_HUB_ADDRESS=hub
    )
    with world:
        world.start(["postgres", "redis", "migrate"])
        say(f"  making {DROPS} drops")
        known = _fill(world)
        base = _start_floor(world)
        world.start(["web"])
        for pair in _pairs(world.environ["PUBLIC_URL"], base, known):
            yield _compare(pair, say)
            yield Row(f"{pair.name} queries", known["queries"][pair.name], "queries")


def _fill(world: World) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.bench.data", "--drops", str(DROPS)],
        cwd=ROOT, env=world.environ, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"no data: {done.stdout[-500:]}{done.stderr[-2000:]}")
    known: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return known


def _start_floor(world: World) -> str:
    with psycopg2.connect(world.postgres.url(postgres.OWNER)) as owner, owner.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute("ANALYZE")  # as autovacuum would have done; only the owner may
    return start_bare(world)


def start_bare(world: World) -> str:
    """Bare views, and the static files by granian itself, with as many workers as our web has."""
    port = Ports.free().port
    workers = ("--workers", "2", "--blocking-threads", "4", "--no-ws", "--no-access-log")
    static = ("--static-path-route", "/static", "--static-path-mount", world.environ["STATIC_ROOT"])
    world.supervisor.start(
        [
            Program(
                name="floor",
                argv=(
                    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)),
                    *(*workers, *static, "deploy.bench.floor:application"),
                ),
                environ=world.environ,
                ready=lambda: port_answers(port),
            )
        ]
    )
    return f"http://127.0.0.1:{port}"


def _pairs(shop: str, floor: str, known: dict[str, Any]) -> tuple[Pair, ...]:
    drop = known["drop"]
    order = json.dumps({"drop": drop, "quantity": 1, "method": "ton"}).encode()
    signed = (("Authorization", f"Bearer {known['token']}"), ("Idempotency-Key", "bench-{n}"))
    return (
        Pair("drop_list", Request(f"{shop}/api/v1/drops"), Request(f"{floor}/drops"), READ_TARGET),
        Pair(
            "drop_detail",
            Request(f"{shop}/api/v1/drops/{drop}"),
            Request(f"{floor}/drops/{drop}"),
            READ_TARGET,
        ),
        Pair(
            "order",
            Request(f"{shop}/api/v1/orders", "POST", signed, order, 201),
            Request(f"{floor}/orders", "POST", (), order, 201),
            WRITE_TARGET,
        ),
    )


def _compare(pair: Pair, say: Callable[[str], None]) -> Row:
    """Floor and ours by turns; the first turn warms both and does not count."""
    turns = [
        (measure(pair.floor, SECONDS), measure(pair.ours, SECONDS)) for _ in range(REPEATS + 1)
    ]
    counted = turns[1:]
    ratio = median(ours.rate / floor.rate for floor, ours in counted)
    ours = [one for _floor, one in counted]
    row = Row(
        name=pair.name,
        value=round(median(one.rate for one in ours), 1),
        unit="requests/s",
        floor=round(median(floor.rate for floor, _ours in counted), 1),
        ratio=round(ratio, 3),
        target=pair.target,
        won=ratio >= pair.target,
        p50_ms=round(median(one.p50 for one in ours), 1),
        p95_ms=round(median(one.p95 for one in ours), 1),
    )
    say(f"  {row.name}: {row.value:.0f} of {row.floor:.0f} requests/s, ratio {row.ratio}")
    return row
