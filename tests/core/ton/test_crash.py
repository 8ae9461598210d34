"""Killed (-9) at any boundary and started again, the follower ends in the same state, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from core.ton.models import ChainCursor, ChainTransaction
from tests.core.ton.scripted import HUB, Chain
from tests.core.ton.toncenter_stub import Stub, served

pytestmark = pytest.mark.usefixtures("transactional_db")
BOUNDARIES = {"fetched", "storing", "stored", "loaded", "effect", "moved", "committed"}
SALES = 6


@pytest.fixture
def stub(chain: Chain) -> Iterator[Stub]:
    chain.sales(SALES)
    ChainCursor.objects.create(pk="total")
    with served(Stub(chain)) as running:
        yield running


def victim(url: str, boundary: int, stop_at: int) -> subprocess.Popen[str]:
    database = settings.DATABASES["default"]
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    environ = {**os.environ, "DATABASE_URL": f"{base}/{database['NAME']}"}
    environ.pop("DATABASE_OWNER_URL", None)
    command = [sys.executable, "-m", "tests.core.ton.victim", url, str(boundary), str(stop_at)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def orders() -> list[int]:
    names = ChainCursor.objects.filter(pk__startswith="order:").order_by("lt")
    return [int(name.removeprefix("order:")) for name in names.values_list("pk", flat=True)]


def total() -> int:
    return ChainCursor.objects.get(pk="total").lt


def wait_for(condition: object, seconds: float = 90) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_killed_at_every_boundary_each_sale_counts_once(stub: Stub) -> None:
    last = stub.chain.transactions[-1].lt
    died_at: set[str] = set()
    for boundary in (1, 2, 3, 2, 3, 4, 5, 0):
        process = victim(stub.url, boundary, last)
        died_at.add(process.communicate(timeout=60)[0].strip())
        assert process.returncode == (-signal.SIGKILL if boundary else 0), died_at
        assert total() == len(orders())
    assert died_at - {""} == BOUNDARIES
    assert orders() == list(range(1, SALES + 1))
    assert ChainCursor.objects.get(pk=HUB).lt == last
    assert set(ChainTransaction.objects.values_list("state", flat=True)) == {"handled"}


def test_of_two_followers_one_works_and_the_other_takes_over(stub: Stub) -> None:
    first, second = victim(stub.url, 0, 0), victim(stub.url, 0, 0)
    try:
        wait_for(lambda: total() == SALES)
        leader = ChainCursor.objects.filter(pk__startswith="order:").values_list("mc_seqno")
        (pid,) = {pid for (pid,) in leader}
        os.kill(pid, signal.SIGKILL)
        stub.chain.sales(2)
        wait_for(lambda: total() == SALES + 2)
        assert orders() == list(range(1, SALES + 3))
    finally:
        for process in (first, second):
            process.terminate()
            process.wait(20)
    assert {first.returncode, second.returncode} == {0, -signal.SIGKILL}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.fetchone() == (0,)
