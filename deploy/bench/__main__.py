"""`make bench`: contracts on the real TVM, HTTP, money, media, pages; build/bench.jsonl."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from deploy.bench import chain, http, media, money, pages
from deploy.local.process import ROOT, CannotStart

Say: TypeAlias = Callable[[str], None]
Rows: TypeAlias = Iterator[dict[str, Any]]

REPORT = ROOT / "build" / "bench.jsonl"


def say(line: str) -> None:
    print(line, flush=True)


def _chain(_say: Say) -> Rows:
    for row in chain.measure():
        yield asdict(row) | {"name": row.name.strip()}


def _http(say: Say) -> Rows:
    yield from map(asdict, http.rows(say))


# What is measured, and in words against what.
PARTS: Final[dict[str, tuple[str, Callable[[Say], Rows]]]] = {
    "chain": ("contracts, in coins and gas at the prices of June 2026", _chain),
    "http": ("HTTP, as a ratio to bare views with raw SQL on the same server", _http),
    "money": ("money, as a ratio to bare inserts and short histories there", money.rows),
    "media": ("media, as a ratio to the same bytes unchecked, and to bare ffmpeg", media.rows),
    "pages": ("pages, as Lighthouse sees them on a phone", pages.rows),
}


def measured(parts: list[str]) -> Rows:
    for part in parts:
        words, rows = PARTS[part]
        say(words)
        for row in rows(say):
            yield row | {"name": f"{part}: {row['name']}"}


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
