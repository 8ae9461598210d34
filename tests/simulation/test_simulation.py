"""The simulation under pytest: a few seeds each time, many with `make simulate`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from tests.payments.conftest import *  # noqa: F403  its fixtures: the shop and its chain
from tests.payments.conftest import Shop
from tests.simulation.life import Life
from tests.simulation.town import Town
from tests.simulation.truths import Truths

STEPS: Final = int(os.environ.get("STEPS") or 120)
CRASHES_PER_MILLE: Final = 6


def seeds() -> list[int]:
    if one := os.environ.get("SEED"):
        return [int(one)]
    return list(range(int(os.environ.get("SEEDS") or 3)))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", seeds())
def test_whatever_happens_nothing_paid_is_lost(
    seed: int, shop: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    story: list[str] = []
    with Town(seed, shop, settings, monkeypatch) as town:
        life = Life(town)
        truths = Truths(life)
        town.crash_rate = CRASHES_PER_MILLE
        try:
            for _ in range(STEPS):
                story.append(life.step())
                truths.after_step()
            truths.quiet()
        except BaseException:
            print(f"\nseed {seed}, {len(story)} steps; the last: {story[-12:]}")
            print(f"replay: make simulate SEED={seed} STEPS={STEPS}")
            raise
        if path := os.environ.get("SIMULATION_LOG"):
            with Path(path).open("a") as log:
                log.write(json.dumps({"seed": seed, **town.counts}) + "\n")
