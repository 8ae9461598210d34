"""`make simulate SEEDS=200 STEPS=400`: many lives; what happened in them, each above a floor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Per thousand steps: a simulation in which little happens proves little.
FLOORS: Final = {
    "orders stars": 5, "orders sbp": 5, "orders stripe": 5, "orders binance": 5, "orders ton": 5,
    "payments": 20, "faults": 10, "crashes": 5, "refunds": 2, "ended fulfilled": 5,
    "ended cancelled": 1, "ended expired": 2,
}  # fmt: skip


def main() -> int:
    seeds, steps = int(os.environ.get("SEEDS") or 20), int(os.environ.get("STEPS") or 400)
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/simulation/test_simulation.py", "-v",
             "-n", "logical", "--no-header"],
            cwd=ROOT,
            env={**os.environ, "SEEDS": str(seeds), "STEPS": str(steps),
                 "SIMULATION_LOG": str(log)},
            check=False,
        )  # fmt: skip
        if done.returncode:
            return done.returncode
        return report(log, steps)


def report(log: Path, steps: int) -> int:
    """Print the sums; 1 when one of them is below its floor."""
    total: Counter[str] = Counter()
    lives = 0
    for line in log.read_text().splitlines():
        counts = json.loads(line)
        counts.pop("seed")
        total.update(counts)
        lives += 1
    low = 0
    for name in sorted(total.keys() | FLOORS.keys()):
        floor = FLOORS.get(name, 0) * lives * steps // 1000
        low += total[name] < floor
        print(f"{name:<24}{total[name]:>8}  floor {floor}")
    print(f"{lives} lives of {steps} steps")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
