"""Drops on the desk's home, and what roles may see here."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core.desk.registry import Reading, grant, queue, tile
from nft.models import Collection, Item

for role in ("moderator", "finance"):
    grant(role, "nft.view_collection", "nft.view_item", "nft.view_split", "nft.view_splitshare")


@tile(
    "Live drops",
    link="admin:nft_collection_changelist?state__exact=live",
    permission="nft.view_collection",
    order=20,
)
def live_drops() -> Reading:
    waiting = Collection.objects.filter(state=Collection.State.PREPARED).count()
    live = Collection.objects.filter(state=Collection.State.LIVE).count()
    return Reading(live, f"{waiting} prepared", "good" if live else "")


@tile("Editions today", link="admin:nft_item_changelist", permission="nft.view_item", order=30)
def editions() -> Reading:
    day = timezone.now() - timedelta(days=1)
    return Reading(Item.objects.filter(minted_at__gt=day).count(), "minted in 24 hours")


@queue(
    "Rejected drops",
    link="admin:nft_collection_changelist?state__exact=rejected",
    permission="nft.view_collection",
    order=45,
)
def rejected() -> int:
    """Something else was found where a drop of ours should be."""
    week = timezone.now() - timedelta(days=7)
    return Collection.objects.filter(state=Collection.State.REJECTED, checked_at__gt=week).count()
