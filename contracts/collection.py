"""collection.fc: one release as a limited edition. Amounts in nano, times in unix seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytoniq_core import Address, Cell, StateInit, begin_cell

from contracts import fees, opcodes
from contracts.cells import account_of, body_of, recipient_list
from contracts.codes import code
from contracts.metadata import MAX_CONTENT_CELLS
from contracts.views import (
    FLAG_CONTENT_LOCKED,
    FLAG_DEPLOYED,
    FLAG_LIMITED,
    FLAG_PAUSED,
    FLAG_PAYOUT_FIXED,
    CollectionData,
    Royalty,
    SaleData,
    parse_address,
    parse_collection_data,
    parse_number,
    parse_royalty,
    parse_sale_data,
)

__all__ = [
    "FLAG_CONTENT_LOCKED",
    "FLAG_DEPLOYED",
    "FLAG_LIMITED",
    "FLAG_PAUSED",
    "FLAG_PAYOUT_FIXED",
    "MAX_PER_BUY",
    "NOT_DEPLOYED",
    "NO_LIMIT",
    "CollectionData",
    "CollectionParams",
    "Royalty",
    "SaleData",
    "address",
    "buy_body",
    "change_owner_body",
    "check_window",
    "data_cell",
    "deploy_body",
    "get_royalty_params_body",
    "gift_body",
    "lock_content_body",
    "parse_address",
    "parse_collection_data",
    "parse_number",
    "parse_royalty",
    "parse_sale_data",
    "set_content_body",
    "set_payout_body",
    "set_sale_body",
    "state_init",
    "top_up_body",
    "withdraw_surplus_body",
]

MAX_PER_BUY: Final = 200
# How "no limit" and "no end" are stored; the wrappers show them as 0.
NO_LIMIT: Final = 2**32 - 1
# next_item_index before the owner's `deploy`: above every supply.
NOT_DEPLOYED: Final = 2**32 - 1


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)


def _count_cells(root: Cell) -> int:
    seen: set[bytes] = set()
    stack = [root]
    while stack:
        cell = stack.pop()
        if cell.hash not in seen:
            seen.add(cell.hash)
            stack.extend(cell.refs)
    return len(seen)


@dataclass(frozen=True)
class CollectionParams:
    """Everything that is fixed or set at deployment; the address follows from it.

    ``max_supply`` 0: open until ``ends_at``. ``ends_at`` 0: no end. ``hub_quota``: editions kept
    for what is paid off chain. The royalty goes to ``payout``.
    """

    release_id: int
    owner: Address
    payout: Address
    hub: Address
    content: Cell
    price: int
    max_supply: int = 0
    hub_quota: int = 0
    max_per_buy: int = 10
    starts_at: int = 0
    ends_at: int = 0
    platform_bps: int = 0
    royalty_numerator: int = 0
    royalty_denominator: int = 10_000
    paused: bool = False
    content_locked: bool = False
    payout_fixed: bool = False

    def validate(self) -> None:
        """Raise ValueError where the contract's ``deploy`` would refuse."""
        for name, value, bits in (
            ("release_id", self.release_id, 64),
            ("price", self.price, 96),
            ("max_supply", self.max_supply, 32),
            ("hub_quota", self.hub_quota, 32),
            ("starts_at", self.starts_at, 32),
            ("ends_at", self.ends_at, 32),
            ("royalty_denominator", self.royalty_denominator, 16),
        ):
            _require(0 <= value < 1 << bits, f"{name} does not fit {bits} bits")
        for address_ in (self.owner, self.payout, self.hub):
            account_of(address_)
        _require(0 < self.max_per_buy <= MAX_PER_BUY, "max_per_buy is 1 to 200")
        _require(0 <= self.platform_bps <= fees.BPS_TOTAL, "platform_bps is 0 to 10 000")
        _require(
            0 <= self.royalty_numerator < self.royalty_denominator, "a royalty is less than all"
        )
        check_window(self.max_supply, self.starts_at, self.ends_at)
        _require(
            not self.max_supply or self.hub_quota <= self.max_supply, "the quota exceeds the supply"
        )
        _require(len(self.content.refs) == 3, "content has three references")
        _require(
            _count_cells(self.content) <= MAX_CONTENT_CELLS,
            f"content takes more than {MAX_CONTENT_CELLS} cells",
        )

    def flags(self) -> int:
        """Return the flags that a collection may have before its deployment."""
        return (
            FLAG_PAUSED * self.paused
            | FLAG_CONTENT_LOCKED * self.content_locked
            | FLAG_PAYOUT_FIXED * self.payout_fixed
        )


def check_window(max_supply: int, starts_at: int, ends_at: int) -> None:
    """Raise ValueError for a window that the contract refuses."""
    if ends_at:
        _require(starts_at < ends_at, "the sale has to start before it ends")
    else:
        _require(max_supply > 0, "an open edition needs an end")


