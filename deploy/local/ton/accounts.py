"""Reading accounts as the executor stores them (block.tlb: ShardAccount, Account)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from pytoniq_core import Cell, Slice

from deploy.local.ton.tvm import EMPTY_ACCOUNT

Status = Literal["nonexist", "uninit", "active", "frozen"]


@dataclass(frozen=True)
class AccountState:
    """One account. ``balance`` and ``due`` in nano; ``cells`` is what storage is paid for."""

    status: Status
    balance: int = 0
    cells: int = 0
    bits: int = 0
    last_paid: int = 0
    due: int = 0
    last_lt: int = 0
    last_hash: bytes = bytes(32)
    code: Cell | None = None
    data: Cell | None = None
    frozen_hash: bytes | None = None
    shard_account: Cell = EMPTY_ACCOUNT

    @property
    def state_hash(self) -> bytes:
        """Return the hash of the Account cell."""
        return bytes(self.shard_account.refs[0].hash)


NOBODY: Final = AccountState("nonexist")


@lru_cache(maxsize=4096)
def read_account(shard_account: Cell) -> AccountState:
    """Read a ShardAccount cell. The same account is asked for again and again."""
    shell = shard_account.begin_parse()
    account = shell.load_ref().begin_parse()
    last_hash, last_lt = bytes(shell.load_bytes(32)), int(shell.load_uint(64))
    if not account.load_bit():
        return AccountState("nonexist", last_lt=last_lt, last_hash=last_hash)
    account.load_address()
    cells, bits = (int(account.load_var_uint(3)) for _ in range(2))
    if account.load_uint(3):  # storage_extra_info: the hash of the state's dictionary of cells
        account.skip_bits(256)
    last_paid = int(account.load_uint(32))
    due = int(account.load_coins()) if account.load_bit() else 0
    account.load_uint(64)
    balance = int(account.load_coins())
    account.load_maybe_ref()
    status, code, data, frozen = _read_state(account)
    return AccountState(
        status=status,
        balance=balance,
        cells=cells,
        bits=bits,
        last_paid=last_paid,
        due=due,
        last_lt=last_lt,
        last_hash=last_hash,
        code=code,
        data=data,
        frozen_hash=frozen,
        shard_account=shard_account,
    )


def _read_state(account: Slice) -> tuple[Status, Cell | None, Cell | None, bytes | None]:
    if not account.load_bit():
        if account.load_bit():
            return "frozen", None, None, bytes(account.load_bytes(32))
        return "uninit", None, None, None
    for width in (5, 2):
        if account.load_bit():
            account.skip_bits(width)
    return "active", account.load_maybe_ref(), account.load_maybe_ref(), None
