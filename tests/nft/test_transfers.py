"""Handing an edition on: the holder's wallet signs, the chain tells, the old holder hears less."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from core.ton.addresses import friendly
from nft import tasks
from nft.models import Collection, Item, Transfer
from nft.services import items_record
from tests import people
from tests.catalog.people import person, wallet
from tests.nft.conftest import Ton
from tests.nft.drops import address, artist, live, mint
from tests.nft.onchain import bought, deployed, handed_over, until

pytestmark = pytest.mark.django_db
NOBODY = "http://127.0.0.1:9/api/v2/"


@pytest.fixture
def drop(ton: Ton) -> Collection:
    return deployed(ton, artist())


@pytest.fixture
def edition(ton: Ton, drop: Collection) -> Item:
    """The fan's, on chain and in our records."""
    bought(ton, drop, 1)
    (item,) = items_record(
        collection=drop, first_index=0, quantity=1, owner=ton.fan.address, minted_at=timezone.now()
    )
    until(lambda: ton.client.is_active(item.address))
    return item


@pytest.fixture
def fan(ton: Ton) -> User:
    made = person("fan")
    wallet(made, ton.fan.address)
    return made


def asked(item: Item, user: User | None, to: str, status: int = 200) -> dict[str, Any]:
    path = f"/api/v1/items/{friendly(item.address)}/transfer"
    answer = people.api(user).post(path, {"to": to}, format="json")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def stands(transfer: str, user: User, status: int = 200) -> dict[str, Any]:
    Transfer.objects.update(looked_at=timezone.now() - timedelta(minutes=1))
    answer = people.api(user).get(f"/api/v1/transfers/{transfer}")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def access(item: Item, user: User) -> str:
    track = item.collection.release.tracks.get()
    return str(people.api(user).get(f"/api/v1/tracks/{track.pk}/stream").json()["access"])


def test_an_edition_goes_to_another_wallet_and_the_old_holder_hears_less(
    ton: Ton, edition: Item, fan: User
) -> None:
    friend = person("friend")
    wallet(friend, ton.artist.address)
    to = friendly(ton.artist.address, bounceable=False)
    told = asked(edition, fan, to)
    assert (told["state"], told["outgoing"], told["recipient"]) == ("open", True, to)
    assert told["transaction"]["from"] == ton.fan.address
    assert int(told["transaction"]["messages"][0]["amount"]) < 20_000_000  # a fiftieth of a coin
    again = asked(edition, fan, ton.artist.address)
    assert (again["id"], again["transaction"]) == (told["id"], told["transaction"])
    assert stands(told["id"], fan)["state"] == "open"
    assert access(edition, fan) == "full"

    ton.send(ton.fan, told["transaction"])
    until(lambda: stands(told["id"], fan)["state"] == "done")
    over = stands(told["id"], fan)
    assert (over["transaction"], over["item"]["owner"]) == (None, to)
    assert over["finished_at"]
    assert access(edition, fan) == "preview"
    assert access(edition, friend) == "full"
    for user, outgoing in ((fan, True), (friend, False)):
        (row,) = people.api(user).get("/api/v1/transfers").json()["results"]
        assert (row["id"], row["outgoing"]) == (told["id"], outgoing)
    stranger = person("stranger")
    assert people.api(stranger).get("/api/v1/transfers").json()["results"] == []
    stands(told["id"], stranger, 404)
    assert asked(edition, fan, ton.artist.address, 403)["code"] == "not_owner"


def test_only_its_holder_may_hand_an_edition_on(ton: Ton, edition: Item, fan: User) -> None:
    del fan
    stranger = person("stranger")
    assert asked(edition, stranger, address("friend"), 403)["code"] == "not_owner"
    wallet(stranger, address("stranger"))
    assert asked(edition, stranger, address("friend"), 403)["code"] == "not_owner"
    asked(edition, None, address("friend"), 401)
    assert not Transfer.objects.exists()


def test_nothing_is_sent_where_it_would_be_lost(
    ton: Ton, edition: Item, fan: User, settings: LazySettings
) -> None:
    lost = {
        "itself": edition.address,
        "its collection": edition.collection.address,
        "the hub": settings.TON_HUB_ADDRESS,
        "where it is": ton.fan.address,
        "nobody": "0:" + "0" * 64,
        "the masterchain": "-1:" + "5" * 64,
        "no address": "vera.ton",
        "one wrong letter": friendly(address("friend"))[:-1] + "A",
    }
    for what, to in lost.items():
        assert asked(edition, fan, to, 400)["code"] == "address_invalid", what
    settings.TON_NETWORK = "mainnet"
    assert (
        "test-only" in asked(edition, fan, friendly(address("friend"), testnet=True), 400)["detail"]
    )
    assert not Transfer.objects.exists()


def test_one_that_nobody_signs_runs_out_and_one_sent_elsewhere_says_so(
    ton: Ton, edition: Item, fan: User
) -> None:
    unsigned = asked(edition, fan, address("friend"))
    long_ago = timezone.now() - timedelta(hours=1)
    Transfer.objects.update(valid_until=long_ago, looked_at=long_ago)
    assert tasks.transfers_sweep() == 1
    assert stands(unsigned["id"], fan)["state"] == "expired"

    second = asked(edition, fan, address("friend"))
    assert second["id"] != unsigned["id"]
    handed_over(ton, edition, ton.fan, ton.artist)
    until(lambda: stands(second["id"], fan)["state"] == "elsewhere")
    assert tasks.transfers_sweep() == 0


def test_while_the_chain_is_silent_nothing_is_promised(settings: LazySettings) -> None:
    settings.TON_ENDPOINTS = [NOBODY]
    fan = person("fan")
    wallet(fan, address("fan"))
    drop = live(artist())
    mint(drop, 1, address("fan"))
    item = drop.items.get()
    assert asked(item, fan, address("friend"), 503)["code"] == "chain_unavailable"
    assert not Transfer.objects.exists()

    now = timezone.now()
    waiting = Transfer.objects.create(
        item=item, user=fan, sender=address("fan"), recipient=address("friend"), amount=1,
        created_at=now, valid_until=now - timedelta(hours=1), looked_at=now,
    )  # fmt: skip
    assert stands(str(waiting.pk), fan)["state"] == "open"
