"""What a test or the demo may let go wrong."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass
class Knobs:
    """Faults by name. Counts are used up one by one, True stays; `rate` draws from `seed` for
    ever: that many of a hundred go wrong.
    """

    seed: int = 0
    rate: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def take(self, name: str) -> bool:
        """Whether this fault happens now."""
        with self._lock:
            left = getattr(self, name)
            if left:
                if left is not True:
                    setattr(self, name, left - 1)
                return True
            return bool(self.rate) and self._random.randrange(100) < self.rate

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Raises ValueError for a name that is no fault."""
        known = {one.name for one in fields(cls)}
        if unknown := set(given) - known:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        return cls(**given)


@dataclass
class Faults(Knobs):
    """What goes wrong next at a provider.

    drop, duplicate: webhooks. reorder: a webhook waits for the next one. delay: seconds before
    each webhook. error_after_effect: 500 though it was done. hang_after_effect: no answer for
    hang_seconds though it was done. too_many: 429. unavailable: 503, nothing done. fail_refund: a
    refund ends failed.
    """

    drop: int = 0
    duplicate: int = 0
    reorder: bool = False
    delay: float = 0.0
    error_after_effect: int = 0
    hang_after_effect: int = 0
    hang_seconds: float = 12.0
    too_many: int = 0
    unavailable: int = 0
    fail_refund: int = 0
