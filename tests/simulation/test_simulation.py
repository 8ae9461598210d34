"""The simulation under pytest: a few seeds each time, many with `make simulate`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings
from redis import Redis

from tests.simulation.lived import lived

STEPS: Final = int(os.environ.get("STEPS") or 120)


def seeds() -> list[int]:
    if one := os.environ.get("SEED"):
        return [int(one)]
    return list(range(int(os.environ.get("SEEDS") or 3)))


@pytest.mark.django_db
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", seeds())
def test_whatever_happens_nothing_paid_is_lost(seed: int, settings: Settings) -> None:
    _, told = lived(seed, STEPS, settings)
    del told["books"]
    if path := os.environ.get("SIMULATION_LOG"):
        with Path(path).open("a") as log:
            log.write(json.dumps(told) + "\n")


@pytest.mark.django_db
@pytest.mark.skipif("SIMULATION_LOG" in os.environ, reason="`make simulate` counts lives")
def test_the_same_seed_tells_the_same_story(settings: Settings, redis_server: Redis) -> None:
    """Act by act, crash by crash, coin by coin: a failure replays exactly."""
    first = lived(7, 60, settings)
    redis_server.flushdb()
    second = lived(7, 60, settings)
    assert first == second
    assert len(first[1]["books"]) > 3
