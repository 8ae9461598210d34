"""Reads of drops and editions: one SQL statement each, the page of one drop or edition two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User, Wallet
from accounts.selectors import wallet_addresses
from catalog.media.selectors import asset_url
from catalog.models import Release
from contracts import codes, fees
from core.money import BPS
from core.ton.addresses import AddressInvalid, friendly, parse
from nft import market, sql
from nft.drops import (
    Page,
    Supply,
    coin,
    drop_json,
    edition_name,
    release_json,
    state_of,
    supply_of,
)
from nft.models import Collection, Item, Split, SplitShare, Transfer
from nft.sql import rows


def drop_page(
    *,
    limit: int,
    after: Sequence[object] | None = None,
    state: str | None = None,
    artist: str | None = None,
) -> Page:
    """Visible drops, latest start first. state: a key of sql.DROP_FILTERS; artist: a slug."""
    now = timezone.now()
    statement = sql.DROP_PAGE
    values: dict[str, Any] = {"now": now, "limit": limit + 1}
    if state is not None:
        statement += sql.DROP_FILTERS[state]
    if artist is not None:
        statement, values["artist"] = statement + sql.DROP_OF_ARTIST, artist
    if after is not None:
        statement += sql.DROP_AFTER
        values["moment"], values["key"] = after
    found = rows(statement + sql.DROP_ORDER, values)
    last = found[limit - 1] if len(found) > limit else None
    return Page([drop_json(row, now) for row in found[:limit]], last and (last[3], last[0]))


def drop_detail(drop: UUID) -> dict[str, Any] | None:
    """A visible drop with its release's text and tracks and what one edition costs in all.

    Its release's id names it as well: an NFT's metadata is written before there is a drop.
    """
    now = timezone.now()
    found = rows(sql.DROP_DETAIL, {"drop": drop})
    if not found:
        return None
    row = found[0]
    price, platform_bps = row[2], row[10]
    attach = fees.mint_cost(1, gift=False, referred=False, price=price, platform_bps=platform_bps)
    answer = drop_json(row, now)
    answer["release"]["description"] = row[23]
    answer["release"]["tracks"] = tracks_of(answer["release"]["id"])
    answer["server_time"] = now
    answer["cost"] = {
        "quantity": 1,
        "attach": coin(attach),
        "network_reserve": coin(attach - price),
    }
    answer["market"] = market.of_collection(row[1])
    return answer


def release_cards(drops: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The JSON of the releases of these drops, by drop, in one query."""
    return {row[0]: release_json(row[1:]) for row in rows(sql.RELEASES, {"drops": list(drops)})}


def supply_view(drop: UUID) -> dict[str, Any] | None:
    """What `drop.supply` tells: minted, total, reserved, left, state."""
    found = rows(sql.SUPPLY_ANY, {"drop": drop})
    if not found:
        return None
    supply = supply_of(*found[0][:3])
    starts_at, ends_at, paused = found[0][3:]
    state = state_of(
        supply, starts_at=starts_at, ends_at=ends_at, paused=paused, now=timezone.now()
    )
    return {**supply._asdict(), "state": state.value}


def supply_now(collection: Collection) -> Supply:
    """Editions minted, reserved and left, as far as we know at this moment."""
    return supply_of(*rows(sql.SUPPLY_ANY, {"drop": collection.pk})[0][:3])


def item_page(*, user: User, limit: int, after: Sequence[object] | None = None) -> Page:
    """Editions in the user's linked wallets, last acquired first. Two queries."""
    wallets = wallet_addresses(user)
    if not wallets:
        return Page([], None)
    statement, values = sql.ITEM_OWNED, {"owners": wallets, "limit": limit + 1}
    if after is not None:
        statement += sql.ITEM_AFTER
        values["moment"], values["key"] = after
    found = rows(statement + sql.ITEM_ORDER, values)
    last = found[limit - 1] if len(found) > limit else None
    return Page([_item_json(row) for row in found[:limit]], last and (last[3], last[4]))


