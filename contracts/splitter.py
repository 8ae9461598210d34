"""splitter.fc: collaborators' shares of a release. Amounts in nano."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytoniq_core import Address, Builder, Cell, HashMap, StateInit, begin_cell

from contracts import fees, opcodes
from contracts.cells import Stack, account_of, body_of
from contracts.codes import code

MAX_PAYEES: Final = 50
MIN_THRESHOLD: Final = 10**7


@dataclass(frozen=True)
class Share:
    """One collaborator: where his part goes, and how much of the whole it is."""

    address: Address
    bps: int


@dataclass(frozen=True)
class SplitterParams:
    """Up to 50 shares of together 10 000 basis points; the last payee takes the remainder.

    ``threshold``: nothing is distributed below it (nano).
    """

    shares: tuple[Share, ...]
    threshold: int = 10**9

    def validate(self) -> None:
        """Raise ValueError for shares that do not make a whole."""
        if not 0 < len(self.shares) <= MAX_PAYEES:
            raise ValueError("a split has 1 to 50 payees")
        if any(share.bps <= 0 for share in self.shares):
            raise ValueError("a share is more than nothing")
        if sum(share.bps for share in self.shares) != fees.BPS_TOTAL:
            raise ValueError("shares sum to 10 000 basis points")
        if not MIN_THRESHOLD <= self.threshold < 1 << 96:
            raise ValueError("a threshold is at least 0.01 coin")
        # A part below its own forward fee goes to the last payee, and anyone may distribute: at
        # the threshold already everybody's part has to be worth sending, or the last gets it all.
        lump = fees.JUNE_2026.forward()
        shared = self.threshold - len(self.shares) * lump
        if shared * min(share.bps for share in self.shares) // fees.BPS_TOTAL < lump:
            raise ValueError("the smallest share is not worth sending at this threshold")
        for share in self.shares:
            account_of(share.address)


def _store(share: Share, target: Builder) -> None:
    target.store_address(share.address).store_uint(share.bps, 16)


def state_init(params: SplitterParams) -> StateInit:
    """Return the StateInit; any first payment deploys it. Raises ValueError."""
    params.validate()
    table = HashMap(8, value_serializer=_store)
    table.map = dict(enumerate(params.shares))
    root = table.serialize()
    if root is None:
        raise ValueError("a split has 1 to 50 payees")
    data = begin_cell().store_uint(params.threshold, 96).store_uint(len(params.shares), 8)
    return StateInit(code=code("splitter"), data=data.store_ref(root).end_cell())


def address(params: SplitterParams) -> Address:
    """Return the splitter's address: the payout address of its release."""
    return Address((0, state_init(params).serialize().hash))


def distribute_body(*, query_id: int = 0) -> Cell:
    """Build ``distribute``; anyone may send it, its value: ``distribute_value``."""
    return body_of(opcodes.DISTRIBUTE, query_id).end_cell()


def distribute_value(payees: int, prices: fees.Prices = fees.JUNE_2026) -> int:
    """Return the least value of ``distribute``."""
    gas = fees.SPLITTER_GAS_BASE + payees * fees.SPLITTER_GAS_PAYEE
    return prices.gas(gas) + prices.forward()


def change_address_body(*, index: int, new_address: Address, query_id: int = 0) -> Cell:
    """Build a payee's own ``set_payout``: moves his part to another address of his."""
    builder = body_of(opcodes.SET_PAYOUT, query_id).store_uint(index, 8)
    return builder.store_address(new_address).end_cell()


def parse_split(stack: Sequence[Any]) -> tuple[int, int]:
    """Read ``get_split``: threshold and number of payees. Raises MalformedCell."""
    items = Stack(stack)
    return items.number(), items.number()


def parse_payee(stack: Sequence[Any]) -> Share:
    """Read ``get_payee``. Raises MalformedCell."""
    items = Stack(stack)
    return Share(items.address(), items.number())
