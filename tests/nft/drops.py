"""Drops of the tests: prepared by the services, put live by hand where no chain runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from django.utils import timezone

from catalog.models import Artist
from nft.models import Collection
from nft.services import collection_prepare, items_record
from nft.terms import DropTerms
from tests.catalog.people import artist_of, person, published

COIN = 10**9
HOUR = timedelta(hours=1)


def address(name: str) -> str:
    """A raw basechain address that stands for a name."""
    return "0:" + sha256(name.encode()).hexdigest()


def terms(**changes: object) -> DropTerms:
    values: dict[str, object] = {
        "owner": address("artist"),
        "price": 5 * COIN // 2,
        "max_supply": 100,
        "starts_at": timezone.now() - HOUR,
    }
    return DropTerms(**(values | changes))  # type: ignore[arg-type]


def artist(name: str = "Nordlys") -> Artist:
    return artist_of(person(name.lower()), name)


def prepared(of: Artist, title: str = "Harbour Lights", **changes: object) -> Collection:
    return collection_prepare(actor=of.owner, release=published(of, title), terms=terms(**changes))


def live(of: Artist, title: str = "Harbour Lights", **changes: object) -> Collection:
    """As if its contract had been seen on chain just now."""
    collection = prepared(of, title, **changes)
    now = timezone.now()
    Collection.objects.filter(pk=collection.pk).update(
        state=Collection.State.LIVE, live_at=now, terms_read_at=now
    )
    collection.refresh_from_db()
    return collection


def mint(
    collection: Collection, quantity: int, owner: str, *, first: int = 0, at: datetime | None = None
) -> None:
    items_record(
        collection=collection,
        first_index=first,
        quantity=quantity,
        owner=owner,
        minted_at=at or timezone.now(),
    )