def item_view(address: str) -> dict[str, Any] | None:
    """The edition at a raw address with what proves it, and what it lets its holder hear."""
    found = rows(sql.ITEM_ONE, {"address": address})
    if not found:
        return None
    *item, collection, cid, sha256, shown, royalty_bps = found[0]
    told = _item_json(item)
    return told | {
        "royalty_bps": royalty_bps,
        "market_url": market.item_url(collection, item[0]),
        "collection": friendly(collection),
        "code_hash": codes.code_hash("item"),
        "audio_cid": cid,
        "audio_sha256": sha256,
        "tracks": tracks_of(told["release"]["id"], shown=shown),
    }


def item_card(address: str) -> dict[str, Any]:
    """The edition at a raw address as lists show it. It has to be recorded."""
    return _item_json(rows(sql.ITEM_THIS, {"address": address})[0])


def item_cards(items: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The editions of these ids, in one query."""
    return {row[4]: _item_json(row) for row in rows(sql.ITEM_THESE, {"items": list(items)})}


def item_by_address(text: str) -> Item | None:
    """The recorded edition at any form of an address; None for what is none of ours."""
    try:
        return Item.objects.filter(address=parse(text)).first()
    except AddressInvalid:
        return None


def transfers_of(user: User) -> QuerySet[Transfer]:
    """Hand-overs that the user began, and those that ended in a wallet of his, newest first."""
    mine = Wallet.objects.filter(user=user, revoked_at__isnull=True).values("address")
    arrived = Q(recipient__in=mine, state=Transfer.State.DONE)
    return Transfer.objects.filter(Q(user=user) | arrived).select_related("item").order_by("-id")


def collection_by_address(address: str) -> Collection | None:
    """The collection that we prepared at this raw address, in whatever state it is.

    Only a LIVE one is known; a PREPARED one may be found on chain at any moment.
    """
    return Collection.objects.select_related("release__artist").filter(address=address).first()


def items_of(collection: Collection, first_index: int, quantity: int) -> list[Item]:
    """The editions first_index .. first_index + quantity - 1 that are recorded, in order."""
    last = first_index + quantity - 1
    return list(collection.items.filter(index__range=(first_index, last)).order_by("index"))


@dataclass(frozen=True, slots=True)
class Payee:
    """Who gets a part of a drop's sales. owner: "artist:<id>" or "user:<id>"; bps of 10 000."""

    owner: str
    bps: int


def split_of(collection: Collection) -> list[Payee]:
    """Who shares the artist's part, in a fixed order; the shares make 10 000."""
    artist = f"artist:{collection.release.artist_id}"
    if collection.split_id is None:
        return [Payee(artist, BPS)]
    shares = SplitShare.objects.filter(split=collection.split_id).order_by("position")
    return [Payee(f"user:{one.user_id}" if one.position else artist, one.bps) for one in shares]


def split_current(release: Release) -> Split | None:
    """The newest sheet of a release; none when the artist goes alone."""
    newest = Split.objects.filter(release=release).order_by("-version").first()
    return None if newest is None or newest.state == Split.State.WITHDRAWN else newest


def shares_of(user: User) -> QuerySet[SplitShare]:
    """The user's lines in sheets of others, newest first."""
    return (
        SplitShare.objects.filter(user=user, position__gt=0)
        .exclude(split__state=Split.State.WITHDRAWN)
        .select_related("split__release__artist")
        .order_by("-id")
    )


def tracks_of(release: UUID, *, shown: bool = True) -> list[dict[str, Any]]:
    """The JSON of a release's tracks, in order.

    shown: whether the release is in the shop; the previews of others are nobody's.
    """
    return [
        {
            "id": key,
            "title": title,
            "position": position,
            "duration_ms": duration,
            "preview_url": asset_url(cid) if cid and shown else None,
            "waveform": list(bytes(peaks)) or None,
            "full": access,
            "plays": plays,
        }
        for key, title, position, duration, cid, peaks, access, plays in rows(
            sql.TRACKS, {"release": release}
        )
    ]


def _item_json(row: Sequence[Any]) -> dict[str, Any]:
    address, index, owner, acquired_at, _, drop, max_supply, limited = row[:8]
    release = release_json(row[8:])
    return {
        "address": friendly(address),
        "index": index,
        "edition": index + 1,
        "of": max_supply or None,
        "name": edition_name(release["title"], index, max_supply, limited=limited),
        "owner": friendly(owner, bounceable=False) if owner else None,
        "acquired_at": acquired_at,
        "drop": drop,
        "release": release,
    }
