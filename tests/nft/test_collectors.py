"""Who holds what: the leaders of a drop and of an artist, and an edition's certificate."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Preferences, User
from catalog.models import Release
from contracts import codes
from core.ton.addresses import friendly
from nft.models import Collection
from nft.serializers import CertificateSerializer, CollectorsSerializer
from nft.services import items_record
from tests import people
from tests.catalog.people import person, wallet
from tests.nft.conftest import Ton
from tests.nft.drops import address, artist, live, mint
from tests.nft.onchain import bought, deployed, handed_over, until
from tests.nft.test_api import get, keys_match

pytestmark = pytest.mark.django_db
NOBODY = "http://127.0.0.1:9/api/v2/"


def short(raw: str) -> str:
    text = friendly(raw, bounceable=False)
    return f"{text[:6]}…{text[-6:]}"


def rows(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys_match(CollectorsSerializer(), answer)
    return [
        (one["place"], one["name"] or one["wallet"], one["editions"], one["first_edition"])
        for one in answer["results"]
    ]


@pytest.fixture
def drop() -> Collection:
    """Vera holds No. 1, 2 and 6 in two wallets, a stranger 3 to 5, and Lena No. 7."""
    made = live(artist())
    vera, lena = person("vera"), person("lena")
    for name in ("vera", "vera's second"):
        wallet(vera, address(name))
    wallet(lena, address("lena"))
    for owner, first, quantity in (
        ("vera", 0, 2), ("stranger", 2, 3), ("vera's second", 5, 1), ("lena", 6, 1),
    ):  # fmt: skip
        mint(made, quantity, address(owner), first=first)
    return made


def test_leaders_stand_by_name_or_by_wallet(drop: Collection) -> None:
    answer = get(f"/drops/{drop.pk}/collectors")
    assert answer["collectors"] == 3
    assert rows(answer) == [
        (1, "Vera", 3, 1), (2, short(address("stranger")), 3, 3), (3, "Lena", 1, 7),
    ]  # fmt: skip


def test_who_does_not_want_to_be_shown_is_not_even_one_person(drop: Collection) -> None:
    Preferences.objects.create(user=User.objects.get(login="vera"), shown=False)
    answer = get(f"/drops/{drop.pk}/collectors")
    assert answer["collectors"] == 4
    assert "Vera" not in str(answer)
    assert [row[1:] for row in rows(answer)] == [
        (short(address("stranger")), 3, 3),
        (short(address("vera")), 2, 1),
        (short(address("vera's second")), 1, 6),
        ("Lena", 1, 7),
    ]


def test_leaders_come_in_pages(drop: Collection) -> None:
    first = get(f"/drops/{drop.pk}/collectors", limit="2")
    rest = get(f"/drops/{drop.pk}/collectors", limit="2", cursor=first["next"])
    assert [*rows(first), *rows(rest)] == rows(get(f"/drops/{drop.pk}/collectors"))
    assert (first["collectors"], rest["collectors"], rest["next"]) == (3, 3, None)


def test_an_artists_leaders_are_those_of_all_his_drops(drop: Collection) -> None:
    second = live(drop.release.artist, "Night Train")
    mint(second, 4, address("lena"))
    hidden = live(drop.release.artist, "Withdrawn")
    mint(hidden, 9, address("stranger"))
    Release.objects.filter(pk=hidden.release_id).update(state="withdrawn")
    assert rows(get("/artists/nordlys/collectors"))[0] == (1, "Lena", 5, 1)
    client = people.api()
    assert client.get(f"/api/v1/drops/{hidden.pk}/collectors").status_code == 404
    assert client.get("/api/v1/artists/nobody/collectors").status_code == 404


def test_a_drop_that_nobody_holds_yet_has_no_leaders() -> None:
    drop = live(artist())
    answer = get(f"/drops/{drop.pk}/collectors")
    assert (answer["collectors"], answer["results"], answer["next"]) == (0, [], None)


def test_a_certificate_says_what_the_chain_says_now(ton: Ton) -> None:
    drop = deployed(ton, artist())
    bought(ton, drop, 1)
    (edition,) = items_record(
        collection=drop, first_index=0, quantity=1, owner="", minted_at=timezone.now()
    )
    until(lambda: ton.client.is_active(edition.address))
    path = f"/items/{friendly(edition.address)}/certificate"
    told = get(path)
    keys_match(CertificateSerializer(), told)
    assert told["owner"] == friendly(ton.fan.address, bounceable=False)
    assert (told["owner_live"], told["network"]) == (True, "local")
    assert told["code_hash"] == told["code_expected"] == codes.code_hash("item")
    edition.refresh_from_db()
    assert edition.owner == ton.fan.address  # what was read is also recorded

    handed_over(ton, edition, ton.fan, ton.artist)
    until(
        lambda: (
            cache.delete(f"certificate:{edition.address}") or get(path)["owner"] != told["owner"]
        )
    )
    assert get(path)["owner"] == friendly(ton.artist.address, bounceable=False)


def test_a_certificate_names_its_files_and_opens_those_that_are_open(
    settings: LazySettings,
) -> None:
    settings.TON_ENDPOINTS = [NOBODY]
    settings.MARKET_URL = "https://market.example/{collection}/{item}"
    drop = live(artist())
    mint(drop, 1, address("fan"))
    item = drop.items.get()
    path = f"/items/{friendly(item.address)}/certificate"
    told = get(path)
    keys_match(CertificateSerializer(), told)
    assert (told["owner_live"], told["code_hash"]) == (False, None)
    assert told["owner"] == friendly(address("fan"), bounceable=False)
    kinds = [(one["kind"], one["url"] is not None, one["encrypted"]) for one in told["files"]]
    assert kinds == [
        ("metadata", True, False), ("cover", True, False),
        ("preview", True, False), ("master", False, True),
    ]  # fmt: skip
    assert told["files"][0]["profile"] == {
        "name": "unixfs-v1-262144-174", "chunk": 262_144, "width": 174,
    }  # fmt: skip
    places = (friendly(drop.address), friendly(item.address))
    assert told["market_url"] == "https://market.example/{}/{}".format(*places)
    Release.objects.update(state="withdrawn")
    assert {one["url"] for one in get(path)["files"]} == {None}
    assert people.api().get(f"/api/v1/items/{address('none')}/certificate").status_code == 404
