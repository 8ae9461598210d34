"""Killed at any step of a receipt, the follower ends where it would have ended: once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from core.ton import handling
from core.ton.follower import Follower
from core.ton.handling import HandlerFailed, handle_next
from core.ton.models import ChainCursor, ChainTransaction
from core.ton.sources import QuorumReader
from nft.models import Item
from payments import ledger
from payments.models import LedgerEntry, Leg, Order, PaymentAttempt, PaymentEvent
from payments.services import sales
from tests.payments.chain import Source
from tests.payments.conftest import PRICE, Shop

# Every call that a sale makes, in order; it dies after each, and before the first.
STEPS = [
    "_match",
    "events.save",
    "audit.record",
    "_confirm",
    "ledger.post",
    "_post",
    "nft_services.items_record",
    "announce.order_changed",
    "nft_services.publish_supply",
]
BOUNDARIES = ["loaded", "effect", "moved", "committed"]


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def stored(shop: Shop) -> None:
    """The receipt is read, but not handled."""
    ChainCursor.objects.get_or_create(pk=shop.hub)
    Follower(shop.hub, QuorumReader([Source(shop.world)], 1)).read()
    handle_next(shop.hub)  # the hub's own deployment


def facts() -> dict[str, Any]:
    return {
        "orders": list(Order.objects.values_list("state", "origin", "first_index")),
        "attempts": list(PaymentAttempt.objects.values_list("state", "paid")),
        "events": PaymentEvent.objects.count(),
        "entries": LedgerEntry.objects.count(),
        "legs": sorted(Leg.objects.values_list("account__kind", "amount")),
        "items": list(Item.objects.order_by("index").values_list("index", "owner")),
        "states": list(ChainTransaction.objects.order_by("lt").values_list("state", flat=True)),
    }


def dying(monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException) -> None:
    """Let the step do its work, and die before anything else happens."""
    *path, name = step.split(".")
    owner: Any = sales
    for part in path:
        owner = getattr(owner, part)
    original: Callable[..., Any] = getattr(owner, name)

    def run_and_die(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise error

    monkeypatch.setattr(owner, name, run_and_die)


def ordered_and_paid(shop: Shop) -> None:
    order = shop.order(shop.drop(), 2)
    shop.pay(order)
    stored(shop)


def ended_once(order_count: int = 1) -> None:
    found = facts()
    assert found["orders"] == [("fulfilled", "shop", 0)] * order_count
    assert found["attempts"] == [("confirmed", 2 * PRICE)]
    assert (found["events"], found["entries"], len(found["legs"])) == (5, 1, 5)
    assert [index for index, _ in found["items"]] == [0, 1]
    assert found["states"] == ["ignored", "handled"]
    assert ledger.imbalance() == {"TON": 0}


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS)
def test_an_error_at_any_step_leaves_nothing_and_is_made_good(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ordered_and_paid(shop)
    before = facts()
    with monkeypatch.context() as patch:
        dying(patch, step, RuntimeError(step))
        with pytest.raises(HandlerFailed):
            handle_next(shop.hub)
    assert facts() == before
    handle_next(shop.hub)
    assert handle_next(shop.hub) is None
    ended_once()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS[::3])
def test_killed_at_a_step_and_started_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ordered_and_paid(shop)
    before = facts()
    with monkeypatch.context() as patch:
        dying(patch, step, Killed(step))
        with pytest.raises(Killed):
            handle_next(shop.hub)
    assert facts() == before
    handle_next(shop.hub)
    ended_once()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_killed_at_any_boundary_of_the_follower(shop: Shop, boundary: str) -> None:
    ordered_and_paid(shop)

    def die(point: str) -> None:
        if point == boundary:
            raise Killed(point)

    with pytest.raises(Killed):
        handle_next(shop.hub, die)
    handle_next(shop.hub)
    assert handle_next(shop.hub) is None
    ended_once()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["events.save", "ledger.post", "nft_services.items_record"])
def test_a_process_that_is_killed_leaves_nothing_behind(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A real SIGKILL to a real process with a connection of its own."""
    ordered_and_paid(shop)
    before = facts()
    connections.close_all()
    child = os.fork()
    if child == 0:
        *path, name = step.split(".")
        owner: Any = sales
        for part in path:
            owner = getattr(owner, part)
        original = getattr(owner, name)

        def run_and_die(*args: Any, **kwargs: Any) -> None:
            original(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(owner, name, run_and_die)
        try:
            handle_next(shop.hub)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert facts() == before
    handle_next(shop.hub)
    ended_once()


@pytest.mark.django_db(transaction=True)
def test_two_followers_at_once_record_one_sale(shop: Shop) -> None:
    ordered_and_paid(shop)
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        try:
            handle_next(shop.hub)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended_once()


def test_the_boundaries_are_those_of_the_follower() -> None:
    source = handling.handle_next.__code__.co_consts
    assert set(BOUNDARIES) <= {text for text in source if isinstance(text, str)}
