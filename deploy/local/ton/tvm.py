"""The real TVM, driven from Python: one transaction or one get-method at a time.

Both engines of ``engines.py`` run the official executor under the configuration of ``config.py``.
Messages and accounts cross this border as pytoniq_core cells; amounts are nano-coin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from pytoniq_core import Cell, Slice, begin_cell

from deploy.local.ton.engines import (
    Driver,
    GetResult,
    PytvmDriver,
    StackItem,
    TonpyDriver,
    pytvm_available,
)

__all__ = ["EMPTY_ACCOUNT", "GetResult", "Outcome", "Tvm", "method_id", "pytvm_available"]

Engine = Literal["tonpy", "pytvm"]

EMPTY_ACCOUNT: Final = (
    begin_cell()
    .store_ref(begin_cell().store_bit_int(0).end_cell())
    .store_uint(0, 256)
    .store_uint(0, 64)
    .end_cell()
)


@dataclass(frozen=True)
class Outcome:
    """What one message did to one account.

    ``accepted`` is False only for an external message that the contract refused: then there is
    no transaction, the account is unchanged, ``exit_code`` says why and ``error`` says it in
    words. ``exit_code`` is None when the compute phase was skipped, ``action_code`` is None when
    there was no action phase. Fees in nano.
    """

    accepted: bool
    transaction: Cell | None
    shard_account: Cell
    exit_code: int | None = None
    action_code: int | None = None
    gas_used: int = 0
    aborted: bool = False
    total_fees: int = 0
    storage_fees: int = 0
    error: str = ""
    vm_log: str = ""

    @cached_property
    def out_messages(self) -> list[Cell]:
        """Return outgoing messages in the order in which they were sent."""
        if self.transaction is None:
            return []
        messages = self.transaction.refs[0].begin_parse()
        if messages.load_bit():
            messages.load_ref()
        table = messages.load_dict(15, value_deserializer=lambda item: item.load_ref())
        return [table[key] for key in sorted(table)] if table else []

    @property
    def vm_exit_code(self) -> int | None:
        """Return ``exit_code`` under the name that other emulators use."""
        return self.exit_code


def method_id(name: str) -> int:
    """Return the number of a get-method: crc16 of its name with bit 16 set."""
    value = 0
    for byte in name.encode():
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value | 0x10000


class Tvm:
    """Runs transactions and get-methods; one instance serves any number of calls."""

    def __init__(self, engine: Engine = "tonpy") -> None:
        self._driver: Driver = TonpyDriver() if engine == "tonpy" else PytvmDriver()
        self.engine = engine

    def transact(self, shard_account: Cell, message: Cell, *, now: int, lt: int) -> Outcome:
        """Run one message on one account.

        ``shard_account`` is a ShardAccount cell (``EMPTY_ACCOUNT`` for an address never used),
        ``message`` a Message cell, internal or external in; ``now`` in unix seconds.
        """
        transaction, account, log, refusal = self._driver.emulate(shard_account, message, now, lt)
        if transaction is None:
            reason = f"exit code {refusal}" if refusal is not None else "not accepted"
            return Outcome(
                accepted=False,
                transaction=None,
                shard_account=shard_account,
                exit_code=refusal,
                error=reason,
                vm_log=log,
            )
        return _read_transaction(transaction, account, log)

    def get_method(
        self,
        *,
        code: Cell,
        data: Cell,
        address: str,
        balance: int,
        now: int,
        method: str | int,
        stack: list[StackItem],
    ) -> GetResult:
        """Run a get-method by name or number; ``address`` is raw or user-friendly."""
        number = method_id(method) if isinstance(method, str) else method
        return self._driver.run_method(code, data, address, balance, now, number, list(stack))


def _read_transaction(transaction: Cell, account: Cell, log: str) -> Outcome:
    """Read the ordinary description (block.tlb, trans_ord) as far as we use it."""
    head = transaction.begin_parse()
    head.skip_bits(4 + 256 + 64 + 256 + 64 + 32 + 15 + 2 + 2)
    total_fees = head.load_coins()
    description = transaction.refs[-1].begin_parse()
    description.skip_bits(5)
    storage_fees = _skip_storage(description)
    _skip_credit(description)
    exit_code, gas_used = _read_compute(description)
    action_code = None
    if description.load_bit():
        action_code = _read_action(description.load_ref().begin_parse())
    return Outcome(
        accepted=True,
        transaction=transaction,
        shard_account=account,
        exit_code=exit_code,
        action_code=action_code,
        gas_used=gas_used,
        aborted=bool(description.load_bit()),
        total_fees=total_fees,
        storage_fees=storage_fees,
        vm_log=log,
    )


def _skip_storage(data: Slice) -> int:
    if not data.load_bit():
        return 0
    collected = int(data.load_coins())
    if data.load_bit():
        data.load_coins()
    if data.load_bit():
        data.load_bit()
    return collected


def _skip_credit(data: Slice) -> None:
    if not data.load_bit():
        return
    if data.load_bit():
        data.load_coins()
    data.load_coins()
    data.load_maybe_ref()


def _read_compute(data: Slice) -> tuple[int | None, int]:
    if not data.load_bit():
        reason = data.load_uint(2)
        if reason == 3:
            data.load_bit()
        return None, 0
    data.skip_bits(3)
    data.load_coins()
    details = data.load_ref().begin_parse()
    gas_used = details.load_var_uint(3)
    details.load_var_uint(3)
    if details.load_bit():
        details.load_var_uint(2)
    details.skip_bits(8)
    return details.load_int(32), gas_used


def _read_action(data: Slice) -> int:
    data.skip_bits(3)
    if data.load_bit():
        data.load_bit()
    for _ in range(2):
        if data.load_bit():
            data.load_coins()
    return int(data.load_int(32))
