"""How parallel workers share the tests out among themselves."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# Tests of one scope run in one worker: the browser's share a running shop, the mutants one copy of
# the source with a database of its own.
SCOPES: Final = ("tests/e2e/", "tests/simulation/test_mutants.py::test_a_mutant_is_noticed")


def scope_of(nodeid: str) -> str:
    """Any other test is a scope of its own."""
    return next((scope for scope in SCOPES if nodeid.startswith(scope)), nodeid)


class OneShop(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Every test goes to whoever is free, but those of one scope stay together, and begin first.

    The marks of xdist 3.8 (`xdist_group`) do the same for pytest 8 only: pytest 9.2 keeps a test's
    identifier where they do not write it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@contextmanager
def once_a_run(what: str) -> Iterator[None]:
    """What one worker of a run may hold at a time. Raises FileExistsError for another one."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    mark = Path(tempfile.gettempdir(), f"{what}-{run}")
    mark.touch(exist_ok=False)
    try:
        yield
    finally:
        mark.unlink()
