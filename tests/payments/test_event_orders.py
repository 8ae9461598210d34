"""Whatever a provider tells, in whichever order and how often: the end is the same.

Two ways of telling are tried of every story. `final`: all has happened, then every order of its
events is told, each once more at the end. `as_it_goes`: after each thing that happens its events
come at once or only at the end, backwards. Besides events a story has our own chores (a refund that
is tried again, the end of the order's time), which fall in between like any event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import Any

import pytest

from core.inbox.models import InboxEvent
from deploy.local.sandbox.frame import Delivery
from tests.payments.off_chain import balanced, refresh
from tests.payments.stories import MOST, STORIES, Scene, Step, Story, paid, place, undone

pytestmark = pytest.mark.django_db
__all__ = ["place"]  # fixture


@pytest.mark.parametrize("name", STORIES)
def test_the_end_is_the_same(place: Any, name: str) -> None:
    story, scene = STORIES[name], place(name.partition(" ")[0])
    if story.confirmed_first:
        paid(scene.box, scene.attempt)
        refresh(scene.attempt)
        scene.attempt.refresh_from_db()
    ends = [*_final(story, scene), *_as_it_goes(story, scene)]
    assert len(ends) > 3
    assert {str(end) for end, _ in ends} == {str(story.ends)}
    assert len({str(books) for _, books in ends}) == 1
    assert InboxEvent.objects.count() == 0  # nothing of one telling was left for the next


def _final(story: Story, scene: Scene) -> Iterator[tuple[Any, Any]]:
    """All has happened; then all orders of its events, and the first one once more."""
    with undone(scene.box):
        before = len(scene.box.events)
        for happens in story.happens:
            happens(scene.box, scene.attempt)
        events = scene.box.events[before:]
        steps: list[Step] = [
            *(lambda event=event: scene.tell(event) for event in events),
            *(lambda chore=chore: chore(scene.attempt) for chore in story.chores),
        ]
        for order in _orders(steps):
            with undone(scene.box):
                for step in (*order, order[0], order[-1]):
                    step()
                scene.quiet()
                assert balanced()
                yield scene.end(), scene.books()


def _orders(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """All of them up to three steps; of more an even share, about MOST."""
    every = list(permutations(steps))
    return every if len(every) <= MOST else every[:: len(every) // MOST]


def _as_it_goes(story: Story, scene: Scene) -> Iterator[tuple[Any, Any]]:
    """Each event at once (twice), or held back until the end; the chores come in between."""
    for at_once in product((True, False), repeat=len(story.happens)):
        with undone(scene.box):
            held: list[Delivery] = []
            for happens, now in zip(story.happens, at_once, strict=True):
                before = len(scene.box.events)
                happens(scene.box, scene.attempt)
                events = scene.box.events[before:]
                if not now:
                    held += events
                    continue
                for event in events * 2:
                    scene.tell(event)
            for chore in story.chores:
                chore(scene.attempt)
            for event in reversed(held):
                scene.tell(event)
            scene.quiet()
            assert balanced()
            yield scene.end(), scene.books()
