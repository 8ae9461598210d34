"""A drop as the shop shows it: one SQL row, one state, one JSON form.

Supply is derived, never counted up: minted is the larger of what the chain said last and the
highest edition that we recorded plus one (an index look-up a drop).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models

from catalog.media.selectors import asset_url
from core.ton.addresses import friendly


class DropState(models.TextChoices):
    """How a drop stands at a moment of server time; derived, never stored."""

    UPCOMING = "upcoming", "Upcoming"
    LIVE = "live", "Live"
    PAUSED = "paused", "Paused"
    SOLD_OUT = "sold_out", "Sold out"
    ENDED = "ended", "Ended"


class Supply(NamedTuple):
    """Editions. total is None for an open edition; left is what the public sale may still take."""

    minted: int
    total: int | None
    reserved: int
    left: int | None


def supply_of(max_supply: int, minted: int, reserved: int) -> Supply:
    total = max_supply or None
    left = None if total is None else max(total - minted - reserved, 0)
    return Supply(minted, total, reserved, left)


def state_of(
    supply: Supply, *, starts_at: datetime, ends_at: datetime | None, paused: bool, now: datetime
) -> DropState:
    """Being over outweighs being sold out, and both outweigh a pause."""
    if ends_at is not None and ends_at <= now:
        return DropState.ENDED
    if supply.left == 0:
        return DropState.SOLD_OUT
    if starts_at > now:
        return DropState.UPCOMING
    return DropState.PAUSED if paused else DropState.LIVE


def coin(amount: int) -> dict[str, str]:
    """Nano-coins in the API's form of money."""
    return {"asset": settings.NATIVE_COIN, "amount": str(amount)}


def release_json(row: Sequence[Any]) -> dict[str, Any]:
    """The JSON of a release from sql.RELEASE."""
    (release, title, genre, deep, bright, artist, slug, name, verified, cid, width) = row
    return {
        "id": release,
        "title": title,
        "artist": {"id": artist, "slug": slug, "name": name, "verified": verified},
        "cover": {"url": asset_url(cid), "width": width},
        "colours": {"deep": deep, "bright": bright},
        "genre": genre,
    }


def drop_json(row: Sequence[Any], now: datetime) -> dict[str, Any]:
    """The JSON of a drop from sql.DROP."""
    (key, address, price, starts_at, ends_at, paused, max_supply, minted, reserved) = row[:9]
    supply = supply_of(max_supply, minted, reserved)
    return {
        "id": key,
        "state": state_of(
            supply, starts_at=starts_at, ends_at=ends_at, paused=paused, now=now
        ).value,
        "address": friendly(address),
        "price": coin(price),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "supply": supply._asdict(),
        "max_per_buy": row[9],
        "platform_bps": row[10],
        "royalty_bps": row[11],
        "release": release_json(row[12:23]),
    }


def edition_name(title: str, index: int, max_supply: int, *, limited: bool) -> str:
    """The name that the contract's get_nft_content gives an edition."""
    return f"{title} #{index + 1} of {max_supply}" if limited else f"{title} #{index + 1}"


class Page(NamedTuple):
    """One page of a keyset list and where the next one begins (None: the end)."""

    results: list[dict[str, Any]]
    next: tuple[datetime, UUID] | None
