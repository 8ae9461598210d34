"""The two engines behind ``tvm.py``: the same C++ executor through two bindings.

tonpy has wheels for every supported Python and is the primary one; pytvm, where its wheel exists,
is the second opinion. Neither is typed, so both stop here: what leaves this file are
pytoniq_core cells and integers.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from pytoniq_core import Address, Cell, Slice, begin_cell

from deploy.local.ton.cells import Cells
from deploy.local.ton.config import (
    BASECHAIN_GAS_LIMIT,
    config_cell,
    storage_row,
    unpacked_prices,
)

StackItem = Any  # int, Cell, Slice, None or a list of these

# Flags of bindings that take no keyword arguments.
_ON: Final = True
_OFF: Final = False
_EXIT_CODE: Final = re.compile(r"exception code (-?\d+)|exit code (-?\d+)|exit_code=(-?\d+)")


@dataclass(frozen=True)
class GetResult:
    """What a get-method returned; ``stack`` is in the order in which FunC returns it."""

    exit_code: int
    gas_used: int
    stack: list[StackItem]


class Driver(Protocol):
    """One engine: raw emulation without any reading of the result."""

    def emulate(
        self, account: Cell, message: Cell, now: int, lt: int
    ) -> tuple[Cell | None, Cell, str, int | None]:
        """Return transaction (None when refused), account, log and a refusal's exit code."""

    def run_method(
        self,
        code: Cell,
        data: Cell,
        address: str,
        balance: int,
        now: int,
        method: int,
        stack: list[StackItem],
    ) -> GetResult:
        """Run one get-method with a million gas."""


class TonpyDriver:
    """tonpy's binding. Cells are passed as handles of its own."""

    def __init__(self) -> None:
        self._lib: Any = import_module("tonpy.libs.python_ton")
        self._cells = Cells(self._lib)
        self._config = self._cells.handle(config_cell())
        self._prices: dict[int, Any] = {}
        self._emulator = self._lib.PyEmulator(self._config)

    def emulate(
        self, account: Cell, message: Cell, now: int, lt: int
    ) -> tuple[Cell | None, Cell, str, int | None]:
        """See Driver."""
        try:
            accepted = self._emulator.emulate_transaction(
                self._cells.handle(account), self._cells.handle(message), str(now), str(lt), 1, _OFF
            )
        except RuntimeError as refusal:
            # An external to an account without code or coins never reaches the TVM.
            if "external message rejected" not in str(refusal):
                raise
            return None, account, str(refusal), None
        log = str(self._emulator.vm_log)
        if not accepted:
            return None, account, log, _last_exit_code(log)
        return (
            self._cells.read(self._emulator.transaction_cell),
            self._cells.read(self._emulator.account_cell),
            log,
            None,
        )

    def run_method(
        self,
        code: Cell,
        data: Cell,
        address: str,
        balance: int,
        now: int,
        method: int,
        stack: list[StackItem],
    ) -> GetResult:
        """See Driver."""
        vm = self._lib.PyTVM(
            0, self._cells.handle(code), self._cells.handle(data), _OFF, _ON, _OFF, _OFF
        )
        me = begin_cell().store_address(Address(address)).end_cell().begin_parse()
        c7: list[StackItem] = [0x076EF1EA, 0, 0, now, 0, 0, 0, [balance, None], me, None, code]
        # income, storage fee, previous blocks, then the prices that the fee opcodes read
        c7 += [[0, None], 0, None, None, 0, None]
        entries = [self._entry(item) for item in c7]
        entries[9] = self._lib.PyStackEntry(cell=self._config)
        entries[14] = self._prices_at(now)
        vm.set_c7(self._lib.make_tuple(entries))  # the binding puts it into the outer tuple
        vm.set_gasLimit(str(BASECHAIN_GAS_LIMIT), str(BASECHAIN_GAS_LIMIT))
        arguments = self._lib.PyStack()
        for item in [*stack, method]:
            arguments.push(self._entry(item))
        vm.set_stack(arguments)
        result = vm.run_vm()
        items = [self._read(result.at(i)) for i in reversed(range(result.depth()))]
        code_out = int(vm.exit_code)
        return GetResult(~code_out if code_out < 0 else code_out, int(vm.gas_used), items)

    def _prices_at(self, now: int) -> Any:
        row = storage_row(now)
        if row not in self._prices:
            self._prices[row] = self._entry(unpacked_prices(row))
        return self._prices[row]

    def _read_slice(self, handle: Any) -> Slice:
        builder = self._lib.PyCellBuilder()
        builder.store_slice(handle)
        return self._cells.read(builder.get_cell(_OFF)).begin_parse()

    def _entry(self, item: StackItem) -> Any:
        if isinstance(item, int):
            return self._lib.PyStackEntry(big_int=str(int(item)))
        if isinstance(item, Cell):
            return self._lib.PyStackEntry(cell=self._cells.handle(item))
        if isinstance(item, Slice):
            parsed = self._lib.load_as_cell_slice(self._cells.handle(item.to_cell()), _ON)
            return self._lib.PyStackEntry(cell_slice=parsed)
        if isinstance(item, list):
            return self._lib.make_tuple([self._entry(part) for part in item])
        if item is None:
            return self._lib.PyStackEntry()
        raise TypeError(f"a TVM stack cannot hold {type(item).__name__}")

    def _read(self, entry: Any) -> StackItem:
        kind = entry.type()
        if kind == 0:
            return None
        if kind == 1:
            return int(entry.as_int())
        if kind == 2:
            return self._cells.read(entry.as_cell())
        if kind == 4:
            return self._read_slice(entry.as_cell_slice())
        if kind == 6:
            return [self._read(part) for part in entry.as_tuple()]
        raise TypeError(f"unexpected TVM stack item of kind {kind}")


