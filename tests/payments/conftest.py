"""A shop with one drop on a chain of its own, and the people who come by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytoniq_core import Address
from rest_framework.test import APIClient

from accounts.models import Session, User, Wallet
from accounts.services import session_open
from catalog.media.models import Asset
from catalog.models import Artist, Release
from contracts import codes
from contracts import collection as contract
from contracts.collection import CollectionParams
from contracts.metadata import EditionContent, release_content
from core.ton import sources
from core.ton.addresses import raw
from core.ton.follower import Follower
from core.ton.models import ChainCursor, ChainTransaction
from core.ton.sources import QuorumReader
from nft.models import Collection
from payments.models import Order, PaymentAttempt
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from tests import people
from tests.payments.chain import COIN, Source, World, wallet

PRICE = 5 * COIN // 2
FAN, GIFTED, STRANGER, ARTIST, REFERRER = (wallet(0xFA00 + number) for number in range(5))
_numbers = count(1)


@dataclass
class Shop:
    """What the tests say in one line."""

    world: World
    fan: User
    stranger: User
    artist: Artist
    params: dict[Any, CollectionParams] = field(default_factory=dict)

    @property
    def hub(self) -> str:
        return raw(self.world.hub)

    def drop(self, *, live: bool = True, deploy: bool = True, **terms: Any) -> Collection:
        """A drop of one release; its terms are those of CollectionParams."""
        now = self.world.sandbox.now
        number = next(_numbers)
        params = CollectionParams(
            **{
                "release_id": number,
                "owner": ARTIST,
                "payout": ARTIST,
                "hub": self.world.hub,
                "content": release_content("ipfs://x", EditionContent("Night", "ipfs://x", "")),
                "price": PRICE,
                "max_supply": 100,
                "max_per_buy": 10,
                "starts_at": now - 3600,
                "platform_bps": 1000,
                "royalty_numerator": 500,
                **terms,
            }
        )
        if deploy:
            self.world.deploy(params)
        row = Collection.objects.create(
            release=_release(self.artist, number),
            chain_id=number,
            address=raw(contract.address(params)),
            owner=raw(params.owner),
            payout=raw(params.payout),
            hub=self.hub,
            code_hash=codes.code_hash("collection"),
            state_init=contract.state_init(params).serialize().to_boc(),
            platform_bps=params.platform_bps,
            royalty_bps=params.royalty_numerator,
            state=Collection.State.LIVE if live else Collection.State.PREPARED,
            live_at=timezone.now() if live else None,
            price=params.price,
            max_supply=params.max_supply,
            max_per_buy=params.max_per_buy,
            hub_quota=params.hub_quota,
            starts_at=datetime.fromtimestamp(params.starts_at, UTC),
            ends_at=datetime.fromtimestamp(params.ends_at, UTC) if params.ends_at else None,
        )
        self.params[row.pk] = params
        return row

    def order(self, drop: Collection, quantity: int = 1, **options: Any) -> Order:
        """An order of the fan's, as the API makes it."""
        buyer = Buyer(options.pop("user", self.fan), "telegram", wallet=options.pop("wallet", None))
        order, _ = order_create(
            buyer=buyer,
            collection=drop_quote(drop_id=drop.pk),
            quantity=quantity,
            method="ton",
            **options,
        )
        return order

    def attempt(self, order: Order) -> PaymentAttempt:
        return order.attempts.latest("id")

    def pay(self, order: Order, sender: Address = FAN) -> Any:
        """Sign and send exactly what the order's newest attempt handed out."""
        return self.world.connect(self.attempt(order).handoff["transaction"], sender)

    def buy(
        self, drop: Collection, value: int | None = None, sender: Address = FAN, **body: Any
    ) -> Any:
        """Write to the contract past the shop."""
        params = self.params[drop.pk]
        body = {"query_id": 0, "quantity": 1, "max_unit_price": params.price, **body}
        attached = 3 * COIN + params.price * body["quantity"] if value is None else value
        target = contract.address(params)
        return self.world.send(sender, target, attached, contract.buy_body(**body))

    def follow(self) -> None:
        """The follower reads and handles all that the hub has seen."""
        ChainCursor.objects.get_or_create(pk=self.hub)
        one = Follower(self.hub, QuorumReader([Source(self.world)], 1))
        while one.read():
            pass
        one.handle_waiting()

    def seen(self) -> list[tuple[str, str]]:
        """State and reason of what the hub received, the deployment left out."""
        rows = ChainTransaction.objects.order_by("lt").values_list("state", "reason")
        return list(rows)[1:]

    def later(self, seconds: int) -> None:
        self.world.sandbox.now += seconds


def _asset(kind: str, number: int) -> Asset:
    return Asset.objects.create(
        kind=kind,
        cid=f"bafy{kind}{number}",
        sha256=f"{number:064x}",
        size=1,
        content_type="image/webp",
        storage_name=f"{kind}{number}",
        width=640,
        height=640,
    )


def _release(artist: Artist, number: int) -> Release:
    return Release.objects.create(
        artist=artist,
        slug=f"night-{number}",
        title="Night",
        cover=_asset("cover", number),
        metadata=_asset("metadata", number),
        state=Release.State.PUBLISHED,
        published_at=timezone.now(),
    )


def person(name: str, *wallets: Address) -> User:
    user = people.person(name)
    for one in wallets:
        Wallet.objects.create(
            user=user, address=raw(one), public_key="00" * 32, proved_at=timezone.now()
        )
    return user


def signed_in(user: User, start_param: str = "") -> APIClient:
    """A client that speaks as `user`, out of a Mini App session."""
    tokens = session_open(
        user=user,
        kind=Session.Kind.MINIAPP,
        context=Session.Context.TELEGRAM,
        start_param=start_param,
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}")
    return client


def world_made(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    settings.TON_HUB_ADDRESS = raw(made.hub)
    settings.ORDER_LIFETIME = timedelta(minutes=10)
    monkeypatch.setattr(sources, "all_sources", lambda *_: [Source(made)])
    # The tests move the chain's clock ahead of the wall's.
    monkeypatch.setattr(sources, "MAX_AHEAD_SECONDS", 10**9)
    return made


@pytest.fixture
def world(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    return world_made(settings, monkeypatch)


@pytest.fixture
def shop(db: None, world: World) -> Shop:
    owner = person("artist", ARTIST)
    return Shop(
        world=world,
        fan=person("fan", FAN),
        stranger=person("stranger", STRANGER),
        artist=Artist.objects.create(owner=owner, slug="night-shift", name="Night Shift"),
    )


@pytest.fixture
def fan_client(shop: Shop) -> APIClient:
    return signed_in(shop.fan)
