"""What a ShardAccount cell says (block.tlb: ShardAccount, Account, AccountStorage)."""

from __future__ import annotations

from dataclasses import dataclass

from pytoniq_core import Cell

from deploy.local.ton.transactions import state_init_parts
from deploy.local.ton.tvm import EMPTY_ACCOUNT


@dataclass(frozen=True)
class AccountState:
    """An account; ``status`` is nonexist, uninit, frozen or active; balance in nano."""

    shard_account: Cell
    status: str
    balance: int
    code: Cell | None
    data: Cell | None
    frozen_hash: bytes | None
    last_hash: bytes
    last_lt: int

    @property
    def state_hash(self) -> bytes:
        """Return the hash of the Account cell."""
        return bytes(self.shard_account.refs[0].hash)


def read_account(shard_account: Cell) -> AccountState:
    """Read a ShardAccount cell."""
    head = shard_account.begin_parse()
    account = head.load_ref().begin_parse()
    last_hash, last_lt = bytes(head.load_bytes(32)), head.load_uint(64)
    if not account.load_bit():
        return AccountState(shard_account, "nonexist", 0, None, None, None, last_hash, last_lt)
    account.load_address()
    account.load_var_uint(3)
    account.load_var_uint(3)
    if account.load_uint(3):
        account.skip_bits(256)
    account.skip_bits(32)
    if account.load_bit():
        account.load_coins()
    account.skip_bits(64)
    balance = account.load_coins()
    account.load_maybe_ref()
    code = data = frozen = None
    status = "uninit"
    if account.load_bit():
        status = "active"
        code, data = state_init_parts(account.to_cell())
    elif account.load_bit():
        status, frozen = "frozen", bytes(account.load_bytes(32))
    return AccountState(shard_account, status, balance, code, data, frozen, last_hash, last_lt)


NOBODY = read_account(EMPTY_ACCOUNT)
