"""The blockchain configuration of the local network, built from numbers.

Only the parameters that the transaction executor reads are present (0, 8, 12, 18, 20, 21, 24,
25, 31). Prices are those of the main network in June 2026; unit: nano-coin, prices per unit
scaled by 2**16 where block.tlb says so (source: block.tlb, ConfigParam). A smaller cell is also
faster: the whole configuration of the main network costs the emulator far more to unpack.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from pytoniq_core import Builder, Cell, HashMap, Slice, begin_cell

GLOBAL_ID: Final = -239
GLOBAL_VERSION: Final = 8
CAPABILITIES: Final = 0x3EE
BASECHAIN_GAS_LIMIT: Final = 1_000_000


@dataclass(frozen=True)
class GasPrices:
    """Gas limits and prices of one workchain (gas_flat_pfx#d1 around gas_prices_ext#de)."""

    flat_limit: int
    flat_price: int
    price: int
    limit: int
    special_limit: int
    credit: int
    block_limit: int
    freeze_due: int
    delete_due: int

    def cell(self) -> Cell:
        """Serialise for parameters 20 and 21."""
        builder = begin_cell().store_uint(0xD1, 8)
        builder.store_uint(self.flat_limit, 64).store_uint(self.flat_price, 64)
        builder.store_uint(0xDE, 8).store_uint(self.price, 64)
        for value in (self.limit, self.special_limit, self.credit, self.block_limit):
            builder.store_uint(value, 64)
        return builder.store_uint(self.freeze_due, 64).store_uint(self.delete_due, 64).end_cell()


@dataclass(frozen=True)
class ForwardPrices:
    """Message forwarding prices of one workchain (msg_forward_prices#ea)."""

    lump: int
    bit: int
    cell_price: int
    first_fraction: int = 21845

    def cell(self) -> Cell:
        """Serialise for parameters 24 and 25."""
        builder = begin_cell().store_uint(0xEA, 8).store_uint(self.lump, 64)
        builder.store_uint(self.bit, 64).store_uint(self.cell_price, 64)
        builder.store_uint(98304, 32)
        return builder.store_uint(self.first_fraction, 16).store_uint(21845, 16).end_cell()


MASTERCHAIN_GAS: Final = GasPrices(
    100, 1_000_000, 655_360_000, 10**6, 7 * 10**7, 10**4, 2_500_000, 10**8, 10**9
)
BASECHAIN_GAS: Final = GasPrices(
    100, 6667, 4_369_067, BASECHAIN_GAS_LIMIT, 10**6, 10**4, 10**7, 10**8, 10**9
)
MASTERCHAIN_FORWARD: Final = ForwardPrices(10**7, 655_360_000, 65_536_000_000)
BASECHAIN_FORWARD: Final = ForwardPrices(66_667, 4_369_067, 436_906_667)

# (valid from, nano per bit, per cell, masterchain bit, masterchain cell), per 2**16 seconds
# and scaled by 2**16.
STORAGE_PRICES: Final = ((0, 1, 500, 1000, 500_000), (1_777_500_000, 0, 135, 1000, 500_000))


def _store_inline(source: Cell, target: Builder) -> None:
    target.store_cell(source)


def _store_as_ref(source: Cell, target: Builder) -> None:
    target.store_ref(source)


def _dictionary(values: dict[int, Cell], *, as_ref: bool = False) -> Cell:
    table = HashMap(32, value_serializer=_store_as_ref if as_ref else _store_inline)
    table.map = dict(values)
    root = table.serialize()
    if root is None:
        raise ValueError("a configuration dictionary cannot be empty")
    return root


def _storage_price(row: tuple[int, ...]) -> Cell:
    builder = begin_cell().store_uint(0xCC, 8).store_uint(row[0], 32)
    for price in row[1:]:
        builder.store_uint(price, 64)
    return builder.end_cell()


def _storage_prices() -> Cell:
    return _dictionary({row[0]: _storage_price(row) for row in STORAGE_PRICES})


def _workchains() -> Cell:
    """One basechain: without it the executor drops outgoing messages without a word."""
    record = begin_cell().store_uint(0xA6, 8).store_uint(0, 32)
    record.store_uint(0, 8).store_uint(0, 8).store_uint(4, 8)  # actual, min and max split
    record.store_bits("111").store_uint(0, 13)  # basic, active, accepts messages; flags
    record.store_uint(0, 256).store_uint(0, 256).store_uint(0, 32)  # zero state, version
    record.store_bits("0001").store_int(-1, 32).store_uint(0, 64)  # basic format, vm version, mode
    return begin_cell().store_maybe_ref(_dictionary({0: record.end_cell()})).end_cell()


@cache
def config_parameters() -> dict[int, Cell]:
    """Return the nine parameters by number."""
    return {
        0: begin_cell().store_uint(0x55 * (2**256 // 255), 256).end_cell(),
        8: begin_cell()
        .store_uint(0xC4, 8)
        .store_uint(GLOBAL_VERSION, 32)
        .store_uint(CAPABILITIES, 64)
        .end_cell(),
        12: _workchains(),
        18: _storage_prices(),
        20: MASTERCHAIN_GAS.cell(),
        21: BASECHAIN_GAS.cell(),
        24: MASTERCHAIN_FORWARD.cell(),
        25: BASECHAIN_FORWARD.cell(),
        31: begin_cell().store_bit_int(0).end_cell(),
    }


@cache
def config_cell() -> Cell:
    """Return the dictionary of all parameters, keyed by signed 32-bit number."""
    return _dictionary(config_parameters(), as_ref=True)


def config_param(number: int) -> Cell | None:
    """Return one parameter, or None when the local network does not define it."""
    return config_parameters().get(number)


def unpacked_prices(storage_row: int = -1) -> list[Slice | None]:
    """Return the tuple from which TVM's fee opcodes read (parameters 18, 19, 20, 21, 24, 25, 43).

    Transactions get it from the executor; a get-method run by hand has to be given it.
    """
    known = [config_param(number) for number in (20, 21, 24, 25)]
    prices = [_storage_price(STORAGE_PRICES[storage_row]), None, *known, None]
    return [None if cell is None else cell.begin_parse() for cell in prices]


def storage_row(now: int) -> int:
    """Return the position in STORAGE_PRICES of the price in force at ``now`` (unix seconds)."""
    return sum(1 for row in STORAGE_PRICES if row[0] <= now) - 1
