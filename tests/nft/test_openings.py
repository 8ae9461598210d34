"""What the Mini App's page brings along for its first screen."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from nft.discovery import SOON
from tests import people
from tests.nft.drops import HOUR, artist, live

pytestmark = pytest.mark.django_db
BROUGHT = re.compile(
    r'<script id="tonality-opening" type="application/json">(.*?)</script>', re.DOTALL
)
NOBODY = UUID(int=7)
PRELOADED = re.compile(r'<link rel="preload" as="image" [^>]*imagesrcset="/covers/([^/]+)/')


def page(path: str) -> str:
    return Client().get(f"/app/{path}").content.decode()


def brought(path: str) -> dict[str, Any]:
    found = BROUGHT.search(page(path))
    assert found
    told: dict[str, Any] = json.loads(found[1])["known"]
    return told


@pytest.mark.parametrize(
    ("path", "queries"), [("", 2), ("drops/{drop}", 2), ("library", 0), ("artists/nordlys", 0)]
)
def test_it_costs_what_the_answer_costs(
    path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    drop = live(artist(), "Rain")
    with django_assert_num_queries(queries):
        page(path.format(drop=drop.pk))


@pytest.mark.parametrize("kind", ["drops", "releases", "tracks"])
def test_it_is_what_a_guest_is_told(kind: str) -> None:
    drop = live(artist(), "Rain </script><b>")
    of = {
        "drops": drop.pk, "releases": drop.release_id, "tracks": drop.release.tracks.get().pk,
    }[kind]  # fmt: skip
    answer = people.api().get(f"/api/v1/{kind}/{of}").json()
    assert brought(f"{kind}/{of}") == {f"{kind[:-1]}:{of}": answer | _moment(answer)}
    assert "</script><b>" not in page(f"{kind}/{of}")


def _moment(answer: dict[str, Any]) -> dict[str, Any]:
    return {"server_time": ANY} if "server_time" in answer else {}


def test_home_begins_with_what_opens_soon_and_preloads_its_cover() -> None:
    fresh = live(artist(), "Fresh")
    late = live(artist("Other"), "Late", starts_at=timezone.now() + SOON + timedelta(hours=1))
    assert brought("") == {"home": people.api().get("/api/v1/home").json()}
    assert brought("")["home"]["hero"] == str(fresh.pk)
    soon = live(artist("Third"), "Soon", starts_at=timezone.now() + HOUR)
    assert brought("")["home"]["hero"] == str(soon.pk)
    cover = soon.release.cover
    assert cover is not None
    assert PRELOADED.findall(page("")) == [cover.cid]
    assert late.pk != soon.pk


@pytest.mark.parametrize("path", ["drops/7", f"drops/{NOBODY}", "library", "tracks", "no/x"])
def test_an_address_of_nothing_brings_nothing(path: str) -> None:
    assert brought(path) == {}
    assert PRELOADED.findall(page(path)) == []
