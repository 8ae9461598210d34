"""Faults planted in the source, one at a time: each must be noticed.

`make mutants` copies the source to a temporary folder (yours is never touched), plants a mutant
there and runs the tests of money over it, those first that are nearest to its place. A mutant that
survives means that nothing looks where it was planted. ONLY="words" runs those with such a name:
ONLY="file:" are the guards against hostile files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local import postgres
from deploy.local.world import World
from tests.catalog.guards import GUARDS
from tests.simulation.planted import MUTANTS, Mutant

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ("catalog", "contracts", "deploy", "nft", "payments", "platform", "referrals",
                  "templates", "tests", "static")  # fmt: skip
FILES: Final = ("manage.py", "pyproject.toml")
# From the nearest to the slowest; the simulation is the last to be asked.
TESTS: Final = (
    "tests/payments/test_off_chain.py", "tests/payments/test_stars.py",
    "tests/payments/test_refunds.py", "tests/payments/settlement",
    "tests/payments/test_payouts.py", "tests/payments/test_binance.py",
    "tests/payments/test_sbp.py", "tests/payments/test_receipts.py",
    "tests/payments/test_reconciliation.py", "tests/payments/test_disputes.py",
    "tests/payments/test_promises.py", "tests/simulation/test_simulation.py",
)  # fmt: skip
_NEAREST: Final = {
    "payments/services/orders.py": "tests/payments/test_promises.py",
    "payments/telegram.py": "tests/payments/test_stars.py",
    "payments/services/refunds.py": "tests/payments/test_refunds.py",
    "payments/services/states.py": "tests/payments/test_refunds.py",
    "payments/providers/stars/provider.py": "tests/payments/test_stars.py",
    "payments/services/posting.py": "tests/payments/test_refunds.py",
    "payments/services/payouts.py": "tests/payments/test_payouts.py",
    "payments/services/policy.py": "tests/payments/test_binance.py",
    "payments/services/sales.py": "tests/payments/test_receipts.py",
    "payments/services/reconciliation.py": "tests/payments/test_reconciliation.py",
    "payments/services/disputes.py": "tests/payments/test_disputes.py",
    "payments/services/settlement/building.py": "tests/payments/settlement",
    "payments/services/settlement/accepting.py": "tests/payments/settlement",
    "payments/services/settlement/states.py": "tests/payments/settlement",
    "payments/services/waterfall.py": "tests/payments/settlement",
}  # fmt: skip
_WORKERS: Final = 2


class Copy:
    """One copy of the source in `folder`, and services for the tests in it."""

    def __init__(self, folder: Path, name: str, database: str, redis: str) -> None:
        self.folder = folder
        kept = {one: value for one, value in os.environ.items() if "XDIST" not in one}
        owner = re.sub(r"/[^/]*$", f"/mutants_{name}", database)
        self.environ = {
            **kept, "DATABASE_URL": owner, "DATABASE_OWNER_URL": owner, "REDIS_URL": redis,
            "SEEDS": "3", "STEPS": "150", "SIMULATION_LOG": str(folder / "log"),
        }  # fmt: skip
        for source in SOURCES:
            ignore = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(ROOT / source, folder / source, ignore=ignore)
        for file in FILES:
            shutil.copy(ROOT / file, folder / file)

    def killed(self, mutant: Mutant) -> bool:
        """Whether the tests notice it."""
        with self._planted(mutant):
            if mutant.tests:
                return self._noticed(mutant, *mutant.tests)
            nearest = _NEAREST.get(mutant.path)
            if nearest is not None and self._noticed(mutant, nearest):
                return True
            return self._noticed(mutant, *TESTS)

    def _noticed(self, mutant: Mutant, *tests: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *tests, "-x", "-q", "-p", "no:cacheprovider",
             "-p", "no:schemathesis", "--reuse-db"],
            cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        # 1: tests failed. Anything else but 0 is no verdict.
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{mutant.name}: {done.stdout[-800:]}{done.stderr[-800:]}")
        return done.returncode == 1

    @contextmanager
    def _planted(self, mutant: Mutant) -> Iterator[None]:
        """Raises ValueError when its place is not there exactly once."""
        path = self.folder / mutant.path
        text = path.read_text()
        if text.count(mutant.before) != 1:
            raise ValueError(f"{mutant.name}: {text.count(mutant.before)} places in {mutant.path}")
        try:
            _write(path, text.replace(mutant.before, mutant.after))
            yield
        finally:
            _write(path, text)


def _write(path: Path, text: str) -> None:
    """With no compiled file of another text beside it."""
    path.write_text(text)
    for old in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        old.unlink()


@contextmanager
def copy(name: str, database: str, redis: str) -> Iterator[Copy]:
    """A copy of its own, with a database of its own (made once) on a server that runs."""
    with tempfile.TemporaryDirectory() as place:
        yield Copy(Path(place), name, database, redis)


def main() -> int:
    wanted = os.environ.get("ONLY", "")
    chosen = [mutant for mutant in (*MUTANTS, *GUARDS) if wanted in mutant.name]
    with World.temporary() as world:
        world.start(["postgres", "redis"])
        owner, redis = world.postgres.url(postgres.OWNER), world.environ["REDIS_URL"]

        def work(number: int) -> list[str]:
            index = f"{redis.rpartition('/')[0]}/{number + 1}"
            with copy(str(number), owner, index) as made:
                return [one.name for one in chosen[number::_WORKERS] if not _told(made, one)]

        with ThreadPoolExecutor(_WORKERS) as pool:
            survivors = [name for part in pool.map(work, range(_WORKERS)) for name in part]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants killed")
    return 1 if survivors else 0


def _told(made: Copy, mutant: Mutant) -> bool:
    dead = made.killed(mutant)
    print(f"{'killed  ' if dead else 'SURVIVED'}  {mutant.name}", flush=True)
    return dead


if __name__ == "__main__":
    sys.exit(main())
