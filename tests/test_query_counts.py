"""The number of queries of an address does not grow with the number of rows it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.models import Artist, Follow, Play, Playlist
from catalog.services import entries_add, follow_put, like_put
from nft.models import Collection, Transfer
from notices.models import Notice
from notices.services import choices_set
from payments.models import ClaimRight
from payments.services import claims
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from referrals.models import Attribution
from tests import people
from tests.catalog import lists
from tests.catalog.people import artist_of
from tests.nft import drops

pytestmark = pytest.mark.django_db
FEW, MANY = 2, 12


class Shop:
    """Grows by the dozen."""

    def __init__(self) -> None:
        self.artist = artist_of(people.person("artist"))
        self.fan = people.person("fan")
        self.wallet = people.wallet_of(self.fan)
        self._titles = (f"Night Train {number}" for number in range(1000))

    def drop(self, of: Artist | None = None) -> Collection:
        return drops.live(of or self.artist, next(self._titles))

    def more_drops(self, number: int) -> None:
        for _ in range(number):
            self.drop()

    def more_artists(self, number: int) -> None:
        for _ in range(number):
            title = next(self._titles)
            self.drop(artist_of(people.person(title), title))

    def more_orders(self, number: int) -> None:
        for _ in range(number):
            quote = drop_quote(drop_id=self.drop().pk)
            order_create(
                buyer=Buyer(self.fan, "telegram"), collection=quote, quantity=1, method="ton"
            )

    @cached_property
    def first(self) -> Collection:
        """Its terms stay fresh however slow this machine is: no chain runs here to be asked."""
        made = self.drop()
        later = timezone.now() + timedelta(hours=1)
        Collection.objects.filter(pk=made.pk).update(terms_read_at=later)
        return made

    def track(self) -> UUID:
        """The fan holds many editions, but none of this one: no chain runs here to be asked."""
        return self.first.release.tracks.get().pk

    def more_heard(self, number: int) -> None:
        """Drops of an artist whom the fan follows, each heard by the fan today."""
        Follow.objects.get_or_create(user=self.fan, artist=self.artist)
        for _ in range(number):
            track = self.drop().release.tracks.get()
            listener = f"user:{self.fan.pk}"
            Play.objects.create(track=track, listener=listener, day=timezone.now().date())

    def more_claims(self, number: int) -> None:
        for _ in range(number):
            self.claim(self.drop(), holder=self.fan)

    def claim(self, drop: Collection, holder: User | None) -> ClaimRight:
        """Paid by card; without a holder it is a gift that waits."""
        people.wallet_of(self.artist.owner)
        order, _ = order_create(
            buyer=Buyer(self.artist.owner, "telegram"), collection=drop_quote(drop_id=drop.pk),
            quantity=1, method="ton",
        )  # fmt: skip
        now = timezone.now()
        return ClaimRight.objects.create(
            order=order, collection=drop, holder=holder, quantity=1, provider="stripe",
            asset="USD", gross=1, hold_until=now, gift_expires_at=now + timedelta(days=1),
            gift_hash=claims.gift_hash(claims.gift_secret(order)),
        )  # fmt: skip

    def gift_secret(self) -> str:
        return claims.gift_secret(self.gift.order)

    @cached_property
    def gift(self) -> ClaimRight:
        return self.claim(self.first, holder=None)

    def more_notices(self, number: int) -> None:
        for _ in range(number):
            Notice.objects.create(user=self.fan, kind="drop", key=next(self._titles))
            choices_set(user=self.fan, on={"drop": True, "gift": True})

    def more_sessions(self, number: int) -> None:
        for _ in range(number):
            people.api(self.fan)

    def more_friends(self, number: int) -> None:
        later = timezone.now() + timedelta(days=30)
        for _ in range(number):
            friend = people.person(next(self._titles))
            Attribution.objects.create(
                user=friend, referrer=self.fan, start_param="", expires_at=later
            )

    def more_likes(self, number: int) -> None:
        for _ in range(number):
            like_put(user=self.fan, track=self.drop().release.tracks.get().pk)

    def more_follows(self, number: int) -> None:
        for _ in range(number):
            title = next(self._titles)
            follow_put(user=self.fan, slug=artist_of(people.person(title), title).slug)

    def more_playlists(self, number: int) -> None:
        for _ in range(number):
            lists.playlist(self.fan, self.drop().release.tracks.get().pk)

    @cached_property
    def playlist(self) -> Playlist:
        return lists.playlist(self.fan, visibility="public")

    def more_entries(self, number: int) -> None:
        tracks = [self.drop().release.tracks.get().pk for _ in range(number)]
        entries_add(user=self.fan, playlist=self.playlist.pk, tracks=tracks)

    def more_members(self, number: int) -> None:
        for _ in range(number):
            lists.share(self.playlist, people.person(next(self._titles)))

    def more_items(self, number: int) -> None:
        for _ in range(number):
            drops.mint(self.drop(), 1, self.wallet.address)

    def item(self) -> str:
        """Of a drop of its own: of `first` the fan holds none."""
        drop = self.drop()
        drops.mint(drop, 1, self.wallet.address)
        return drop.items.get().address

    def more_transfers(self, number: int) -> None:
        now = timezone.now()
        for _ in range(number):
            drop = self.drop()
            drops.mint(drop, 1, self.wallet.address)
            Transfer.objects.create(
                item=drop.items.get(), user=self.fan, sender=self.wallet.address,
                recipient=drops.address("friend"), amount=1, created_at=now, valid_until=now,
                looked_at=now,
            )  # fmt: skip

    def more_gifts(self, number: int) -> None:
        for _ in range(number):
            self.claim(self.drop(), holder=self.fan)

    def more_holders(self, number: int) -> None:
        """People by name, each with an edition of the same drop."""
        for _ in range(number):
            holder = people.wallet_of(people.person(next(self._titles)))
            place = self.first.items.count()
            drops.mint(self.first, 1, holder.address, first=place)


@dataclass(frozen=True)
class Page:
    """An address, what grows it, and the most queries it may ever need."""

    name: str
    grow: Callable[[Shop, int], None]
    most: int
    words: Callable[[Shop], dict[str, Any]] = lambda _shop: {}
    door: str = "api"


PAGES = (
    Page("drop-list", Shop.more_drops, 1),
    Page("artist-list", Shop.more_artists, 1),
    Page("artist-detail", Shop.more_drops, 6, lambda shop: {"slug": shop.artist.slug}),
    Page("search", Shop.more_artists, 4),  # without words; with them tests/nft/test_discovery
    Page("home", Shop.more_heard, 6),
    Page("genres", Shop.more_drops, 1),
    Page("track-detail", Shop.more_drops, 3, lambda shop: {"track": shop.track()}),
    Page("release-detail", Shop.more_drops, 3, lambda shop: {"release": shop.first.release_id}),
    Page("item-list", Shop.more_items, 3),
    Page("item-certificate", Shop.more_items, 4, lambda shop: {"address": shop.item()}),
    Page("transfer-list", Shop.more_transfers, 3),
    Page("gift-list", Shop.more_gifts, 3),
    Page("drop-collectors", Shop.more_holders, 2, lambda shop: {"drop": shop.first.pk}),
    Page("artist-collectors", Shop.more_holders, 2, lambda shop: {"slug": shop.artist.slug}),
    Page("track-stream", Shop.more_items, 4, lambda shop: {"track": shop.track()}),
    Page("order-list", Shop.more_orders, 8),
    Page("claim-list", Shop.more_claims, 4),
    Page("drop-offers", Shop.more_orders, 6, lambda shop: {"drop": shop.first.pk}),
    Page("gift", Shop.more_claims, 7, lambda shop: {"secret": shop.gift_secret()}),
    Page("me", Shop.more_orders, 3),
    Page("notices", Shop.more_notices, 3),
    Page("session-list", Shop.more_sessions, 2),
    Page("me-erasure", Shop.more_orders, 30),
    Page("me-verification", Shop.more_drops, 6),
    Page("referral-me", Shop.more_friends, 12),
    Page("referral-leaders", Shop.more_friends, 1),
    Page("rates", Shop.more_orders, 0),
    Page("portal", Shop.more_drops, 11, door="pages"),
    Page("like-list", Shop.more_likes, 3),
    Page("follow-list", Shop.more_follows, 3),
    Page("marks", Shop.more_likes, 4),
    Page("playlist-list", Shop.more_playlists, 5),
    Page("playlist", Shop.more_entries, 6, lambda shop: {"playlist": shop.playlist.pk}),
    Page("playlist-members", Shop.more_members, 6, lambda shop: {"playlist": shop.playlist.pk}),
    Page("playlist-log", Shop.more_entries, 6, lambda shop: {"playlist": shop.playlist.pk}),
)


@pytest.fixture
def shop(settings: LazySettings, tmp_path: Any) -> Shop:
    settings.MEDIA_ROOT = str(tmp_path)
    return Shop()


GROWTHS = list(dict.fromkeys(page.grow for page in PAGES))


@pytest.mark.parametrize("grow", GROWTHS, ids=lambda grow: grow.__name__)
def test_queries_do_not_grow_with_rows(grow: Callable[[Shop, int], None], shop: Shop) -> None:
    """All addresses that one thing grows, in the same shop: growing it takes the longest."""
    pages = [page for page in PAGES if page.grow is grow]
    grow(shop, FEW)
    clients = {"api": people.api(shop.fan), "pages": people.pages(shop.artist.owner)}
    addresses = [(page, reverse(page.name, kwargs=page.words(shop))) for page in pages]

    def queries() -> dict[str, int]:
        return {page.name: counted(clients[page.door], address) for page, address in addresses}

    queries()  # what is cached by the first call is no part of the comparison
    few = queries()
    grow(shop, MANY)
    assert queries() == few
    assert {page.name: few[page.name] for page in pages if few[page.name] > page.most} == {}


def counted(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    return len([one for one in captured if "SAVEPOINT" not in one["sql"]])
