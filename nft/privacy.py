"""What the drops' room holds of a person: editions in his wallets, and shares of releases."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from accounts.models import Wallet
from core import privacy
from core.privacy import Obstacle
from nft.models import Item, Split, SplitShare, Transfer

privacy.holds(SplitShare, kept="who shares a release is fixed on chain; the name is taken out")
privacy.holds(Transfer, kept="the new owner's history; it then names nobody")
_OPEN: Final = (Split.State.DRAFT, Split.State.CONFIRMED)


@privacy.on_export("nft")
def export(user_id: UUID) -> dict[str, Any]:
    wallets = Wallet.objects.filter(user_id=user_id, revoked_at__isnull=True).values("address")
    return {
        "editions": list(
            Item.objects.filter(owner__in=wallets).values(
                "address", "index", "collection__release__title", "acquired_at"
            )
        ),
        "transfers": list(
            Transfer.objects.filter(user_id=user_id).values(
                "item__address", "sender", "recipient", "state", "created_at", "finished_at"
            )
        ),
        "shares": list(
            SplitShare.objects.filter(user_id=user_id).values(
                "split__release__title", "name", "bps", "wallet", "confirmed_at"
            )
        ),
    }


@privacy.on_erase("nft")
def erase(user_id: UUID) -> None:
    """Editions are the holder's own, on chain: nobody here can take them, or give them back."""
    SplitShare.objects.filter(user_id=user_id).update(name="-")
    Transfer.objects.filter(user_id=user_id).update(user=None)


@privacy.on_erase_refused("nft")
def sharing(user_id: UUID) -> list[Obstacle]:
    """A release that is about to be deployed counts on its collaborators."""
    count = SplitShare.objects.filter(user_id=user_id, split__state__in=_OPEN).count()
    detail = "You share in a release that is not deployed yet: ask its artist to change the split."
    return [Obstacle("open_split", detail, count, "/portal/")] if count else []
