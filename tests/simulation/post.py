"""Webhooks on their way: lost, doubled, late, overtaken, as each sandbox's faults say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from deploy.local.sandbox.frame import Delivery

Letter: TypeAlias = "tuple[str, Delivery]"
_TRIES: Final = 5  # a sender that hears no yes sends again, and gives up at some time


class Post:
    """Stands in for the sandboxes' own sender, so that a seed decides what arrives when."""

    def __init__(self, draw: random.Random, counts: Counter[str]) -> None:
        self.random, self.counts = draw, counts
        self.waiting: list[Letter] = []
        self._tries: Counter[int] = Counter()

    def sender(self, source: str, box: Any) -> Callable[[Delivery], None]:
        """What replaces Sandbox.send, with the same faults: drop, duplicate, reorder."""

        def send(delivery: Delivery) -> None:
            box.events.append(delivery)
            if box.faults.take("drop"):
                self.counts["webhooks dropped"] += 1
                return
            place = len(self.waiting)
            if box.faults.reorder and self.waiting:
                box.faults.reorder = False
                self.counts["webhooks reordered"] += 1
                place -= 1
            self.waiting.insert(place, (source, delivery))
            if box.faults.take("duplicate"):
                self.counts["webhooks doubled"] += 1
                self.waiting.append((source, delivery))

        return send

    def take(self) -> Letter | None:
        """Mostly the oldest; now and then a younger one is faster."""
        if not self.waiting:
            return None
        first = self.random.randrange(4) > 0
        return self.waiting.pop(0 if first else self.random.randrange(len(self.waiting)))

    def refused(self, letter: Letter) -> None:
        """It was not taken: once more, later, a few times."""
        self._tries[id(letter[1])] += 1
        if self._tries[id(letter[1])] < _TRIES:
            self.waiting.append(letter)
