"""Looking at the chain: new collections, changed terms, changed owners. The chain decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from core.celery_app import Schedule
from core.ton.client import ChainError
from nft import market, notices, services
from nft.models import Collection, Item, Transfer

log = structlog.get_logger(__name__)
BATCH: Final = 50
OWNER_BATCH: Final = 200
# A collection that was just prepared is looked for at every beat, an old one ever more rarely.
PATIENCE: Final = 50
TERMS_AGE: Final = timedelta(minutes=1)
OWNER_AGE: Final = timedelta(days=1)
FLOORS: Final = 500  # of so many drops, those that sold most, the floor is asked for
TRANSFER_AGE: Final = timedelta(seconds=10)


@shared_task(name="nft.collections_verify")
def collections_verify() -> int:
    """Look for prepared collections; how many went live."""
    now = timezone.now()
    due = Collection.objects.filter(state=Collection.State.PREPARED).filter(
        Q(checked_at__isnull=True) | Q(checked_at__lt=now - (now - F("created_at")) / PATIENCE)
    )
    found = 0
    for collection in due.order_by("-created_at")[:BATCH]:
        found += _verify(collection)
    return found


@shared_task(name="nft.collection_verify")
def collection_verify(collection: str) -> bool:
    """Look for one collection now, for instance after its artist has signed."""
    return _verify(Collection.objects.get(pk=UUID(collection)))


def _verify(collection: Collection) -> bool:
    try:
        seen = services.collection_verify(collection=collection)
    except ChainError as error:
        log.warning("collection_unread", address=collection.address, error=str(error))
        return False
    return seen.state == Collection.State.LIVE


@shared_task(name="nft.terms_sweep")
def terms_sweep() -> int:
    """Re-read the terms of drops that can still sell; how many were read."""
    now = timezone.now()
    open_drops = Collection.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        state=Collection.State.LIVE,
        terms_read_at__lt=now - TERMS_AGE,
    )
    read = 0
    for collection in open_drops.order_by("terms_read_at")[:BATCH]:
        try:
            services.terms_refresh(collection=collection, max_age=TERMS_AGE)
        except ChainError as error:
            log.warning("terms_unread", address=collection.address, error=str(error))
            continue
        read += 1
    return read


@shared_task(name="nft.owners_sweep")
def owners_sweep() -> int:
    """Ask items who owns them: those never asked first, then those asked longest ago."""
    unknown = Item.objects.filter(owner="").order_by("owner_read_at")[:OWNER_BATCH]
    stale = Item.objects.filter(owner_read_at__lt=timezone.now() - OWNER_AGE)
    items = list(unknown) or list(stale.order_by("owner_read_at")[:OWNER_BATCH])
    try:
        return services.items_owner_refresh(items=items)
    except ChainError as error:
        log.warning("owners_unread", error=str(error))
        return 0


@shared_task(name="nft.drops_tell")
def drops_tell() -> int:
    """Followers hear of drops that began or sold out, a page of them at every beat."""
    return notices.drops_tell(now=timezone.now())


@shared_task(name="nft.transfers_sweep")
def transfers_sweep() -> int:
    """Look after hand-overs that nobody watches any more; how many are over now."""
    waiting = Transfer.objects.filter(
        state=Transfer.State.OPEN, looked_at__lt=timezone.now() - TRANSFER_AGE
    )
    return services.transfers_follow(
        transfers=waiting.select_related("item").order_by("looked_at")[:BATCH]
    )


@shared_task(name="nft.floors_fetch")
def floors_fetch() -> int:
    """Ask the market, where there is one, for floors that were not heard within the hour."""
    if not settings.MARKET_API:
        return 0
    sold = Collection.objects.filter(state=Collection.State.LIVE, minted__gt=0).order_by("-minted")
    some = sold.values_list("address", flat=True)[:FLOORS]
    due = [address for address in some if not market.floor_known(address)]
    for address in due[:BATCH]:
        market.floor_fetch(address)
    return len(due[:BATCH])


BEAT: Schedule = {
    "nft-drops-tell": {"task": "nft.drops_tell", "schedule": 10.0},
    "nft-collections-verify": {"task": "nft.collections_verify", "schedule": 3.0},
    "nft-terms-sweep": {"task": "nft.terms_sweep", "schedule": 20.0},
    "nft-owners-sweep": {"task": "nft.owners_sweep", "schedule": 30.0},
    "nft-floors-fetch": {"task": "nft.floors_fetch", "schedule": 60.0},
    "nft-transfers-sweep": {"task": "nft.transfers_sweep", "schedule": 15.0},
}
