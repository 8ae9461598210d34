"""`make bench`: contracts on the real TVM, HTTP, money, media; a table, and build/bench.jsonl."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from deploy.bench import chain, http, media, money
from deploy.local.process import ROOT, CannotStart

REPORT = ROOT / "build" / "bench.jsonl"
PARTS = ("chain", "http", "money", "media")


def say(line: str) -> None:
    print(line, flush=True)


def measured(parts: list[str]) -> Iterator[dict[str, Any]]:
    if "chain" in parts:
        say("contracts, in coins and gas at the prices of June 2026")
        for row in chain.measure():
            yield asdict(row) | {"name": f"chain: {row.name.strip()}"}
    if "http" in parts:
        say("HTTP, as a ratio to bare views with raw SQL on the same server")
        for line in http.rows(say):
            yield asdict(line) | {"name": f"http: {line.name}"}
    if "money" in parts:
        say("money, as a ratio to bare inserts and short histories on the same database")
        for row_ in money.rows(say):
            yield row_ | {"name": f"money: {row_['name']}"}
    if "media" in parts:
        say("media, as a ratio to the same bytes without a check, and to a bare ffmpeg")
        for row_ in media.rows(say):
            yield row_ | {"name": f"media: {row_['name']}"}


def _print(row: dict[str, Any]) -> None:
    mark = {True: "won", False: "MISSED", None: ""}[row.get("won")]
    floor = "" if row["floor"] is None else f"{row['floor']:g}"
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.3f}"
    say(f"{row['name']:<58}{row['value']:>12g}{floor:>12}{ratio:>8}  {row['unit']:<11}{mark}")


def main() -> int:
    """0 when everything could be measured; a target that is missed is reported, not an error."""
    parts = sys.argv[1:] or list(PARTS)
    REPORT.parent.mkdir(exist_ok=True)
    rows = []
    with REPORT.open("w") as report:
        try:
            for row in measured(parts):
                report.write(json.dumps(row) + "\n")
                report.flush()
                rows.append(row)
        except CannotStart as problem:
            print(f"cannot measure: {problem}", file=sys.stderr)
            return 1
    say(f"\n{'':<58}{'ours':>12}{'floor':>12}{'ratio':>8}")
    for row in rows:
        _print(row)
    say(f"\nthe same as JSON lines: {REPORT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
