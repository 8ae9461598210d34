"""python -m deploy.bench.large.work SCALE: writes the rows into BENCH_ADMIN_URL, and checks."""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import django
import psycopg2

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from deploy.bench.large.load import (  # noqa: E402  needs the app registry
    Tables,
    fill,
    finish,
    money_tables,
    music_tables,
)
from deploy.bench.large.rows import Size  # noqa: E402

ADMIN = os.environ["BENCH_ADMIN_URL"]


def say(line: str) -> None:
    print(line, flush=True)


def part(tables: Callable[[Size], Tables], size: Size) -> dict[str, int]:
    """One half of it, in a process of its own."""
    with psycopg2.connect(ADMIN) as admin, admin.cursor() as cursor:
        return fill(cursor, tables(size), say)


def main() -> None:
    size = Size(float(sys.argv[1]))
    say(f"  {size.artists:,} artists, {size.tracks:,} tracks, {size.users:,} users, "
        f"{size.orders:,} orders, {size.legs:,} ledger legs")  # fmt: skip
    with ProcessPoolExecutor(2) as pool:  # music and money know each other by ids alone
        parts = [pool.submit(part, tables, size) for tables in (music_tables, money_tables)]
        made = {table: count for one in parts for table, count in one.result().items()}
    with psycopg2.connect(ADMIN) as admin, admin.cursor() as cursor:
        finish(cursor)
    say("  every entry sums to zero and every leg leads to its account, order and drop")
    print(json.dumps(made), flush=True)


if __name__ == "__main__":
    main()
