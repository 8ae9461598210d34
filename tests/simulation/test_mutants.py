"""Mutants of the source are noticed: a few here each time, all of them with `make mutants`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import pytest

from tests.catalog.guards import GUARDS
from tests.simulation.mutants import ROOT, Copy, copy
from tests.simulation.planted import MUTANTS, Mutant

# One of each kind: what comes in, what is booked, what goes back, what is minted, who may.
SAMPLE: Final = (
    "confirm without asking whether the payment is known",
    "a webhook's signature is not looked at",
    "more is refunded than was paid",
    "the hold is not waited for",
    "one person approves his own payout",
)


@pytest.mark.parametrize("mutant", [*MUTANTS, *GUARDS], ids=lambda mutant: mutant.name)
def test_a_mutant_has_exactly_one_place(mutant: Mutant) -> None:
    assert (ROOT / mutant.path).read_text().count(mutant.before) == 1
    assert mutant.before != mutant.after


def test_there_are_enough_of_them() -> None:
    assert len(MUTANTS) >= 40
    assert len(GUARDS) >= 40
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.fixture(scope="module")
def source(django_db_setup: None) -> Iterator[Copy]:
    """On the run's own servers, but in a database and a Redis index that no test uses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    redis, _, index = os.environ["REDIS_URL"].rpartition("/")
    with copy(worker, os.environ["DATABASE_URL"], f"{redis}/{15 - int(index) % 7}") as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_mutant_is_noticed(name: str, source: Copy) -> None:
    (mutant,) = [one for one in MUTANTS if one.name == name]
    before = (ROOT / mutant.path).read_text()
    assert source.killed(mutant)
    assert (ROOT / mutant.path).read_text() == before
    assert (source.folder / mutant.path).read_text() == before
