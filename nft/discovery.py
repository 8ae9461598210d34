"""Home, genres, and the pages of a track and a release. A statement for each part of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from catalog.media.selectors import asset_url
from nft import sql, sql_found
from nft.cards import cards, release_card, track_card
from nft.drops import drop_json
from nft.selectors import tracks_of
from nft.sql import rows

SHELF: Final = 12  # of everything on home
TOP: Final = 10
RELEASES: Final = 50  # of an artist
SOON: Final = timedelta(days=3)  # what opens until then is the first thing on home
KEPT: Final = 120  # seconds that a list over all of the shop is not made anew


def home(user: User | None) -> dict[str, Any]:
    """New and coming drops, what is heard these days; for somebody their artists and music too.

    Three queries, two for nobody; one more every two minutes.
    """
    trending = _trending()
    listened = _listened(user) if user is not None else []
    told = cards("track", {*trending, *listened})
    shelves = _shelves(user)
    return shelves | {
        "hero": _hero(shelves),
        "trending": [told[key] for key in trending if key in told],
        "listened": [told[key] for key in listened if key in told],
    }


def _shelves(user: User | None) -> dict[str, list[dict[str, Any]]]:
    """Drops in one statement: open ones latest first, coming ones soonest first, more."""
    now = timezone.now()
    shelves = {
        "fresh": sql.DROP_PAGE + sql.DROP_FILTERS["live"] + sql.DROP_ORDER,
        "upcoming": sql.DROP_PAGE + sql.DROP_FILTERS["upcoming"] + sql.DROP_SOON,
        "gone": sql.DROP_PAGE + sql.DROP_FILTERS["ended"] + sql.DROP_ORDER,
    }
    values: dict[str, Any] = {"now": now, "limit": SHELF}
    if user is not None:
        shelves["followed"] = sql.DROP_PAGE + sql.DROP_OF_FOLLOWED + sql.DROP_ORDER
        values["follower"] = user.pk
    answer: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("fresh", "upcoming", "gone", "followed")
    }
    for shelf, *row in rows(sql_found.together(shelves), values):
        answer[shelf].append(drop_json(row, now))
    return answer


def _hero(shelves: dict[str, list[dict[str, Any]]]) -> UUID | None:
    """What the page begins with: what opens soon, else what opened last."""
    upcoming = shelves["upcoming"]
    soon = [drop for drop in upcoming[:1] if drop["starts_at"] - timezone.now() < SOON]
    first = [*soon, *shelves["fresh"], *upcoming, *shelves["gone"]]
    return first[0]["id"] if first else None


def _trending() -> list[UUID]:
    def found() -> list[UUID]:
        values = {"today": timezone.now().date(), "limit": SHELF}
        return [key for (key,) in rows(sql_found.TRENDING, values)]

    return cache.get_or_set("nft.trending", found, KEPT) or []


def _listened(user: User) -> list[UUID]:
    values = {"listener": f"user:{user.pk}", "limit": SHELF}
    return [key for (key,) in rows(sql_found.LISTENED, values)]


def genres() -> list[dict[str, Any]]:
    """What kinds of music there are, most releases first, with the cover of the most heard."""

    def found() -> list[dict[str, Any]]:
        return [
            {
                "key": key,
                "name": name,
                "releases": number,
                "cover": {"url": asset_url(cid), "width": width},
                "colours": {"deep": deep, "bright": bright},
            }
            for key, name, number, deep, bright, cid, width in rows(sql_found.GENRES, {})
        ]

    return cache.get_or_set("nft.genres", found, KEPT) or []


def track_page(track: UUID) -> dict[str, Any] | None:
    """A shown track with its release's other tracks and its drop; None for others."""
    found = rows(sql_found.TRACKS_NAMED, {"keys": [track]})
    if not found:
        return None
    now = timezone.now()
    told = track_card(found[0], now, peaks=None)
    told["release"]["tracks"] = tracks_of(told["release"]["id"])
    return told | {"drop": _drop(told["drop"])}


def release_page(release: UUID) -> dict[str, Any] | None:
    """A published release with text, tracks and its drop; None for others."""
    found = rows(sql_found.RELEASES_NAMED, {"keys": [release]})
    if not found:
        return None
    told = release_card(found[0], timezone.now())
    told |= {"description": found[0][-1], "tracks": tracks_of(release)}
    return told | {"drop": _drop(told["drop"])}


def _drop(offer: dict[str, Any] | None) -> dict[str, Any] | None:
    """All of a drop of which we have the short form."""
    if offer is None:
        return None
    return drop_json(rows(sql.DROP_ANY, {"drop": offer["id"]})[0], timezone.now())


def artist_music(artist: UUID) -> dict[str, Any]:
    """What an artist's page shows beside the drops. Three queries."""
    now = timezone.now()
    top, several = ({"artist": artist, "limit": most} for most in (TOP, RELEASES))
    return {
        "collectors": rows(sql_found.COLLECTORS, {"artist": artist})[0][0],
        "top_tracks": [track_card(row, now) for row in rows(sql_found.TOP_TRACKS, top)],
        "releases": [release_card(row, now) for row in rows(sql_found.RELEASES_OF, several)],
    }
