"""python -m deploy.bench.large.work SCALE: writes the rows into BENCH_ADMIN_URL, and checks."""

import json
import os
import sys

import django
import psycopg2

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from deploy.bench.large.load import check, fill  # noqa: E402  needs the app registry
from deploy.bench.large.rows import Size  # noqa: E402


def say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    size = Size(float(sys.argv[1]))
    say(f"  {size.artists:,} artists, {size.tracks:,} tracks, {size.users:,} users, "
        f"{size.orders:,} orders, {size.legs:,} ledger legs")  # fmt: skip
    with psycopg2.connect(os.environ["BENCH_ADMIN_URL"]) as admin, admin.cursor() as cursor:
        made = fill(cursor, size, say)
    with admin.cursor() as cursor:
        check(cursor)
    say("  every entry sums to zero and every leg leads to its account, order and drop")
    print(json.dumps(made), flush=True)


if __name__ == "__main__":
    main()
