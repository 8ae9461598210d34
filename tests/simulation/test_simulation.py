"""The simulation under pytest: a few seeds each time, many with `make simulate`."""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction
from django.db.models import Sum
from pytest_django import Settings
from redis import Redis

from catalog.models import Artist
from payments.models import Leg
from tests.payments.chain import World
from tests.payments.conftest import ARTIST, FAN, STRANGER, Shop, person, world_made
from tests.simulation.life import Life
from tests.simulation.quiet import quiet
from tests.simulation.town import Town
from tests.simulation.truths import Truths

STEPS: Final = int(os.environ.get("STEPS") or 120)
CRASHES_PER_MILLE: Final = 5


def seeds() -> list[int]:
    if one := os.environ.get("SEED"):
        return [int(one)]
    return list(range(int(os.environ.get("SEEDS") or 3)))


class _Over(Exception):
    """A life ends, and leaves no row behind."""


def lived(seed: int, steps: int, settings: Settings) -> tuple[list[str], dict[str, Any]]:
    """One whole life in a transaction that is rolled back: its story, and what came out."""
    story: list[str] = []
    told: dict[str, Any] = {}
    try:
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
            shop = _shop(world_made(settings, patch))
            with Town(seed, shop, settings, patch) as town:
                _live(town, steps, story)
                told = {"seed": seed, **town.counts, "books": _books()}
            raise _Over
    except _Over:
        return story, told
    except BaseException:
        print(f"\nseed {seed}, {len(story)} steps; the last: {story[-12:]}")
        print(f"replay: make simulate SEED={seed} STEPS={steps}")
        raise


def _live(town: Town, steps: int, story: list[str]) -> None:
    gc.freeze()  # what is loaded by now stays: looking through it again and again costs a tenth
    life, truths = Life(town), Truths()
    town.death.per_mille = CRASHES_PER_MILLE
    for _ in range(steps):
        story.append(life.step())
        truths.after_step()
    quiet(life, truths)


def _shop(world: World) -> Shop:
    owner = person("artist", ARTIST)
    return Shop(
        world=world,
        fan=person("fan", FAN),
        stranger=person("stranger", STRANGER),
        artist=Artist.objects.create(owner=owner, slug="night-shift", name="Night Shift"),
    )


def _books() -> dict[str, int]:
    """The sum of every kind of account, by asset."""
    rows = Leg.objects.order_by("account__kind", "asset").values_list("account__kind", "asset")
    return {f"{kind} {asset}": total for kind, asset, total in rows.annotate(sum=Sum("amount"))}


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
