"""Drops on a real chain: prepared, deployed by the artist's wallet, found, sold, owned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytoniq_core import begin_cell
from pytoniq_core.boc.address import Address

from catalog.models import Artist
from contracts import collection as contract
from contracts import item, opcodes
from core.errors import ApplicationError
from core.models import AuditRecord
from core.ton.addresses import raw
from core.ton.connect import Message, transaction
from core.ton.follower import Inbound
from core.ton.models import ChainTransaction
from deploy.local.ton.wallet import Outgoing
from nft import services, tasks
from nft.chain import gift_receipt
from nft.models import Collection, Item
from nft.services.supply import sale_read
from tests.catalog.people import person, published
from tests.nft.conftest import Ton
from tests.nft.drops import COIN, HOUR, address, artist, live, prepared, terms
from tests.nft.onchain import bought, deployed, handed_over, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordlys() -> Artist:
    return artist()


def test_a_prepared_drop_is_live_once_its_contract_is_seen(ton: Ton, nordlys: Artist) -> None:
    drop = prepared(nordlys, owner=ton.artist.address)
    assert services.collection_verify(collection=drop).state == Collection.State.PREPARED
    ton.send(ton.artist, services.collection_deploy_transaction(collection=drop))
    until(lambda: ton.client.is_active(drop.address))
    seen = services.collection_verify(collection=drop)
    assert (seen.state, seen.minted, seen.price) == (Collection.State.LIVE, 0, drop.price)
    assert seen.terms_read_at is not None
    assert AuditRecord.objects.filter(action="nft.collection_live").count() == 1
    assert services.collection_verify(collection=seen).state == Collection.State.LIVE
    assert AuditRecord.objects.filter(action="nft.collection_live").count() == 1


def test_the_beat_finds_what_was_deployed(ton: Ton, nordlys: Artist) -> None:
    drop = deployed(ton, nordlys)
    prepared(nordlys, "Never deployed")
    assert tasks.collections_verify() == 1
    drop.refresh_from_db()
    assert drop.state == Collection.State.LIVE


def test_a_contract_that_was_deployed_without_its_first_message_waits(
    ton: Ton, nordlys: Artist
) -> None:
    drop = prepared(nordlys, owner=ton.artist.address)
    request = services.collection_deploy_transaction(collection=drop)
    del request["messages"][0]["payload"]
    ton.send(ton.artist, request)
    until(lambda: ton.client.balance(drop.address) > 0 or not ton.client.is_active(drop.address))
    assert services.collection_verify(collection=drop).state == Collection.State.PREPARED


def test_foreign_code_at_the_address_is_rejected(ton: Ton, nordlys: Artist) -> None:
    drop = prepared(nordlys, owner=ton.artist.address)
    init = item.state_init(item.ItemParams(Address(ton.fan.address), 1)).serialize()
    foreign = "0:" + init.hash.hex()
    ton.fan.transfer(ton.client, [Outgoing(foreign, COIN, state_init=init, bounce=False)])
    until(lambda: ton.client.balance(foreign) > 0)
    Collection.objects.filter(pk=drop.pk).update(address=ton.hub)
    drop.refresh_from_db()
    seen = services.collection_verify(collection=drop)
    assert seen.state == Collection.State.REJECTED
    assert seen.rejected_reason == "other code at the address"
    assert seen.live_at is None


@pytest.mark.parametrize("change", [{"platform_bps": 1}, {"price": 1}, {"max_supply": 9999}])
def test_a_row_whose_terms_are_not_the_contracts_is_rejected(
    ton: Ton, nordlys: Artist, change: dict[str, int]
) -> None:
    drop = deployed(ton, nordlys)
    Collection.objects.filter(pk=drop.pk).update(**change)
    drop.refresh_from_db()
    seen = services.collection_verify(collection=drop)
    assert seen.state == Collection.State.REJECTED
    assert seen.rejected_reason == "the parameters give another address"


def test_an_artist_who_pays_another_hub_is_rejected(ton: Ton, nordlys: Artist) -> None:
    """A collection of our code, but not the one that we prepared."""
    drop = prepared(nordlys, owner=ton.artist.address)
    other = deployed(ton, artist("Other"), "Other")
    Collection.objects.filter(pk=other.pk).delete()
    Collection.objects.filter(pk=drop.pk).update(address=other.address)
    drop.refresh_from_db()
    assert services.collection_verify(collection=drop).state == Collection.State.REJECTED


def test_terms_follow_the_chain_and_are_not_asked_for_twice(ton: Ton, nordlys: Artist) -> None:
    drop = services.collection_verify(collection=deployed(ton, nordlys))
    bought(ton, drop, 3)
    assert services.terms_refresh(collection=drop).minted == 0  # read a moment ago
    drop = services.terms_refresh(collection=drop, max_age=timedelta(0))
    assert drop.minted == 3
    body = contract.set_sale_body(
        price=9 * COIN,
        max_supply=50,
        hub_quota=5,
        max_per_buy=2,
        starts_at=int(drop.starts_at.timestamp()),
        paused=True,
    )
    message = Message(drop.address, COIN // 10, payload=body)
    ton.send(ton.artist, transaction(2**31, [message]))
    until(lambda: sale_read(drop.address).paused)
    drop = services.terms_refresh(collection=drop, max_age=timedelta(0))
    assert (drop.price, drop.max_supply, drop.hub_quota, drop.paused) == (9 * COIN, 50, 5, True)
    assert (drop.max_per_buy, drop.minted) == (2, 3)


def test_recorded_editions_are_those_on_chain(ton: Ton, nordlys: Artist) -> None:
    drop = services.collection_verify(collection=deployed(ton, nordlys))
    bought(ton, drop, 2)

    def record() -> list[Item]:
        return services.items_record(
            collection=drop,
            first_index=0,
            quantity=2,
            owner=address("wrong"),
            minted_at=timezone.now() - HOUR,
        )

    first = record()
    assert record() == first
    assert Item.objects.count() == 2
    until(lambda: ton.client.is_active(first[1].address))
    assert services.items_owner_refresh(items=first) == 2
    assert {row.owner for row in Item.objects.all()} == {ton.fan.address}


def test_an_owner_who_changed_is_found_by_the_sweep(ton: Ton, nordlys: Artist) -> None:
    drop = services.collection_verify(collection=deployed(ton, nordlys))
    bought(ton, drop, 1)
    old = timezone.now() - timedelta(days=2)
    (mine,) = services.items_record(
        collection=drop, first_index=0, quantity=1, owner=ton.fan.address, minted_at=old
    )
    handed_over(ton, mine, ton.fan, ton.artist)
    until(lambda: tasks.owners_sweep() == 1 or _aged(mine, old))
    mine.refresh_from_db()
    assert mine.owner == ton.artist.address
    assert mine.acquired_at > old


def _aged(mine: Item, old: datetime) -> bool:
    Item.objects.filter(pk=mine.pk).update(owner_read_at=old)
    return False


def _gift(drop: Collection, source: str = "") -> Inbound:
    body = begin_cell().store_uint(5, 64).store_uint(4, 32).store_uint(2, 16).end_cell()
    return Inbound(
        transaction=ChainTransaction(),
        account=drop.hub,
        source=source or drop.address,
        value=COIN,
        fees=0,
        op=opcodes.GIFT_RECEIPT,
        body=body.begin_parse(),
        bounced=False,
        lt=1,
        utime=int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()),
        hash="00" * 32,
        compute_exit=0,
        success=True,
    )


def test_the_artists_own_copies_are_recorded_without_an_owner(nordlys: Artist) -> None:
    drop = live(nordlys)
    assert gift_receipt(_gift(drop)).state == ChainTransaction.State.HANDLED
    assert [(row.index, row.owner) for row in Item.objects.order_by("index")] == [(4, ""), (5, "")]


def test_a_gift_of_an_unverified_drop_is_parked_and_of_a_stranger_ignored(nordlys: Artist) -> None:
    drop = prepared(nordlys)
    assert gift_receipt(_gift(drop)).state == ChainTransaction.State.PARKED
    assert gift_receipt(_gift(drop, address("x"))).state == ChainTransaction.State.IGNORED
    assert not Item.objects.exists()


def test_a_stranger_prepares_no_drop_of_mine(nordlys: Artist) -> None:
    release = published(nordlys)
    with pytest.raises(ApplicationError, match="not_your_artist"):
        services.collection_prepare(actor=person("stranger"), release=release, terms=terms())
    assert not Collection.objects.exists()


def test_the_same_terms_are_the_same_drop_and_others_need_an_end_of_these(
    nordlys: Artist,
) -> None:
    release, wanted = published(nordlys), terms()
    first = services.collection_prepare(actor=nordlys.owner, release=release, terms=wanted)
    assert first == services.collection_prepare(actor=nordlys.owner, release=release, terms=wanted)
    with pytest.raises(ApplicationError, match="drop_exists"):
        services.collection_prepare(actor=nordlys.owner, release=release, terms=terms(price=COIN))
    with pytest.raises(ApplicationError, match="not_your_artist"):
        services.collection_abandon(actor=person("stranger"), collection=first)
    services.collection_abandon(actor=nordlys.owner, collection=first, reason="typo")
    second = services.collection_prepare(
        actor=nordlys.owner, release=release, terms=terms(price=COIN)
    )
    assert second.address != first.address
    first.refresh_from_db()
    assert first.state == Collection.State.ABANDONED


@pytest.mark.parametrize(
    "change",
    [
        {"price": 0},
        {"price": 2**63},
        {"royalty_bps": 5001},
        {"max_supply": -1},
        {"max_supply": 0},
        {"max_per_buy": 201},
        {"max_per_buy": 0},
        {"hub_quota": 101},
        {"ends_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"owner": "-1:" + "00" * 32},
        {"owner": "nobody"},
        {"payout": "EQ"},
    ],
)
def test_terms_that_the_contract_or_the_shop_refuses(
    nordlys: Artist, change: dict[str, object]
) -> None:
    release = published(nordlys)
    with pytest.raises(ApplicationError, match="terms_invalid"):
        services.collection_prepare(actor=nordlys.owner, release=release, terms=terms(**change))
    assert not Collection.objects.exists()


def test_an_address_is_made_of_every_term(nordlys: Artist) -> None:
    drop = prepared(nordlys)
    assert raw(Address(drop.address)) == drop.address
    assert drop.platform_bps == 1000
    assert drop.hub == "0:" + "11" * 32
