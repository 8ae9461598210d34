"""What messages of ours cost, computed as the contracts do. All amounts in nano.

The sizes and gas figures mirror ``func/fees.fc``; prices are the network's and can change, so
every function takes them. A test compares the result with ``get_mint_cost`` on the real TVM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytoniq_core import Cell

from contracts.cells import Reader
from contracts.errors import MalformedCell

TEN_YEARS: Final = 315_360_000
BPS_TOTAL: Final = 10_000
MAX_BATCH: Final = 250
MAX_LIST_DEPTH: Final = 255
# begin of the mirror
ITEM_CELLS: Final = 10
ITEM_GAS_INIT: Final = 1_600
ITEM_GAS_NOTIFY: Final = 3_500
ITEM_GAS_TRANSFER: Final = 7_750
ITEM_DEPLOY_BITS: Final = 3_555
ITEM_DEPLOY_CELLS: Final = 7
COLLECTION_CELLS: Final = 84
COLLECTION_GAS_OWNER: Final = 9_000
BUY_GAS_BASE: Final = 13_400
BUY_GAS_ITEM: Final = 2_080
MINT_GAS_BASE: Final = 9_900
MINT_GAS_ITEM: Final = 2_480
HUB_CELLS: Final = 112
HUB_GAS_SETTLED: Final = 2_450
HUB_GAS_SETTLE: Final = 12_500
HUB_GAS_SETTLE_PART: Final = 3_800
HUB_GAS_ADMIN: Final = 12_800
HUB_GAS_PAYOUT: Final = 2_000
SPLITTER_CELLS: Final = 150
SPLITTER_GAS_BASE: Final = 8_000
SPLITTER_GAS_PAYEE: Final = 3_000
SPLITTER_GAS_OWNER: Final = 16_000
SALE_RECEIPT_BITS: Final = 490
# end of the mirror


def _ceil_shift(value: int) -> int:
    return -(-value >> 16)


@dataclass(frozen=True)
class Prices:
    """Basechain prices: parameters 18, 21 and 25; per-unit values scaled by 2**16."""

    flat_gas: int = 100
    flat_gas_price: int = 6667
    gas_price: int = 4_369_067
    lump: int = 66_667
    bit_price: int = 4_369_067
    cell_price: int = 436_906_667
    storage_bit: int = 0
    storage_cell: int = 135

    def gas(self, gas: int) -> int:
        """Return what ``gas`` units of computation cost."""
        if gas <= self.flat_gas:
            return self.flat_gas_price
        return self.flat_gas_price + _ceil_shift(self.gas_price * (gas - self.flat_gas))

    def forward(self, bits: int = 0, cells: int = 0) -> int:
        """Return what a message costs; its root cell is not counted."""
        return self.lump + _ceil_shift(self.bit_price * bits + self.cell_price * cells)

    def storage(self, cells: int, seconds: int, bits: int = 0) -> int:
        """Return what keeping cells and bits for a time costs."""
        return _ceil_shift((self.storage_bit * bits + self.storage_cell * cells) * seconds)


JUNE_2026: Final = Prices()


def prices_from_config(storage: Cell, gas: Cell, forward: Cell) -> Prices:
    """Read prices out of parameters 18 (its newest entry), 21 and 25. Raises MalformedCell."""
    entries = storage.begin_parse().load_hashmap(32)
    newest = Reader(entries[max(entries)])
    gas_reader, forward_reader = Reader(gas), Reader(forward)
    if newest.uint(8) != 0xCC or gas_reader.uint(8) != 0xD1 or forward_reader.uint(8) != 0xEA:
        raise MalformedCell("not the prices of a workchain")
    newest.uint(32)
    flat_gas, flat_gas_price = gas_reader.uint(64), gas_reader.uint(64)
    gas_reader.uint(8)
    return Prices(
        flat_gas=flat_gas,
        flat_gas_price=flat_gas_price,
        gas_price=gas_reader.uint(64),
        lump=forward_reader.uint(64),
        bit_price=forward_reader.uint(64),
        cell_price=forward_reader.uint(64),
        storage_bit=newest.uint(64),
        storage_cell=newest.uint(64),
    )


def item_endowment(prices: Prices = JUNE_2026) -> int:
    """Return what an item keeps: ten years of storage."""
    return prices.storage(ITEM_CELLS, TEN_YEARS)


def item_first_value(*, notified: bool, prices: Prices = JUNE_2026) -> int:
    """Return what an item's first message carries."""
    if notified:
        return item_endowment(prices) + prices.gas(ITEM_GAS_NOTIFY) + prices.forward(364, 1) + 1
    return item_endowment(prices) + prices.gas(ITEM_GAS_INIT)


