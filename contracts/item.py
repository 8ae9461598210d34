"""item.fc: one edition (TEP-62). Source of layouts: TEP-62, ``func/item.fc``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytoniq_core import Address, Cell, Slice, StateInit, begin_cell

from contracts import opcodes
from contracts.cells import Reader, Stack, body_of, reader_of
from contracts.codes import code
from contracts.fees import ITEM_GAS_TRANSFER, JUNE_2026, Prices, item_endowment


@dataclass(frozen=True)
class ItemParams:
    """What an item's address is made of."""

    collection: Address
    index: int

    def validate(self) -> None:
        """Raise ValueError when the item could not exist."""
        if self.collection.wc != 0:
            raise ValueError("items live in the basechain")
        if not 0 <= self.index < 2**32:
            raise ValueError("an index is a number below 2**32")


def state_init(params: ItemParams) -> StateInit:
    """Return the StateInit with which the collection deploys this item."""
    params.validate()
    data = begin_cell().store_address(params.collection).store_uint(params.index, 64).end_cell()
    return StateInit(code=code("item"), data=data)


def address(params: ItemParams) -> Address:
    """Return the item's address: equals ``get_nft_address_by_index`` of its collection."""
    return Address((0, state_init(params).serialize().hash))


def transfer_body(
    *,
    new_owner: Address,
    response: Address | None,
    query_id: int = 0,
    forward_amount: int = 0,
    forward_payload: Cell | None = None,
    custom_payload: Cell | None = None,
) -> Cell:
    """Build ``transfer``. ``forward_amount`` in nano: above zero the new owner is notified;
    ``response`` receives what is left (None: it stays in the item)."""
    builder = body_of(opcodes.TRANSFER, query_id)
    builder.store_address(new_owner).store_address(response)
    builder.store_maybe_ref(custom_payload).store_coins(forward_amount)
    return builder.store_maybe_ref(forward_payload).end_cell()


def get_static_data_body(*, query_id: int = 0) -> Cell:
    """Build ``get_static_data``: the answer is ``report_static_data`` with the rest."""
    return body_of(opcodes.GET_STATIC_DATA, query_id).end_cell()


def transfer_value(forward_amount: int = 0, prices: Prices = JUNE_2026) -> int:
    """Return a comfortable value for a transfer: fees twice over; the rest comes back."""
    fees = prices.gas(ITEM_GAS_TRANSFER) + prices.forward(1023, 2) + prices.forward()
    return forward_amount + 2 * fees + item_endowment(prices)


@dataclass(frozen=True)
class OwnershipAssigned:
    """``ownership_assigned``: an item tells its new owner. At a mint the previous owner is the
    collection."""

    query_id: int
    previous_owner: Address
    payload: Slice


def parse_ownership_assigned(body: Cell | Slice) -> OwnershipAssigned | None:
    """Read the notification; None for another operation. Raises MalformedCell."""
    reader = reader_of(body, opcodes.OWNERSHIP_ASSIGNED)
    if reader is None:
        return None
    return OwnershipAssigned(reader.uint(64), reader.address(), reader.rest())


@dataclass(frozen=True)
class StaticData:
    """``report_static_data``: which edition of which collection an item claims to be."""

    query_id: int
    index: int
    collection: Address


def parse_static_data(body: Cell | Slice) -> StaticData | None:
    """Read the answer; None for another operation. Raises MalformedCell."""
    reader = reader_of(body, opcodes.REPORT_STATIC_DATA)
    if reader is None:
        return None
    return StaticData(reader.uint(64), reader.uint(256), reader.address())


@dataclass(frozen=True)
class Transfer:
    """A ``transfer`` as an owner's wallet sends it."""

    query_id: int
    new_owner: Address
    response: Address | None
    forward_amount: int


def parse_transfer(body: Cell | Slice) -> Transfer | None:
    """Read a transfer; None for another operation. Raises MalformedCell."""
    reader = reader_of(body, opcodes.TRANSFER)
    if reader is None:
        return None
    query_id, owner, response = reader.uint(64), reader.address(), reader.maybe_address()
    reader.maybe_ref()
    return Transfer(query_id, owner, response, reader.coins())


@dataclass(frozen=True)
class NftData:
    """``get_nft_data``. ``owner`` is None until the item is initialised."""

    initialised: bool
    index: int
    collection: Address
    owner: Address | None
    content: Cell


def parse_nft_data(stack: Sequence[Any]) -> NftData:
    """Read ``get_nft_data``. Raises MalformedCell."""
    items = Stack(stack)
    return NftData(
        initialised=items.number() != 0,
        index=items.number(),
        collection=items.address(),
        owner=items.maybe_address(),
        content=items.cell(),
    )


def parse_data(data: Cell) -> NftData:
    """Read the same out of an item's stored data, without running its get-method."""
    reader = Reader(data)
    collection, index = reader.address(), reader.uint(64)
    owner = reader.address() if reader.bits_left else None
    return NftData(owner is not None, index, collection, owner, Cell.empty())
