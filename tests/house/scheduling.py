"""How parallel workers share the tests out among themselves."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# Tests of one scope run in one worker: the browser's share a running shop, the mutants one copy of
# the source with a database of its own.
SCOPES: Final = ("tests/e2e/", "tests/simulation/test_mutants.py::test_a_mutant_is_noticed")


def scope_of(nodeid: str) -> str:
    """Any other test is a scope of its own."""
    return next((scope for scope in SCOPES if nodeid.startswith(scope)), nodeid)


FIRST: Final = "gw0"  # has the first scope, the browser's
NICE: Final = 5


class OneShop(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Every test goes to whoever is free, but those of one scope stay together, and begin first.

    The marks of xdist 3.8 (`xdist_group`) do the same for pytest 8 only: pytest 9.2 keeps a test's
    identifier where they do not write it.
    """

    def schedule(self) -> None:
        """The first scope is the first worker's, whichever was ready first."""
        ready: Iterable[Any] = sorted(self.assigned_work.items(), key=lambda one: one[0].gateway.id)
        self.assigned_work: dict[Any, Any] = OrderedDict(ready)
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def give_way(worker: str) -> None:
    """The browser's tests are the longest chain, and the first worker's: the others yield to it.

    Linux may share processors out by session (sched_autogroup); then a nice value counts within
    one's session alone, so that each of them becomes a session that is nice as a whole.
    """
    if worker in {"", FIRST}:
        return
    os.nice(NICE)
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(NICE))


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
