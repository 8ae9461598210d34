"""Drops and releases on the desk: pages open, lists cost the same however long, actions work."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from catalog.media.models import Asset
from catalog.models import Artist, Release, Track
from core.models import AuditRecord
from nft.models import Collection, Item
from tests.catalog.people import staff
from tests.nft.drops import address, artist, live, mint, prepared
from tests.people import desk

pytestmark = pytest.mark.django_db
MODELS = (Artist, Release, Track, Asset, Collection, Item)


@pytest.fixture
def nordlys() -> Artist:
    return artist()


@pytest.fixture
def admin_client() -> Client:
    return desk(User.objects.create_superuser("admin"))


def _list(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_open_and_search(
    model: type[Artist], nordlys: Artist, admin_client: Client
) -> None:
    mint(live(nordlys), 2, address("fan"))
    path = _list(model)
    assert admin_client.get(path).status_code == 200
    assert admin_client.get(path, {"q": "harbour"}).status_code == 200
    row = model._default_manager.first()
    assert row is not None
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    page = admin_client.get(reverse(name, args=[row.pk]))
    assert page.status_code == 200
    assert " style=" not in page.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_a_longer_list_costs_no_more_queries(
    model: type[Artist], nordlys: Artist, admin_client: Client
) -> None:
    mint(live(nordlys), 1, address("fan"))
    _queries(admin_client, _list(model))
    one = _queries(admin_client, _list(model))
    for number in range(3):
        mint(live(artist(f"Other {number}"), f"Piece {number}"), 2, address("fan"))
    assert _queries(admin_client, _list(model)) == one


def test_a_moderator_verifies_and_hides_and_finance_does_not(nordlys: Artist) -> None:
    for role in ("finance", "moderator"):
        user = staff(role)
        user.groups.set([Group.objects.get(name=role)])
        client = desk(user)
        for action in ("verify", "hide"):
            client.post(_list(Artist), {"action": action, "_selected_action": [str(nordlys.pk)]})
        nordlys.refresh_from_db()
        changed = (nordlys.verified_at is not None, nordlys.status)
        assert changed == ((True, "hidden") if role == "moderator" else (False, "active"))
    actions = set(AuditRecord.objects.values_list("action", flat=True))
    assert {"catalog.artist_verify", "catalog.artist_status_set"} <= actions


def test_withdrawing_a_release_keeps_its_drop(nordlys: Artist, admin_client: Client) -> None:
    drop = live(nordlys)
    admin_client.post(
        _list(Release), {"action": "withdraw", "_selected_action": [str(drop.release_id)]}
    )
    drop.refresh_from_db()
    assert (drop.release.state, drop.state) == ("withdrawn", "live")


def test_nobody_writes_drops_by_hand(nordlys: Artist, admin_client: Client) -> None:
    drop = prepared(nordlys)
    page = reverse("admin:nft_collection_change", args=[drop.pk])
    assert admin_client.post(page, {"price": "1"}).status_code == 403
    assert admin_client.get(reverse("admin:nft_collection_add")).status_code == 403
    drop.refresh_from_db()
    assert drop.price == 2_500_000_000
