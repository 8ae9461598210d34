"""Processes that die: before and after every commit and every call, and in between."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.db import transaction
from django.db.transaction import Atomic

from payments.providers import REGISTRY, provider

# Functions in the middle of which a process may die too: before and after each.
WITHIN: Final = (
    "payments.services.events.save",
    "payments.ledger.post",
    "payments.services.polling.plan",
    "payments.services.submitting._opened",
    "payments.services.refunds.tell",
    "payments.services.claims._fulfil",
    "payments.services.settlement.states.part_move",
    "payments.services.settlement.building._part_save",
    "payments.services.payouts._confirm",
    "core.inbox.services.receive",
)
CALLS: Final = ("create", "fetch", "find", "cancel", "refund", "fetch_refund")
_CALLS_MORE_OFTEN: Final = 6  # there are few of them, and most of the danger is around them


class Crashed(BaseException):
    """The process dies here. Nothing catches it, and what was not committed is gone."""


class Death:
    """Draws when and where. Only what runs inside `process` or `request` can die."""

    def __init__(self, draw: random.Random, counts: Counter[str]) -> None:
        self.random, self.counts = draw, counts
        self.per_mille = 0
        self.alive = 0
        self.last = ""

    def plant(self, patch: pytest.MonkeyPatch) -> None:
        for place in WITHIN:
            module, _, name = place.rpartition(".")
            owner = __import__(module, fromlist=[name])
            patch.setattr(owner, name, self._mined(getattr(owner, name), "within", name))
        for method in REGISTRY:
            for name in CALLS:
                kind = type(provider(method))
                if real := getattr(kind, name, None):
                    patch.setattr(kind, name, self._mined(real, "call", f"{method} {name}"))
        patch.setattr(Atomic, "__exit__", self._commit(Atomic.__exit__))

    def _mined(self, real: Callable[..., Any], kind: str, name: str) -> Callable[..., Any]:
        def mined(*args: Any, **kwargs: Any) -> Any:
            self._maybe(f"before {kind}" if kind == "call" else kind, name)
            result = real(*args, **kwargs)
            self._maybe(f"after {kind}" if kind == "call" else kind, name)
            return result

        return mined

    def _commit(self, real: Callable[..., None]) -> Callable[..., None]:
        def leave(atomic: Atomic, kind: Any, error: Any, trace: Any) -> None:
            if kind is None:
                try:
                    self._maybe("before commit", "commit")
                except Crashed as crash:
                    real(atomic, Crashed, crash, crash.__traceback__)
                    raise
            real(atomic, kind, error, trace)
            if kind is None:
                self._maybe("after commit", "commit")

        return leave

    def _maybe(self, kind: str, name: str) -> None:
        often = _CALLS_MORE_OFTEN if kind.endswith("call") else 1
        if self.alive and self.random.randrange(1000) < self.per_mille * often:
            self.counts["crashes"] += 1
            self.counts[f"crashes {kind}"] += 1
            self.last = f"{kind} {name}"
            raise Crashed(self.last)

    @contextmanager
    def process(self) -> Iterator[None]:
        """One process at work: a crash leaves what it had committed."""
        self.alive += 1
        try:
            yield
        except Crashed:
            self.counts["processes died"] += 1
        finally:
            self.alive -= 1

    @contextmanager
    def request(self) -> Iterator[None]:
        """One request in its transaction, as @idempotent opens it."""
        with self.process(), transaction.atomic():
            yield
