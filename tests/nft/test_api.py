"""The API of drops, artists and editions: shapes, states, pages, one query whatever the size."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework import serializers
from rest_framework.test import APIClient

from catalog.models import Artist, Release
from contracts import fees
from core.ton.addresses import friendly
from nft.discovery_serializers import ArtistDetailSerializer
from nft.models import Collection
from nft.serializers import (
    DropDetailSerializer,
    DropSerializer,
    ItemSerializer,
)
from tests.catalog.people import person, wallet
from tests.nft.drops import HOUR, address, artist, live, mint, prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordlys() -> Artist:
    return artist()


def keys_match(serializer: serializers.Field[Any, Any, Any, Any], value: Any) -> None:
    """The value has exactly the schema's members, all the way down."""
    if isinstance(serializer, serializers.ListSerializer):
        assert isinstance(value, list)
        assert serializer.child is not None
        for one in value:
            keys_match(serializer.child, one)
    elif value is None and serializer.allow_null:
        return
    elif isinstance(serializer, serializers.Serializer):
        assert isinstance(value, Mapping)
        assert set(value) == set(serializer.fields)
        for name, field in serializer.fields.items():
            keys_match(field, value[name])
    elif isinstance(serializer, serializers.DateTimeField) and value is not None:
        assert datetime.fromisoformat(value).tzinfo is not None


