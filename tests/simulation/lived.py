"""One whole life: a town, what happens in it, and what is left of it: a story and its sums."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import transaction
from django.db.models import Sum
from pytest_django import Settings

from catalog.models import Artist
from payments.models import Leg
from tests.payments.chain import World
from tests.payments.conftest import ARTIST, FAN, STRANGER, Shop, person, world_made
from tests.simulation.life import Life
from tests.simulation.quiet import quiet
from tests.simulation.town import Town
from tests.simulation.truths import Truths

CRASHES_PER_MILLE: Final = 5


class _Over(Exception):
    """A life ends, and leaves no row behind."""


def any_life(town: Town, steps: int, story: list[str]) -> None:
    """Everything that can happen, drawn at random, and the truths after each step."""
    life, truths = Life(town), Truths()
    town.death.per_mille = CRASHES_PER_MILLE
    for _ in range(steps):
        story.append(life.step())
        truths.after_step()
    quiet(life, truths)


def lived(
    seed: int,
    steps: int,
    settings: Settings,
    live: Callable[[Town, int, list[str]], None] = any_life,
) -> tuple[list[str], dict[str, Any]]:
    """A life in a transaction that is rolled back: its story, and what came out."""
    gc.freeze()  # what is loaded by now stays: looking through it again and again costs a tenth
    story: list[str] = []
    told: dict[str, Any] = {}
    try:
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
            shop = _shop(world_made(settings, patch))
            with Town(seed, shop, settings, patch) as town:
                live(town, steps, story)
                told = {"seed": seed, **town.counts, "books": _books()}
            raise _Over
    except _Over:
        return story, told
    except BaseException:
        print(f"\nseed {seed}, {len(story)} steps; the last: {story[-12:]}")
        print(f"replay: make simulate SEED={seed} STEPS={steps}")
        raise


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
