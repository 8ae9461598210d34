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
    "orders stars": 6, "orders sbp": 6, "orders stripe": 6, "orders binance": 6, "orders ton": 4,
    "direct buys": 6, "payments": 25, "payouts": 1, "settlements done": 5, "rates moved": 12,
    "faults": 25, "faults drop": 2, "faults duplicate": 2, "faults reorder": 2,
    "faults error_after_effect": 3, "faults hang_after_effect": 2, "faults too_many": 2,
    "faults unavailable": 2, "faults fail_refund": 3, "chargebacks": 1, "disputes": 2,
    "crashes": 25, "crashes before commit": 5, "crashes after commit": 5,
    "crashes before call": 3, "crashes after call": 3, "crashes within": 5,
    "refunds": 5, "refunds outside": 3, "refunds done": 8, "ended fulfilled": 15,
    "ended fulfilling": 1, "ended cancelled": 3, "ended expired": 10, "ended needs_attention": 2,
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
