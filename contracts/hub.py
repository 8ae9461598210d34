"""hub.fc: the payment contract. Amounts in nano unless a method's asset is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytoniq_core import Address, Cell, StateInit, begin_cell

from contracts import fees, opcodes
from contracts.cells import Stack, account_of, body_of, recipient_list
from contracts.codes import code

DAY: Final = 86_400
HUB_NOTICE: Final = 7 * DAY
PAYOUTS_PER_CELL: Final = 2
MAX_METHODS: Final = 32


@dataclass(frozen=True)
class HubParams:
    """The hub at its deployment. Caps: editions a day (minter), nano a day (payer).

    ``*_until``: a role is valid before that unix time; the admin renews it.
    """

    admin: Address
    treasury: Address
    minter: Address
    payer: Address
    minter_until: int
    payer_until: int
    minter_cap: int
    payer_cap: int

    def validate(self) -> None:
        """Raise ValueError for parameters with which the hub would not work."""
        for address_ in (self.admin, self.treasury, self.minter, self.payer):
            account_of(address_)
        for name, value, bits in (
            ("minter_until", self.minter_until, 32),
            ("payer_until", self.payer_until, 32),
            ("minter_cap", self.minter_cap, 32),
            ("payer_cap", self.payer_cap, 96),
        ):
            if not 0 <= value < 1 << bits:
                raise ValueError(f"{name} does not fit {bits} bits")


def data_cell(params: HubParams) -> Cell:
    """Return the initial data. The layout stands in ``func/hub.fc``."""
    proposals = begin_cell().store_address(None).store_address(None).store_uint(0, 32)
    admin = begin_cell().store_address(params.admin).store_address(params.treasury)
    payer = begin_cell().store_address(params.payer).store_uint(params.payer_until, 32)
    payer.store_uint(params.payer_cap, 96).store_uint(0, 64)
    payer.store_uint(params.payer_cap * DAY, 128).store_uint(0, 32)
    root = begin_cell().store_address(params.minter).store_uint(params.minter_until, 32)
    root.store_uint(0, 8).store_uint(params.minter_cap, 32).store_uint(0, 64)
    root.store_uint(params.minter_cap * DAY, 64).store_uint(0, 32)
    root.store_ref(admin.store_ref(proposals.end_cell()).end_cell())
    return root.store_ref(payer.end_cell()).store_maybe_ref(None).end_cell()


def state_init(params: HubParams) -> StateInit:
    """Return the StateInit; any first message deploys it. Raises ValueError."""
    params.validate()
    return StateInit(code=code("hub"), data=data_cell(params))


def address(params: HubParams) -> Address:
    """Return the hub's address."""
    return Address((0, state_init(params).serialize().hash))


@dataclass(frozen=True)
class SettlePart:
    """One collection's share of a batch. ``gross`` in the smallest unit of the method's asset."""

    collection: Address
    part: int
    gross: int
    recipients: Sequence[Address]


def settle_body(
    *, batch: int, orders_sha256: bytes, method: int, parts: Sequence[SettlePart]
) -> Cell:
    """Build ``settle``; its value: ``fees.settle_cost`` or more. Batches count from 0.

    ``orders_sha256`` binds the batch to the list of orders that stays off chain.
    """
    if len(orders_sha256) != 32:
        raise ValueError("a sha256 has 32 bytes")
    if not 0 < len(parts) <= fees.MAX_BATCH:
        raise ValueError("a batch has 1 to 250 parts")
    tail: Cell | None = None
    for part in reversed(parts):
        if len(part.recipients) > fees.MAX_BATCH:
            raise ValueError("a part has at most 250 recipients")
        builder = begin_cell().store_bytes(account_of(part.collection)).store_uint(part.part, 8)
        builder.store_uint(len(part.recipients), 16).store_uint(part.gross, 96)
        builder.store_ref(recipient_list(part.recipients)).store_maybe_ref(tail)
        tail = builder.end_cell()
    if tail is None:
        raise ValueError("a batch has 1 to 250 parts")
    body = body_of(opcodes.SETTLE, batch).store_bytes(orders_sha256).store_uint(method, 8)
    return body.store_ref(tail).end_cell()


@dataclass(frozen=True)
class PayoutEntry:
    """One payout: ``amount`` nano to ``recipient``; ``payout_id`` is ours (64 bits)."""

    recipient: Address
    amount: int
    payout_id: int


def pay_out_body(*, payout_no: int, entries: Sequence[PayoutEntry]) -> Cell:
    """Build ``pay_out``; its value: ``fees.pay_out_cost``. Payouts count from 0."""
    if not 0 < len(entries) <= fees.MAX_BATCH:
        raise ValueError("a payout has 1 to 250 entries")
    tail: Cell | None = None
    for start in reversed(range(0, len(entries), PAYOUTS_PER_CELL)):
        builder = begin_cell()
        for entry in entries[start : start + PAYOUTS_PER_CELL]:
            builder.store_bytes(account_of(entry.recipient)).store_uint(entry.amount, 96)
            builder.store_uint(entry.payout_id, 64)
        if tail is not None:
            builder.store_ref(tail)
        tail = builder.end_cell()
    if tail is None:
        raise ValueError("a payout has 1 to 250 entries")
    return body_of(opcodes.PAY_OUT, payout_no).store_ref(tail).end_cell()