def collection_reserve(prices: Prices = JUNE_2026) -> int:
    """Return what a collection keeps."""
    return prices.storage(COLLECTION_CELLS, TEN_YEARS)


def hub_reserve(prices: Prices = JUNE_2026) -> int:
    """Return what the hub keeps."""
    return prices.storage(HUB_CELLS, TEN_YEARS)


def collection_deploy_value(prices: Prices = JUNE_2026) -> int:
    """Return the least value of the message that deploys a collection."""
    gas = prices.gas(COLLECTION_GAS_OWNER)
    return collection_reserve(prices) + gas + prices.forward()


def owner_message_value(prices: Prices = JUNE_2026) -> int:
    """Return the least value of an owner's message to a collection."""
    return prices.gas(COLLECTION_GAS_OWNER) + prices.forward()


def admin_message_value(prices: Prices = JUNE_2026) -> int:
    """Return the least value of an admin's message to the hub."""
    return prices.gas(HUB_GAS_ADMIN) + 2 * prices.forward()


def batch_cost(count: int, prices: Prices = JUNE_2026) -> int:
    """Return what ``mint`` or ``gift`` of ``count`` editions has to bring."""
    each = item_first_value(notified=False, prices=prices)
    each += prices.forward(ITEM_DEPLOY_BITS, ITEM_DEPLOY_CELLS)
    gas = prices.gas(MINT_GAS_BASE + count * MINT_GAS_ITEM)
    return gas + count * each + 2 * prices.forward()


def settle_cost(counts: list[int], prices: Prices = JUNE_2026) -> int:
    """Return the least value of ``settle`` with these numbers of editions per part."""
    total = prices.forward() + prices.gas(HUB_GAS_SETTLE + len(counts) * HUB_GAS_SETTLE_PART)
    return total + sum(
        batch_cost(count, prices) + prices.forward(256 * count, count) for count in counts
    )


def pay_out_cost(count: int, prices: Prices = JUNE_2026) -> int:
    """Return the least value of ``pay_out`` with ``count`` entries (their amounts excluded)."""
    return prices.forward() + prices.gas(HUB_GAS_SETTLE + count * HUB_GAS_PAYOUT)


@dataclass(frozen=True)
class Split:
    """Where a price goes. ``platform + payout == total``."""

    total: int
    platform: int
    payout: int


def split_of(quantity: int, price: int, platform_bps: int, prices: Prices = JUNE_2026) -> Split:
    """Split as the collection does: a payout below one forward fee goes to the platform."""
    total = quantity * price
    platform = total * platform_bps // BPS_TOTAL
    if total - platform < prices.forward():
        return Split(total, total, 0)
    return Split(total, platform, total - platform)


def mint_cost(
    quantity: int,
    *,
    gift: bool,
    referred: bool,
    price: int,
    platform_bps: int = 0,
    prices: Prices = JUNE_2026,
) -> int:
    """Return what a buyer must attach, in nano: equal to ``get_mint_cost`` on chain.

    ``gift``: the recipient is not the sender. ``price`` is the price of one edition. How it is
    split (``platform_bps``) changes where it goes, never what has to be attached. Raises
    ValueError for an impossible share.
    """
    if not 0 <= platform_bps <= BPS_TOTAL:
        raise ValueError("platform_bps is 0 to 10 000")
    each = item_first_value(notified=gift, prices=prices)
    each += prices.forward(ITEM_DEPLOY_BITS, ITEM_DEPLOY_CELLS)
    cost = quantity * (price + each) + 2 * prices.forward() + prices.gas(ITEM_GAS_INIT)
    cost += prices.forward(SALE_RECEIPT_BITS + 256 * (int(gift) + int(referred)), 1)
    return cost + prices.gas(BUY_GAS_BASE + quantity * BUY_GAS_ITEM)
