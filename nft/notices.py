"""What people are told about drops and editions, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Wallet
from catalog.models import Artist, Follow, Release
from core.ton.addresses import friendly
from nft.models import Collection, Item
from notices.kinds import Kind, register
from notices.services import broadcast_step, broadcasts_done, notice_send

NEWS: Final = timedelta(days=1)  # what is older was missed, and is told nobody any more
FOLLOWERS: Final = 500  # a page
DROP: Final = register(
    Kind(
        "drop",
        text={
            "en": "<b>{artist}</b> has a new drop: <b>{title}</b>.",
            "ru": "Новый дроп: <b>{title}</b>, {artist}.",
        },
        open={"en": "Listen and collect", "ru": "Слушать и собирать"},
        lives=timedelta(hours=12),
    )
)
SOLD_OUT: Final = register(
    Kind(
        "sold_out",
        text={
            "en": "Sold out: <b>{title}</b> by {artist}. All {total} editions are collected.",
            "ru": "Распродано: <b>{title}</b>, {artist}. Собраны все экземпляры: {total}.",
        },
        open={"en": "See the drop", "ru": "Посмотреть дроп"},
        lives=timedelta(hours=12),
    )
)
MOVED: Final = register(
    Kind(
        "moved",
        text={
            "en": "<b>{title}</b>, No. {edition}, has left your wallet. If you sold it or gave it "
            "away, all is well.",
            "ru": "<b>{title}</b>, № {edition}, больше не в вашем кошельке. Если вы его продали "
            "или подарили, всё в порядке.",
        },
        open={"en": "See the edition", "ru": "Посмотреть экземпляр"},
        lives=timedelta(days=3),
    )
)


def drops_tell(*, now: datetime) -> int:
    """Tell followers of drops that began, and of those that sold out; how many drops were open."""
    return _tell(DROP, _begun(now)) + _tell(SOLD_OUT, _sold_out(now))


def _shown() -> QuerySet[Collection]:
    return Collection.objects.select_related("release__artist").filter(
        state=Collection.State.LIVE,
        release__state=Release.State.PUBLISHED,
        release__artist__status=Artist.Status.ACTIVE,
    )


def _begun(now: datetime) -> QuerySet[Collection]:
    """On sale since less than a day: since its start, or since it was found on chain after it."""
    old = now - NEWS
    late = Q(live_at__gt=old)
    open_ = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return _shown().filter(Q(starts_at__gt=old) | late, open_, starts_at__lte=now, paused=False)


def _sold_out(now: datetime) -> QuerySet[Collection]:
    """The last edition was made less than a day ago."""
    last = Item.objects.filter(
        collection=OuterRef("pk"), index=OuterRef("max_supply") - 1, minted_at__gt=now - NEWS
    )
    return _shown().filter(Exists(last), max_supply__gt=0)


def _tell(kind: Kind, drops: QuerySet[Collection]) -> int:
    found = list(drops)
    done = broadcasts_done(kind=kind.name, keys=[str(one.pk) for one in found])
    fresh = [one for one in found if str(one.pk) not in done]
    for drop in fresh:
        broadcast_step(
            kind=kind.name,
            key=str(drop.pk),
            values={
                "artist": drop.release.artist.name,
                "title": drop.release.title,
                "total": drop.max_supply,
            },
            link=f"drops/{drop.pk}",
            page=partial(_followers, drop.release.artist_id),
        )
    return len(fresh)


def _followers(artist_id: UUID, after: UUID | None) -> Sequence[tuple[UUID, UUID]]:
    """A page of an artist's followers, by the age of their follow."""
    rows = Follow.objects.filter(artist_id=artist_id)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", "user_id")[:FOLLOWERS])


def edition_moved_tell(*, item: Item, before: str) -> None:
    """An edition left a wallet that somebody has proved. In the transaction that records it."""
    holder = Wallet.objects.filter(address=before, revoked_at__isnull=True).first()
    if holder is None:
        return
    title = Release.objects.values_list("title", flat=True).get(collections=item.collection_id)
    notice_send(
        user_id=holder.user_id,
        kind=MOVED.name,
        key=f"{item.pk}:{item.owner_read_at.isoformat()}",
        values={"title": title, "edition": item.index + 1},
        link=f"items/{friendly(item.address)}",
    )