def data_cell(params: CollectionParams) -> Cell:
    """Return the initial data. The layout stands in ``func/collection.fc``."""
    owner = begin_cell().store_address(params.owner).store_uint(params.release_id, 64)
    owner.store_uint(params.royalty_numerator, 16).store_uint(params.royalty_denominator, 16)
    root = begin_cell().store_uint(NOT_DEPLOYED, 32).store_uint(0, 32)
    root.store_uint(params.hub_quota, 32)
    root.store_uint(params.max_supply or NO_LIMIT, 32)
    root.store_address(params.hub).store_address(params.payout)
    root.store_uint(params.flags(), 8).store_uint(params.max_per_buy, 8).store_uint(
        params.platform_bps, 16
    )
    root.store_uint(params.starts_at, 32).store_uint(params.ends_at or NO_LIMIT, 32)
    root.store_uint(params.price, 96)
    return root.store_ref(params.content).store_ref(owner.end_cell()).end_cell()


def state_init(params: CollectionParams) -> StateInit:
    """Return the StateInit that the owner's wallet sends. Raises ValueError."""
    params.validate()
    return StateInit(code=code("collection"), data=data_cell(params))


def address(params: CollectionParams) -> Address:
    """Return the collection's address. A collection is known when this is the one on chain."""
    return Address((0, state_init(params).serialize().hash))


def deploy_body(*, query_id: int = 0) -> Cell:
    """Build the owner's first message; its value: ``fees.collection_deploy_value`` or more."""
    return body_of(opcodes.DEPLOY, query_id).end_cell()


def buy_body(
    *,
    query_id: int,
    quantity: int,
    max_unit_price: int,
    recipient: Address | None = None,
    referrer: Address | None = None,
) -> Cell:
    """Build ``buy``; its value: ``fees.mint_cost`` or more, the rest comes back.

    ``query_id``: the order (64 bits). ``recipient`` None: the sender. ``referrer`` is only
    recorded in the receipt.
    """
    _require(0 < quantity <= MAX_PER_BUY, "quantity is 1 to 200")
    builder = body_of(opcodes.BUY, query_id).store_uint(quantity, 8).store_coins(max_unit_price)
    return builder.store_address(recipient).store_address(referrer).end_cell()


def gift_body(*, recipients: Sequence[Address], query_id: int = 0) -> Cell:
    """Build ``gift``: the artist's own copies; its value: ``fees.batch_cost`` or more."""
    _require(0 < len(recipients) <= fees.MAX_BATCH, "a gift has 1 to 250 recipients")
    builder = body_of(opcodes.GIFT, query_id).store_uint(len(recipients), 16)
    return builder.store_ref(recipient_list(recipients)).end_cell()


def set_sale_body(
    *,
    price: int,
    max_supply: int,
    hub_quota: int,
    max_per_buy: int,
    starts_at: int = 0,
    ends_at: int = 0,
    paused: bool = False,
    query_id: int = 0,
) -> Cell:
    """Build ``set_sale``: all terms at once. Quota upwards only, supply downwards only."""
    check_window(max_supply, starts_at, ends_at)
    builder = body_of(opcodes.SET_SALE, query_id).store_uint(price, 96)
    builder.store_uint(starts_at, 32).store_uint(ends_at or NO_LIMIT, 32)
    builder.store_bit_int(int(paused))
    builder.store_uint(max_per_buy, 8).store_uint(hub_quota, 32)
    return builder.store_uint(max_supply or NO_LIMIT, 32).end_cell()


def set_content_body(*, content: Cell, query_id: int = 0) -> Cell:
    """Build ``set_content``: possible before ``starts_at`` and before the first item."""
    return body_of(opcodes.SET_CONTENT, query_id).store_ref(content).end_cell()


def lock_content_body(*, query_id: int = 0) -> Cell:
    """Build ``lock_content``: the content can never change again."""
    return body_of(opcodes.LOCK_CONTENT, query_id).end_cell()


def change_owner_body(*, new_owner: Address, query_id: int = 0) -> Cell:
    """Build ``change_owner``."""
    return body_of(opcodes.CHANGE_OWNER, query_id).store_address(new_owner).end_cell()


def set_payout_body(*, payout: Address, query_id: int = 0) -> Cell:
    """Build ``set_payout``: where sales and royalties go. Refused under ``payout_fixed``."""
    return body_of(opcodes.SET_PAYOUT, query_id).store_address(payout).end_cell()


def withdraw_surplus_body(*, query_id: int = 0) -> Cell:
    """Build ``withdraw_surplus``: everything above the storage reserve, to the owner."""
    return body_of(opcodes.WITHDRAW_SURPLUS, query_id).end_cell()


def top_up_body() -> Cell:
    """Build ``top_up``: anyone may add to the storage reserve."""
    return body_of(opcodes.TOP_UP, None).end_cell()


def get_royalty_params_body(*, query_id: int = 0) -> Cell:
    """Build ``get_royalty_params`` (TEP-66)."""
    return body_of(opcodes.GET_ROYALTY_PARAMS, query_id).end_cell()
