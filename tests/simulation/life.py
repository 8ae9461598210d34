"""A life of the shop: who acts next is drawn, and what came of it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from nft.models import Collection
from tests.simulation.buyers import Buyers
from tests.simulation.house import REFUSED, House
from tests.simulation.town import Town
from tests.simulation.trouble import Trouble

# Few enough that somebody always comes for the last copy.
_DROPS: Final = (
    {"max_supply": 40, "hub_quota": 14},
    {"max_supply": 6, "hub_quota": 3},
    {"max_supply": 12, "hub_quota": 6},
)
_NEW: Final = {"max_supply": 5, "hub_quota": 3}
_OPENED: Final = 1_700_000_000  # part of a drop's address, by which a batch is sorted
_MOST_DROPS: Final = 9


class Life:
    """Acts by weight; each is one process that may die in the middle."""

    def __init__(self, town: Town) -> None:
        self.town, self.random = town, town.random
        self.drops: list[Collection] = []
        for terms in _DROPS:
            self._drop(terms)
        self.buyers = Buyers(town, self.drops)
        self.house = House(town)
        self.trouble = Trouble(town, self.drops[2], self.house.reconcile)
        self.acts: list[tuple[int, Callable[[], None]]] = [
            *self.buyers.acts(),
            *self.house.acts(),
            *self.trouble.acts(),
            (1, self.new_drop),
        ]

    def step(self) -> str:
        """One act; its name and what came of it."""
        self.town.pass_time(timedelta(seconds=1))
        weights = [weight for weight, _ in self.acts]
        (act,) = self.random.choices([act for _, act in self.acts], weights)
        return self.done(act)

    def done(self, act: Callable[[], None]) -> str:
        """What became of one act."""
        died = self.town.counts["crashes"]
        try:
            act()
        except REFUSED as error:
            self.town.counts["refused"] += 1
            return f"{act.__name__}: {getattr(error, 'code', type(error).__name__)}"
        if self.town.counts["crashes"] > died:
            return f"{act.__name__}: died {self.town.death.last}"
        return act.__name__

    def new_drop(self) -> None:
        """Small: it is sold out soon, and there is always something to run for."""
        if len(self.drops) < _MOST_DROPS:
            self._drop(_NEW)

    def _drop(self, terms: Mapping[str, Any]) -> None:
        self.drops.append(self.town.shop.drop(starts_at=_OPENED, **terms))
        self.town.counts["drops"] += 1

    def collections(self) -> list[Collection]:
        return list(Collection.objects.filter(pk__in=[drop.pk for drop in self.drops]))
