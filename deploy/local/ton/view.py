"""What one HTTP answer may see: the chain up to a block, with the faults that tests ask for.

Faults make this source lag or lie, so that a client's handling of such sources can be tested.
They change answers only, never the chain.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

from deploy.local.ton.accounts import AccountState
from deploy.local.ton.block import LT_PER_BLOCK
from deploy.local.ton.chain import Chain
from deploy.local.ton.render import b64, read_hash, transaction_id
from deploy.local.ton.store import Row

SHARD = "-9223372036854775808"


@dataclass
class Faults:
    """What is wrong with this source.

    lag_blocks: answers are this many blocks old. drop_transactions: every n-th transaction of a
    list is left out (1 leaves out all). wrong_hash: transaction hashes are altered.
    http_500: so many API calls fail (-1: all). delay_ms: every API call waits.
    """

    lag_blocks: int = 0
    drop_transactions: int = 0
    wrong_hash: bool = False
    http_500: int = 0
    delay_ms: int = 0

    @classmethod
    def read(cls, wanted: dict[str, Any]) -> Faults:
        """Read a request; raises ValueError for an unknown name or a wrong type."""
        kinds = {item.name: type(item.default) for item in fields(cls)}
        for name, value in wanted.items():
            if name not in kinds or type(value) is not kinds[name]:
                raise ValueError(f"unknown fault or wrong type: {name}")
        return cls(**wanted)


class View:
    """Reads of the chain as this source tells them."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.store = chain.store
        self.faults = Faults()
        self._lock = threading.Lock()

    def set_faults(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Replace all faults; an empty request heals the source."""
        self.faults = Faults.read(wanted)
        return asdict(self.faults)

    def fails_now(self) -> bool:
        """Tell whether this call has to fail, and count it."""
        with self._lock:
            if self.faults.http_500 > 0:
                self.faults.http_500 -= 1
                return True
            return self.faults.http_500 < 0

    @property
    def seqno(self) -> int:
        """Return the newest block that this source admits to know."""
        return max(1, self.chain.head.seqno - self.faults.lag_blocks)

    def at(self, seqno: int | None) -> int:
        """Return the block of a request; raises LookupError for one not made yet."""
        if seqno is None:
            return self.seqno
        if not 0 <= seqno <= self.seqno:
            raise LookupError("block is not applied")
        return seqno

    def account(self, address: str, seqno: int | None = None) -> AccountState:
        """Return an account at a block."""
        return self.store.account(address, self.at(seqno))

    def transactions(self, account: str, *, lt: int | None, to_lt: int, limit: int) -> list[Row]:
        """Return transactions of an account, newest first, without those that are dropped."""
        rows = self.store.transactions(account, upto=self.seqno, lt=lt, to_lt=to_lt, limit=limit)
        return self._dropped(rows)

    def _dropped(self, rows: list[Row]) -> list[Row]:
        every = self.faults.drop_transactions
        return [row for i, row in enumerate(rows, 1) if i % every] if every else rows

    def select(self, where: str, *values: Any, order: str = "lt", limit: int = 1000) -> list[Row]:
        """Return visible transactions by a condition of ours."""
        rows = self.store.select(
            f"({where}) AND seqno <= ?", *values, self.seqno, order=order, limit=limit
        )
        return self._dropped(rows)

    def hash(self, row: Row) -> bytes:
        """Return a transaction's hash, or a lie."""
        return bytes([row.hash[0] ^ 1]) + row.hash[1:] if self.faults.wrong_hash else row.hash

    def json(self, row: Row) -> str:
        """Return a transaction's v2 JSON."""
        if not self.faults.wrong_hash:
            return row.v2
        answer = json.loads(row.v2)
        answer["transaction_id"] = transaction_id(row.lt, self.hash(row))
        return json.dumps(answer)

    def block_id(self, workchain: int, seqno: int) -> dict[str, Any]:
        """Return ton.blockIdExt; hashes are stable but made up (see Chain.block_hash)."""
        return {
            "@type": "ton.blockIdExt",
            "workchain": workchain,
            "shard": SHARD,
            "seqno": seqno,
            "root_hash": b64(self.chain.block_hash("root", workchain, seqno)),
            "file_hash": b64(self.chain.block_hash("file", workchain, seqno)),
        }

    def utime(self, seqno: int) -> int:
        """Return a block's time."""
        head = self.chain.head
        return head.utime if seqno == head.seqno else self.store.time_of(seqno)

    def extra(self) -> str:
        """Return tonlib's @extra: the time of the answer."""
        return f"{self.utime(self.seqno)}:0:0"

    def lookup(self, seqno: int | None, lt: int | None, utime: int | None) -> int:
        """Return the seqno of the block with that seqno, logical time or unix time."""
        if seqno is not None:
            return self.at(seqno)
        if lt is not None:
            return self.at(lt // LT_PER_BLOCK)
        if utime is None:
            raise ValueError("Seqno, LT or unixtime should be defined")
        low, high = 0, self.seqno
        if self.utime(high) < utime:
            raise LookupError("block is not applied")
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.utime(middle) < utime else (low, middle)
        return low

    def locate(self, hash_text: str) -> list[Row]:
        """Return the transactions that a message caused, by raw or normalised hash."""
        digest = read_hash(hash_text)
        return self.select("in_hash = ? OR in_norm = ?", digest, digest)