def withdraw_body(*, amount: int = 0, query_id: int = 0) -> Cell:
    """Build ``withdraw`` to the treasury; 0: everything above the reserve."""
    return body_of(opcodes.WITHDRAW, query_id).store_coins(amount).end_cell()


def set_roles_body(
    *, minter: Address, minter_until: int, payer: Address, payer_until: int, query_id: int = 0
) -> Cell:
    """Build ``set_roles``: who mints and pays out, and until when."""
    builder = body_of(opcodes.SET_ROLES, query_id).store_address(minter)
    builder.store_uint(minter_until, 32).store_address(payer)
    return builder.store_uint(payer_until, 32).end_cell()


def set_limits_body(*, minter_cap: int, payer_cap: int, query_id: int = 0) -> Cell:
    """Build ``set_limits``: editions a day, nano a day."""
    builder = body_of(opcodes.SET_LIMITS, query_id).store_uint(minter_cap, 32)
    return builder.store_uint(payer_cap, 96).end_cell()


def set_shares_body(*, method: int, share_bps: int, query_id: int = 0) -> Cell:
    """Build ``set_shares``: makes a method known and says what of it never reaches us.

    Raises ValueError for a method above 31 or a share above 10 000.
    """
    if not 0 <= method < MAX_METHODS or not 0 <= share_bps <= fees.BPS_TOTAL:
        raise ValueError("a method is 0 to 31, its share 0 to 10 000 basis points")
    builder = body_of(opcodes.SET_SHARES, query_id).store_uint(method, 8)
    return builder.store_uint(share_bps, 16).end_cell()


def set_treasury_body(*, treasury: Address, query_id: int = 0) -> Cell:
    """Build ``set_treasury``."""
    return body_of(opcodes.SET_TREASURY, query_id).store_address(treasury).end_cell()


def set_pause_body(*, paused: bool, query_id: int = 0) -> Cell:
    """Build ``set_pause``: stops ``settle`` and ``pay_out``; sales on chain go on."""
    return body_of(opcodes.SET_PAUSE, query_id).store_bit_int(int(paused)).end_cell()


def propose_admin_body(*, admin: Address, query_id: int = 0) -> Cell:
    """Build ``propose_admin``: the new admin has to accept."""
    return body_of(opcodes.PROPOSE_ADMIN, query_id).store_address(admin).end_cell()


def accept_admin_body(*, query_id: int = 0) -> Cell:
    """Build ``accept_admin``, sent by the proposed admin."""
    return body_of(opcodes.ACCEPT_ADMIN, query_id).end_cell()


def propose_hub_body(*, hub: Address, query_id: int = 0) -> Cell:
    """Build ``propose_hub``: collections can be moved to it seven days later."""
    return body_of(opcodes.PROPOSE_HUB, query_id).store_address(hub).end_cell()


def move_collections_body(*, collections: Sequence[Address], query_id: int = 0) -> Cell:
    """Build ``move_collections``: hands these collections over to the proposed hub."""
    if len(collections) > fees.MAX_BATCH:
        raise ValueError("at most 250 collections in one message")
    body = body_of(opcodes.MOVE_COLLECTIONS, query_id)
    return body.store_ref(recipient_list(collections)).end_cell()


def release_quota_body(*, collection: Address, count: int, query_id: int = 0) -> Cell:
    """Build ``release_quota``: gives unused quota of a collection back to public sale."""
    builder = body_of(opcodes.RELEASE_QUOTA, query_id).store_address(collection)
    return builder.store_uint(count, 32).end_cell()


@dataclass(frozen=True)
class HubData:
    """``get_hub_data``."""

    admin: Address
    treasury: Address
    minter: Address
    minter_until: int
    payer: Address
    payer_until: int
    next_batch: int
    next_payout: int
    paused: bool
    proposed_admin: Address | None
    proposed_hub: Address | None
    hub_ready_at: int


def parse_hub_data(stack: Sequence[Any]) -> HubData:
    """Read ``get_hub_data``. Raises MalformedCell."""
    items = Stack(stack)
    return HubData(
        admin=items.address(),
        treasury=items.address(),
        minter=items.address(),
        minter_until=items.number(),
        payer=items.address(),
        payer_until=items.number(),
        next_batch=items.number(),
        next_payout=items.number(),
        paused=items.number() != 0,
        proposed_admin=items.maybe_address(),
        proposed_hub=items.maybe_address(),
        hub_ready_at=items.number(),
    )


@dataclass(frozen=True)
class Totals:
    """``get_totals``: what was settled by one method, in its asset's smallest unit."""

    share_bps: int
    count: int
    gross: int
    share: int


def parse_totals(stack: Sequence[Any]) -> Totals:
    """Read ``get_totals``. Raises MalformedCell."""
    items = Stack(stack)
    return Totals(items.number(), items.number(), items.number(), items.number())


@dataclass(frozen=True)
class Limits:
    """``get_limits``: caps a day and what is left now (editions, nano)."""

    minter_cap: int
    minter_left: int
    payer_cap: int
    payer_left: int


def parse_limits(stack: Sequence[Any]) -> Limits:
    """Read ``get_limits``. Raises MalformedCell."""
    items = Stack(stack)
    return Limits(items.number(), items.number(), items.number(), items.number())
