"""The terms of a drop: as an artist asks for them, as the contract takes them, as it tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from pytoniq_core import Cell

from catalog.models import Release
from contracts.collection import CollectionParams, SaleData
from contracts.metadata import EditionContent, release_content
from contracts.splitter import Share, SplitterParams
from core.errors import ApplicationError
from core.ton import addresses
from nft.models import Collection, Split

MAX_PRICE: Final = 10**7 * 10**9  # ten million coins: far above any, and it fits a bigint times 200
MAX_ROYALTY_BPS: Final = 5_000
# The contract would let its owner swap the content until the start; fans order what they saw here.
CONTENT_LOCKED: Final = True
ON_CHAIN_TEXT: Final = 254  # bytes of description kept on chain; all of it stands in the JSON


@dataclass(frozen=True, slots=True)
class DropTerms:
    """What an artist decides. price: nano-coins. max_supply 0: open until ends_at.

    owner: raw address of the wallet that will deploy; payout: where sales and royalties go, the
    owner's when empty. hub_quota: editions kept for buyers who pay off chain.
    """

    owner: str
    price: int
    max_supply: int
    starts_at: datetime
    ends_at: datetime | None = None
    max_per_buy: int = 10
    royalty_bps: int = 500
    hub_quota: int = 0
    payout: str = ""
    payout_fixed: bool = False


def params_of(
    release: Release, terms: DropTerms, *, chain_id: int, master: tuple[str, str]
) -> CollectionParams:
    """The contract's parameters, validated. master: (sha256, CID) of the first track's master.

    Raises ApplicationError terms_invalid (400), hub_unset (503).
    """
    if not settings.TON_HUB_ADDRESS:
        raise ApplicationError("hub_unset", detail="No hub contract is configured.", status=503)
    _check(terms)
    try:
        params = CollectionParams(
            release_id=chain_id,
            owner=addresses.address(_basechain(terms.owner)),
            payout=addresses.address(_basechain(terms.payout or terms.owner)),
            hub=addresses.address(_basechain(settings.TON_HUB_ADDRESS)),
            content=_content(release, master),
            price=terms.price,
            max_supply=terms.max_supply,
            hub_quota=terms.hub_quota,
            max_per_buy=terms.max_per_buy,
            starts_at=int(terms.starts_at.timestamp()),
            ends_at=int(terms.ends_at.timestamp()) if terms.ends_at else 0,
            platform_bps=settings.PLATFORM_BPS,
            royalty_numerator=terms.royalty_bps,
            payout_fixed=terms.payout_fixed,
            content_locked=CONTENT_LOCKED,
        )
        params.validate()
    except ValueError as error:
        raise ApplicationError("terms_invalid", "Invalid terms", f"{error}.") from None
    return params


def _check(terms: DropTerms) -> None:
    """What the contract would take, but the shop does not."""
    problems: dict[str, list[str]] = {}
    if not 0 < terms.price <= MAX_PRICE:
        problems["price"] = ["A price above zero and up to ten million."]
    if not 0 <= terms.royalty_bps <= MAX_ROYALTY_BPS:
        problems["royalty_bps"] = ["A royalty of at most half."]
    if terms.max_supply < 0:
        problems["max_supply"] = ["Zero for an open edition, or the number of editions."]
    if terms.ends_at is not None and terms.ends_at <= terms.starts_at:
        problems["ends_at"] = ["The sale has to start before it ends."]
    if not terms.max_supply and terms.ends_at is None:
        problems["ends_at"] = ["An open edition needs an end."]
    if problems:
        raise ApplicationError("terms_invalid", "Invalid terms", fields=problems)


def _basechain(text: str) -> str:
    return addresses.parse(text, workchain=addresses.BASECHAIN)


def _content(release: Release, master: tuple[str, str]) -> Cell:
    if release.metadata is None or release.cover is None:
        raise ValueError("the release has no metadata")
    uri = f"ipfs://{release.metadata.cid}"
    description = release.description
    return release_content(
        uri,
        EditionContent(
            title=release.title,
            uri=uri,
            image=f"ipfs://{release.cover.cid}",
            description=description if len(description.encode()) <= ON_CHAIN_TEXT else "",
            master_sha256=master[0],
            master_cid=master[1],
        ),
    )


def splitter_params(split: Split) -> SplitterParams:
    """The splitter's parameters, validated: collaborators first, the artist takes the remainder.

    Raises ValueError for shares that make no whole, or are too small to be sent.
    """
    first, *rest = split.shares.order_by("position")
    params = SplitterParams(
        tuple(Share(addresses.address(one.wallet), one.bps) for one in (*rest, first)),
        threshold=split.threshold,
    )
    params.validate()
    return params


def committed_params(collection: Collection) -> CollectionParams:
    """The parameters that this row stands for, while its terms are those of its deployment."""
    return CollectionParams(
        release_id=collection.chain_id,
        owner=addresses.address(collection.owner),
        payout=addresses.address(collection.payout),
        hub=addresses.address(collection.hub),
        content=Cell.one_from_boc(bytes(collection.content)),
        price=collection.price,
        max_supply=collection.max_supply,
        hub_quota=collection.hub_quota,
        max_per_buy=collection.max_per_buy,
        starts_at=int(collection.starts_at.timestamp()),
        ends_at=int(collection.ends_at.timestamp()) if collection.ends_at else 0,
        platform_bps=collection.platform_bps,
        royalty_numerator=collection.royalty_bps,
        payout_fixed=collection.payout_fixed,
        content_locked=CONTENT_LOCKED,
    )


def fields_of(sale: SaleData) -> dict[str, Any]:
    """The columns of a collection that the chain decides, but `minted`, which only grows.

    The contract takes any price of 96 bits from its owner. One that no bigint holds must not stop
    us from reading the others' terms: above MAX_PRICE a drop is not for sale here.
    """
    return {
        "owner": addresses.raw(sale.owner),
        "payout": addresses.raw(sale.payout),
        "price": min(sale.price, MAX_PRICE),
        "max_supply": sale.max_supply,
        "max_per_buy": sale.max_per_buy,
        "hub_quota": sale.hub_quota,
        "hub_minted": sale.hub_minted,
        "starts_at": datetime.fromtimestamp(sale.starts_at, UTC),
        "ends_at": datetime.fromtimestamp(sale.ends_at, UTC) if sale.ends_at else None,
        "paused": sale.paused or sale.price > MAX_PRICE,
    }
