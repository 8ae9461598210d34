"""The certificate of an edition: what the chain says of it now, and the files to check it by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from catalog.media.models import Asset
from catalog.media.selectors import asset_url
from contracts import codes
from core.ipfs.cid import PROFILES
from core.ton.addresses import friendly
from core.ton.client import ChainError
from core.ton.networks import current
from nft import market, sql
from nft.models import Item
from nft.selectors import item_card
from nft.services import Seen, item_see, look_key

log = structlog.get_logger(__name__)
FRESH: Final = 60  # seconds that one look at the chain is shown to everybody


@dataclass(frozen=True, slots=True)
class Look:
    """What the chain said, and when (server time); live is False when it did not answer now."""

    owner: str
    code_hash: str
    read_at: datetime
    live: bool


def certificate_view(address: str) -> dict[str, Any] | None:
    """The certificate of the edition at a raw address; None for an edition that is not ours."""
    item = Item.objects.select_related("collection__release__artist").filter(address=address)
    found = item.first()
    if found is None:
        return None
    look = _look(found)
    drop = found.collection
    return item_card(address) | {
        "owner": friendly(look.owner, bounceable=False) if look.owner else None,
        "owner_read_at": look.read_at,
        "owner_live": look.live,
        "minted_at": found.minted_at,
        "network": current().name,
        "collection": friendly(drop.address),
        "code_hash": look.code_hash or None,
        "code_expected": codes.code_hash("item"),
        "collection_code_hash": drop.code_hash,
        "royalty_bps": drop.royalty_bps,
        "files": _files(found),
        "explorer_url": market.explorer_url(found.address),
        "market_url": market.item_url(drop.address, found.address),
    }


def _look(item: Item) -> Look:
    kept = cache.get(look_key(item.address))
    if isinstance(kept, dict):
        return Look(**kept)
    seen: Seen | None = None
    try:
        seen = item_see(item=item)
    except ChainError as error:
        log.warning("certificate_unread", address=item.address, error=str(error))
    if seen is None or not seen.owner:
        return Look(item.owner, "", item.owner_read_at, live=False)
    look = Look(seen.owner, seen.code_hash, timezone.now(), live=True)
    cache.set(look_key(item.address), asdict(look), FRESH)
    return look


def _files(item: Item) -> list[dict[str, Any]]:
    """Every file that the edition stands for. What is for holders is named, but not open."""
    release = item.collection.release
    shown = release.state == "published" and release.artist.status == "active"
    with connection.cursor() as cursor:
        cursor.execute(sql.FILES, {"release": release.pk})
        rows = cursor.fetchall()
    return [_file(row, shown=shown) for row in rows]


def _file(row: tuple[Any, ...], *, shown: bool) -> dict[str, Any]:
    kind, title, cid, profile, sha256, size, content_type, access = row
    layout = PROFILES[profile]
    open_to_all = access == Asset.Access.OPEN
    return {
        "kind": kind,
        "title": title,
        "cid": cid,
        "url": asset_url(cid) if open_to_all and shown else None,
        "size": size,
        "content_type": content_type,
        "sha256": sha256,
        "encrypted": not open_to_all,
        "profile": {"name": profile, "chunk": layout.chunk, "width": layout.width},
    }
