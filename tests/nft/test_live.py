"""Who watches a drop hears of its supply; the tasks do what the beat asks."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.celery_app import beat_schedule
from core.live.topics import may_hear
from nft import tasks
from nft.services import publish_supply
from tests.nft.drops import address, artist, live, mint

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    events: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "core.live.topics._send", lambda topic, event: events.append((topic, event))
    )
    return events


def test_a_drops_supply_is_for_everyone_to_hear() -> None:
    assert may_hear(None, "drop:01a20579-5585-70a7-8cf6-f4a501d92652") == ""


def test_supply_is_told_after_the_commit(
    heard: list[tuple[str, str]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    drop = live(artist(), hub_quota=10)
    with django_capture_on_commit_callbacks(execute=True):
        mint(drop, 4, address("fan"))
        publish_supply(drop)
        assert heard == []
    ((topic, event),) = heard
    assert topic == f"drop:{drop.pk}"
    assert '"name":"drop.supply"' in event
    assert '"minted":4,"total":100,"reserved":10,"left":86,"state":"live"' in event


def test_the_beat_names_tasks_that_exist() -> None:
    ours = {name: entry for name, entry in beat_schedule().items() if name.startswith("nft-")}
    known: set[Any] = {
        tasks.collections_verify.name,
        tasks.terms_sweep.name,
        tasks.owners_sweep.name,
        tasks.transfers_sweep.name,
        tasks.floors_fetch.name,
        tasks.drops_tell.name,
    }
    assert {entry["task"] for entry in ours.values()} == known
