"""The chain over ADNL: pytoniq's LiteBalancer in an event loop of its own.

Trust level 1: an account's state is proved down from its masterchain block (shard proof, then
account proof), so what we read is included in the masterchain; transactions are proved by hash
from that state. The balancer keeps the peers connected; the choice of peer, the timeouts and the
retries are ours, because it raises the first peer's error instead of asking another.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import random
import threading
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from pytoniq.liteclient.balancer import LiteBalancer
from pytoniq.liteclient.client import (
    LiteClient,
    LiteClientError,
    LiteServerError,
    RunGetMethodError,
)
from pytoniq_core.proof.check_proof import ProofError

from core.ton import addresses, codec, messages, walk
from core.ton.client import (
    Account,
    AccountStatus,
    ChainRefused,
    ChainUnavailable,
    GetMethodFailed,
    Head,
    RawTransaction,
    SourceFault,
    StackValue,
)

logger = structlog.get_logger(__name__)
T = TypeVar("T")
TRUST_LEVEL: Final = 1
TRIES: Final = 3
PEER_TIMEOUT: Final = 3
START_TIMEOUT: Final = 20.0
_PAGE: Final = 16  # the most that a liteserver gives
_SENT: Final = 1
_STATUS: Final[dict[str, AccountStatus]] = {
    "account_active": "active",
    "account_uninit": "uninit",
    "account_frozen": "frozen",
}
_REFUSALS: Final = ("cannot apply external message", "not accepted", "too small", "failed to")


class Peer(LiteClient):
    """One liteserver of the config: an entry of `liteservers` as in the global config."""

    @classmethod
    def of(cls, entry: dict[str, Any], timeout: int) -> Peer:
        host = ".".join(str(byte) for byte in (entry["ip"] & 0xFFFFFFFF).to_bytes(4, "big"))
        return cls(
            host=host,
            port=entry["port"],
            server_pub_key=entry["id"]["key"],
            timeout=timeout,
            trust_level=TRUST_LEVEL,
        )


class Liteserver:
    """A ChainClient over the liteservers of a global config (at least one)."""

    name = "liteserver"

    def __init__(self, config: dict[str, Any], timeout: int = PEER_TIMEOUT) -> None:
        self._entries = config["liteservers"]
        if not self._entries:
            raise ValueError("the config names no liteserver")
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._peers: list[Peer] = []
        self._balancer: LiteBalancer | None = None
        self._lock = threading.Lock()

    # --- ChainClient --------------------------------------------------------------------------

    def head(self) -> Head:
        info = self._ask("get_masterchain_info_ext")
        return Head(seqno=int(info["last"]["seqno"]), gen_utime=int(info["last_utime"]))

    def account(self, address: str) -> Account:
        state, shard = self._ask("raw_get_account_state", addresses.address(address))
        if state is None or shard is None:
            return Account("uninit", 0, None, None, None, 0, bytes(32))
        init = getattr(state.storage.state, "state_init", None)
        code, data = (init.code, init.data) if init else (None, None)
        return Account(
            status=_STATUS[state.storage.state.type_],
            balance=state.storage.balance.grams,
            code_hash=code.hash.hex() if code else None,
            code=code,
            data=data,
            last_lt=shard.last_trans_lt,
            last_hash=shard.last_trans_hash,
        )

    def run_get(
        self, address: str, method: str, stack: Sequence[StackValue] = ()
    ) -> list[StackValue]:
        try:
            found = self._ask(
                "run_get_method_remote", addresses.address(address), method, list(stack)
            )
        except RunGetMethodError as error:
            raise GetMethodFailed(address, method, error.exit_code) from error
        return [_value(entry) for entry in found]

    def transactions_page(
        self, address: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]:
        if start is None:
            state = self.account(address)
            start = (state.last_lt, state.last_hash)
        found: list[RawTransaction] = []
        while start[0] > until_lt and len(found) < limit:
            page = self._transactions(address, start, min(_PAGE, limit - len(found)))
            found += page
            start = (page[-1].prev_lt, page[-1].prev_hash)
        return [item for item in found if item.lt > until_lt]

    def _transactions(
        self, address: str, start: tuple[int, bytes], count: int
    ) -> list[RawTransaction]:
        asked = {
            "count": count,
            "account": addresses.address(address).to_tl_account_id(),
            "lt": start[0],
            "hash": start[1].hex(),
        }
        answer = self._ask("liteserver_request", "getTransactions", asked)
        try:
            cells = codec.roots(answer["transactions"])
            if not cells or any(cell.level_mask.level or cell.is_exotic for cell in cells):
                raise SourceFault("gap", f"{address}: no transactions from lt {start[0]}")
            if cells[0].hash != start[1]:
                raise SourceFault("hash", f"{address}: another transaction for lt {start[0]}")
            return [codec.from_cell(cell, codec.to_boc(cell), address) for cell in cells]
        except codec.Malformed as error:
            raise SourceFault("malformed", str(error)) from error

    def transactions_since(
        self, address: str, lt: int, limit: int | None = None
    ) -> list[RawTransaction]:
        return walk.since(self, address, lt, limit)

    def send(self, boc: bytes) -> bytes:
        normalised = messages.hash_to_send(boc)
        if self._ask("raw_send_message", boc) != _SENT:
            raise ChainUnavailable("the liteserver did not take the message")
        return normalised

    # --- the event loop -----------------------------------------------------------------------

    def close(self) -> None:
        """Stop the peers and the loop's thread."""
        with self._lock:
            if self._balancer is None:
                return
            self._submit(self._shut(self._balancer), START_TIMEOUT)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._balancer = None

    @staticmethod
    async def _shut(balancer: LiteBalancer) -> None:
        await balancer.close_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _start(self) -> None:
        with self._lock:
            if self._balancer is not None:
                return
            if not self._loop.is_running():
                threading.Thread(
                    target=self._loop.run_forever, name="ton-adnl", daemon=True
                ).start()
            self._peers = [Peer.of(entry, self._timeout) for entry in self._entries]
            balancer = LiteBalancer(list(self._peers), timeout=self._timeout)
            self._submit(balancer.start_up(), START_TIMEOUT)
            self._balancer = balancer

    def _submit(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except TimeoutError as error:
            future.cancel()
            raise ChainUnavailable("liteserver: no answer in time") from error

    def _ask(self, method: str, *arguments: Any) -> Any:
        self._start()
        return self._submit(
            self._failover(method, arguments), timeout=(self._timeout + 1) * TRIES + 1
        )

    async def _failover(self, method: str, arguments: tuple[Any, ...]) -> Any:
        errors: list[str] = []
        refusals = 0
        for peer in self._candidates():
            try:
                return await asyncio.wait_for(getattr(peer, method)(*arguments), self._timeout + 1)
            except RunGetMethodError:
                raise
            except LiteServerError as error:
                refusals += any(sign in str(error.message).lower() for sign in _REFUSALS)
                errors.append(f"{peer.server.host}: {error}")
            except (LiteClientError, ProofError, TimeoutError, OSError, EOFError) as error:
                errors.append(f"{peer.server.host}: {type(error).__name__} {error}")
            except Exception as error:  # noqa: BLE001 - pytoniq's parser raises anything
                errors.append(f"{peer.server.host}: {error!r}")
            logger.info("liteserver peer", error=errors[-1], method=method)
        if method == "raw_send_message" and errors and refusals == len(errors):
            raise ChainRefused(errors[-1])
        raise ChainUnavailable("; ".join(errors) or "liteserver: no peer is alive")

    def _candidates(self) -> list[Peer]:
        """Up to three connected peers at random, those at the newest block before the others."""
        alive = [peer for peer in self._peers if peer.inited and peer.last_mc_block is not None]
        random.shuffle(alive)
        best = max((peer.last_mc_block.seqno for peer in alive), default=0)
        alive.sort(key=lambda peer: peer.last_mc_block.seqno < best - 1)
        return alive[:TRIES]


def _value(entry: Any) -> StackValue:
    if hasattr(entry, "list"):
        return [_value(item) for item in entry.list]
    value: StackValue = entry
    return value


def load(path: str) -> dict[str, Any]:
    """The network's global config at `path`. Raises ValueError, OSError."""
    if not path:
        raise ValueError("TON_LITESERVER_CONFIG names no file")
    loaded: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return loaded


def shared(path: str) -> Liteserver:
    """The process's own client (an event loop does not survive a fork)."""
    return _shared(os.getpid(), path)


@functools.lru_cache(maxsize=4)
def _shared(_pid: int, path: str) -> Liteserver:
    return Liteserver(load(path))
