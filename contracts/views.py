"""What a collection's get-methods return, parsed. Rooms reach these through ``collection``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytoniq_core import Address, Cell

from contracts.cells import Stack

FLAG_DEPLOYED: Final = 1
FLAG_PAUSED: Final = 2
FLAG_CONTENT_LOCKED: Final = 4
FLAG_PAYOUT_FIXED: Final = 8
FLAG_LIMITED: Final = 16


@dataclass(frozen=True)
class CollectionData:
    """``get_collection_data`` (TEP-62)."""

    next_item_index: int
    content: Cell
    owner: Address


def parse_collection_data(stack: Sequence[Any]) -> CollectionData:
    """Read ``get_collection_data``. Raises MalformedCell."""
    items = Stack(stack)
    return CollectionData(items.number(), items.cell(), items.address())


@dataclass(frozen=True)
class SaleData:
    """``get_sale_data``: the terms as they are now."""

    flags: int
    next_item_index: int
    max_supply: int
    hub_quota: int
    hub_minted: int
    max_per_buy: int
    price: int
    starts_at: int
    ends_at: int
    platform_bps: int
    payout: Address
    hub: Address
    owner: Address
    release_id: int

    @property
    def deployed(self) -> bool:
        """Tell whether the owner's ``deploy`` was accepted."""
        return bool(self.flags & FLAG_DEPLOYED)

    @property
    def paused(self) -> bool:
        """Tell whether the owner paused the public sale."""
        return bool(self.flags & FLAG_PAUSED)

    @property
    def content_locked(self) -> bool:
        """Tell whether the content was locked for good."""
        return bool(self.flags & FLAG_CONTENT_LOCKED)

    @property
    def payout_fixed(self) -> bool:
        """Tell whether the payout address can never change."""
        return bool(self.flags & FLAG_PAYOUT_FIXED)

    @property
    def unused_quota(self) -> int:
        """Return the editions still kept for the hub."""
        return self.hub_quota - self.hub_minted

    def left_for_public(self) -> int | None:
        """Return how many editions ``buy`` and ``gift`` may still mint; None: no limit."""
        if not self.max_supply:
            return None
        return self.max_supply - self.next_item_index - self.unused_quota

    def on_sale(self, now: int) -> bool:
        """Tell whether ``buy`` would be accepted for one edition at ``now``."""
        left = self.left_for_public()
        in_window = self.starts_at <= now and (not self.ends_at or now < self.ends_at)
        return self.deployed and not self.paused and in_window and left != 0


def parse_sale_data(stack: Sequence[Any]) -> SaleData:
    """Read ``get_sale_data``. Raises MalformedCell."""
    items = Stack(stack)
    return SaleData(
        flags=items.number(),
        next_item_index=items.number(),
        max_supply=items.number(),
        hub_quota=items.number(),
        hub_minted=items.number(),
        max_per_buy=items.number(),
        price=items.number(),
        starts_at=items.number(),
        ends_at=items.number(),
        platform_bps=items.number(),
        payout=items.address(),
        hub=items.address(),
        owner=items.address(),
        release_id=items.number(),
    )


@dataclass(frozen=True)
class Royalty:
    """TEP-66: ``numerator / denominator`` of a resale goes to ``destination``."""

    numerator: int
    denominator: int
    destination: Address


def parse_royalty(stack: Sequence[Any]) -> Royalty:
    """Read ``royalty_params``. Raises MalformedCell."""
    items = Stack(stack)
    return Royalty(items.number(), items.number(), items.address())


def parse_address(stack: Sequence[Any]) -> Address:
    """Read ``get_nft_address_by_index``. Raises MalformedCell."""
    return Stack(stack).address()


def parse_number(stack: Sequence[Any]) -> int:
    """Read ``get_mint_cost``. Raises MalformedCell."""
    return Stack(stack).number()