def get(path: str, user: object = None, **query: str) -> Any:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)  # type: ignore[arg-type]
    response = client.get(f"/api/v1{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_drop_is_told_as_the_schema_says(nordlys: Artist) -> None:
    drop = live(nordlys, hub_quota=10)
    mint(drop, 3, address("fan"))
    page = get("/drops")
    assert page["next"] is None
    told = page["results"][0]
    keys_match(DropSerializer(), told)
    assert told["id"] == str(drop.pk)
    assert told["state"] == "live"
    assert told["address"] == friendly(drop.address)
    assert told["price"] == {"asset": "TON", "amount": "2500000000"}
    assert told["supply"] == {"minted": 3, "total": 100, "reserved": 10, "left": 87}
    assert told["release"]["artist"]["slug"] == "nordlys"
    assert told["release"]["cover"]["url"].startswith("/ipfs/b")


def test_a_drops_page_tells_tracks_and_cost(nordlys: Artist) -> None:
    drop = live(nordlys)
    told = get(f"/drops/{drop.pk}")
    keys_match(DropDetailSerializer(), told)
    track = told["release"]["tracks"][0]
    assert (track["title"], track["position"], len(track["waveform"])) == ("First Crossing", 1, 25)
    attach = fees.mint_cost(
        1, gift=False, referred=False, price=drop.price, platform_bps=drop.platform_bps
    )
    assert told["cost"]["attach"]["amount"] == str(attach)
    assert int(told["cost"]["network_reserve"]["amount"]) == attach - drop.price


def test_a_link_made_before_the_drop_finds_it_by_its_release(nordlys: Artist) -> None:
    drop = live(nordlys)
    assert get(f"/drops/{drop.release_id}")["id"] == str(drop.pk)


@pytest.mark.parametrize(
    ("changes", "minted", "paused", "state", "listed"),
    [
        ({}, 0, False, "live", "live"),
        ({}, 0, True, "paused", "live"),
        ({}, 100, False, "sold_out", "ended"),
        ({"hub_quota": 40}, 60, False, "sold_out", "ended"),
        ({"starts_at": timezone.now() + 9000 * HOUR}, 0, False, "upcoming", "upcoming"),
        ({"ends_at": timezone.now() - HOUR / 2}, 7, True, "ended", "ended"),
        ({"max_supply": 0, "ends_at": timezone.now() + 9000 * HOUR}, 7, False, "live", "live"),
    ],
)
def test_the_state_follows_from_terms_and_time(
    nordlys: Artist, changes: dict[str, Any], minted: int, paused: bool, state: str, listed: str
) -> None:
    drop = live(nordlys, **changes)
    Collection.objects.filter(pk=drop.pk).update(minted=minted, paused=paused)
    assert get("/drops")["results"][0]["state"] == state
    assert get(f"/drops/{drop.pk}")["state"] == state
    found = [name for name in ("live", "upcoming", "ended") if get("/drops", state=name)["results"]]
    assert found == [listed]


def test_what_was_recorded_outruns_what_was_last_read(nordlys: Artist) -> None:
    drop = live(nordlys)
    Collection.objects.filter(pk=drop.pk).update(minted=5)
    assert get("/drops")["results"][0]["supply"]["minted"] == 5
    mint(drop, 2, address("fan"), first=8)
    assert get("/drops")["results"][0]["supply"]["minted"] == 10


def test_hidden_artists_withdrawn_releases_and_undeployed_drops_are_not_shown(
    nordlys: Artist,
) -> None:
    waiting = prepared(nordlys, "Waiting")
    withdrawn = live(nordlys, "Withdrawn")
    Release.objects.filter(pk=withdrawn.release_id).update(state="withdrawn")
    other = artist("Hidden")
    hidden = live(other, "Hidden")
    Artist.objects.filter(pk=other.pk).update(status="hidden")
    assert get("/drops")["results"] == []
    client = Client()
    for drop in (waiting, withdrawn, hidden):
        assert client.get(f"/api/v1/drops/{drop.pk}").status_code == 404
    assert client.get("/api/v1/artists/hidden").status_code == 404
    assert [row["slug"] for row in get("/artists")["results"]] == ["nordlys"]


def test_pages_follow_each_other_without_gap_or_repeat(nordlys: Artist) -> None:
    start = timezone.now() - 99 * HOUR
    for number in range(7):  # pairs share a start: the id decides
        live(nordlys, f"Piece {number}", starts_at=start + (number // 2) * HOUR)
    whole = [drop["id"] for drop in get("/drops")["results"]]
    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get("/drops", limit="2", **cursor)
        walked += [drop["id"] for drop in page["results"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert walked == whole
    assert len(set(walked)) == 7


@pytest.mark.parametrize(
    "query", ["cursor=nonsense", "limit=0", "limit=101", "limit=x", "state=gone"]
)
def test_bad_parameters_are_told(query: str) -> None:
    response = Client().get(f"/api/v1/drops?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] in {"cursor_invalid", "limit_invalid", "state_invalid"}


def test_an_artists_page_has_only_his_drops(nordlys: Artist) -> None:
    live(nordlys)
    live(artist("Ночной Щегол"), "Зима")
    told = get("/artists/nochnoy-shchegol")
    keys_match(ArtistDetailSerializer(), told)
    assert [drop["release"]["title"] for drop in told["drops"]] == ["Зима"]
    assert [d["release"]["title"] for d in get("/drops", artist="nordlys")["results"]] == [
        "Harbour Lights"
    ]


def test_my_items_are_those_of_my_linked_wallets(nordlys: Artist) -> None:
    drop = live(nordlys)
    collector, stranger = person("collector"), person("stranger")
    wallet(collector, address("first"))
    second = wallet(collector, address("second"))
    now = timezone.now()
    mint(drop, 2, address("first"), at=now - HOUR)
    mint(drop, 1, address("second"), first=2, at=now)
    mint(drop, 1, address("someone"), first=3)
    told = get("/items", collector)["results"]
    for one in told:
        keys_match(ItemSerializer(), one)
    assert [one["edition"] for one in told] == [3, 2, 1]
    assert told[0]["name"] == "Harbour Lights #3 of 100"
    assert told[0]["owner"] == friendly(address("second"), bounceable=False)
    assert get("/items", stranger) == {"results": [], "next": None}
    second.revoked_at = now
    second.save()
    assert [one["edition"] for one in get("/items", collector)["results"]] == [2, 1]
    page = get("/items", collector, limit="1")
    assert [one["edition"] for one in get("/items", collector, cursor=page["next"])["results"]] == [
        1
    ]


def test_my_items_need_a_sign_in() -> None:
    assert Client().get("/api/v1/items").status_code == 401


def test_an_edition_is_public_in_either_form_of_its_address(nordlys: Artist) -> None:
    drop = live(nordlys)
    mint(drop, 1, address("fan"))
    raw = drop.items.get().address
    assert get(f"/items/{raw}") == get(f"/items/{friendly(raw)}")
    assert Client().get(f"/api/v1/items/{address('nothing')}").status_code == 404
    assert Client().get("/api/v1/items/nonsense").status_code == 404


def test_an_unchanged_list_is_304(nordlys: Artist) -> None:
    live(nordlys)
    client = Client()
    etag = client.get("/api/v1/drops")["ETag"]
    again = client.get("/api/v1/drops", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    Collection.objects.update(minted=1)
    assert client.get("/api/v1/drops", headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("count", [1, 6])
def test_queries_do_not_grow_with_the_number_of_rows(
    nordlys: Artist, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    collector = person("collector")
    wallet(collector, address("fan"))
    for number in range(count):
        drop = live(nordlys, f"Piece {number}")
        mint(drop, number + 1, address("fan"))
    item = drop.items.all()[0].address
    with django_assert_num_queries(1):
        assert len(get("/drops")["results"]) == count
    with django_assert_num_queries(2):
        get(f"/drops/{drop.pk}")
    with django_assert_num_queries(5):
        get("/artists/nordlys")
    with django_assert_num_queries(1):
        get("/artists")
    with django_assert_num_queries(2):
        get("/items", collector)
    with django_assert_num_queries(2):
        get(f"/items/{item}")


def test_times_are_utc_and_say_so(nordlys: Artist) -> None:
    drop = live(nordlys, ends_at=timezone.now() + HOUR)
    told = get(f"/drops/{drop.pk}")
    assert told["ends_at"].endswith("Z")
    assert told["server_time"].endswith("Z")