class PytvmDriver:
    """pytvm's emulator library, loaded by path (its own finder needs an old setuptools)."""

    def __init__(self) -> None:
        engine = import_module("pytvm.engine")
        library = next(Path(str(engine.__file__)).parent.glob("libemulator-*"))
        self._engine: Any = engine.EmulatorEngineC(str(library))
        # Its signature says 32 bits and would cut logical times.
        self._engine.lib.transaction_emulator_set_lt.argtypes = [ctypes.c_void_p, ctypes.c_uint64]
        self._engine.emulator_set_verbosity_level(0)
        emulators = import_module("pytvm.transaction_emulator")
        self._emulator: Any = emulators.TransactionEmulator(
            config=config_cell(), engine=self._engine
        )
        self._machines: Any = import_module("pytvm.tvm_emulator")

    def emulate(
        self, account: Cell, message: Cell, now: int, lt: int
    ) -> tuple[Cell | None, Cell, str, int | None]:
        """See Driver."""
        self._emulator.set_unixtime(now)
        self._emulator.set_lt(lt)
        raw = self._engine.transaction_emulator_emulate_transaction(
            self._emulator.emulator,
            base64.b64encode(account.to_boc()),
            base64.b64encode(message.to_boc()),
        )
        log = str(raw.get("vm_log") or raw.get("error") or "")
        if not raw["success"]:
            code = raw.get("vm_exit_code")
            return None, account, log, None if code is None else int(code)
        transaction = Cell.one_from_boc(raw["transaction"])
        return transaction, Cell.one_from_boc(raw["shard_account"]), log, None

    def run_method(
        self,
        code: Cell,
        data: Cell,
        address: str,
        balance: int,
        now: int,
        method: int,
        stack: list[StackItem],
    ) -> GetResult:
        """See Driver."""
        vm = self._machines.TvmEmulator(code, data, engine=self._engine)
        vm.set_c7(
            Address(address).to_str(is_user_friendly=False), now, balance, "00" * 32, config_cell()
        )
        vm.set_gas_limit(BASECHAIN_GAS_LIMIT)
        found = vm.run_get_method(method, stack)
        return GetResult(int(found["vm_exit_code"]), int(found["gas_used"]), found["stack"])


def _last_exit_code(log: str) -> int | None:
    found = _EXIT_CODE.findall(log)
    if not found:
        return None
    return int(next(group for group in found[-1] if group))


def pytvm_available() -> bool:
    """Tell whether the second engine's wheel is installed (it exists for few Pythons)."""
    with contextlib.suppress(ImportError, StopIteration, OSError):
        PytvmDriver()
        return True
    return False
