"""Transactions and messages of block.tlb, read as far as the HTTP APIs show them.

Read from cells by hand: a general TL-B reader takes several times longer, and every transaction
of the network passes here once while its block is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pytoniq_core import Cell, Slice, begin_cell

from deploy.local.ton import addresses

STATUSES: Final = ("uninit", "frozen", "active", "nonexist")
_SKIP_REASONS: Final = ("no_state", "bad_state", "no_gas", "suspended")
_STATUS_CHANGES: Final = {"0": "unchanged", "10": "frozen", "11": "deleted"}


@dataclass(frozen=True)
class Message:
    """One message. ``kind`` is int, ext_in or ext_out; amounts in nano."""

    cell: Cell
    kind: str
    source: str | None
    destination: str | None
    init: Cell | None
    body: Cell
    value: int = 0
    ihr_fee: int = 0
    fwd_fee: int = 0
    import_fee: int = 0
    created_lt: int = 0
    created_at: int = 0
    ihr_disabled: bool = True
    bounce: bool = False
    bounced: bool = False

    @property
    def hash(self) -> bytes:
        """Return the hash of the message cell."""
        return bytes(self.cell.hash)

    @cached_property
    def normalised_hash(self) -> bytes:
        """Return TEP-467's hash, which does not depend on how the message was packed."""
        if self.kind != "ext_in" or self.destination is None:
            return self.hash
        return normalised_hash(self.destination, self.body)

    @property
    def opcode(self) -> int | None:
        """Return the first 32 bits of the body as an unsigned number."""
        return self.body.begin_parse().preload_uint(32) if len(self.body.bits) >= 32 else None


@dataclass(frozen=True)
class Transaction:
    """One transaction with its description still in the cell; amounts in nano."""

    cell: Cell
    account: str
    lt: int
    prev_hash: bytes
    prev_lt: int
    now: int
    orig_status: str
    end_status: str
    in_message: Message | None
    out_messages: list[Message]
    total_fees: int
    state_before: bytes
    state_after: bytes
    description: dict[str, Any]

    @property
    def hash(self) -> bytes:
        """Return the transaction's hash."""
        return bytes(self.cell.hash)


def normalised_hash(destination: str, body: Cell) -> bytes:
    """Return the hash of the external message in the one form of TEP-467."""
    cell = begin_cell().store_bits("1000").store_address(destination)
    return bytes(cell.store_coins(0).store_bits("01").store_ref(body).end_cell().hash)


def read_message(cell: Cell) -> Message:
    """Read a Message cell; raises on anything that is none."""
    data = cell.begin_parse()
    if not data.load_bit():
        return _read_internal(cell, data)
    return _read_ext_out(cell, data) if data.load_bit() else _read_ext_in(cell, data)


def _read_ext_in(cell: Cell, data: Slice) -> Message:
    data.load_address()
    destination, fee = addresses.load(data), data.load_coins()
    init, body = _read_tail(data)
    return Message(cell, "ext_in", None, destination, init, body, import_fee=fee)


def _read_ext_out(cell: Cell, data: Slice) -> Message:
    source = addresses.load(data)
    data.load_address()
    lt, at = data.load_uint(64), data.load_uint(32)
    init, body = _read_tail(data)
    return Message(cell, "ext_out", source, None, init, body, created_lt=lt, created_at=at)


def _read_internal(cell: Cell, data: Slice) -> Message:
    ihr_disabled, bounce, bounced = (bool(data.load_bit()) for _ in range(3))
    source, destination = addresses.load(data), addresses.load(data)
    value = data.load_coins()
    data.load_maybe_ref()
    ihr_fee, fwd_fee = data.load_coins(), data.load_coins()
    lt, at = data.load_uint(64), data.load_uint(32)
    init, body = _read_tail(data)
    return Message(
        cell=cell,
        kind="int",
        source=source,
        destination=destination,
        value=value,
        ihr_fee=ihr_fee,
        fwd_fee=fwd_fee,
        created_lt=lt,
        created_at=at,
        ihr_disabled=ihr_disabled,
        bounce=bounce,
        bounced=bounced,
        init=init,
        body=body,
    )


def _read_tail(data: Slice) -> tuple[Cell | None, Cell]:
    init = None
    if data.load_bit():
        init = data.load_ref() if data.load_bit() else _inline_state_init(data)
    return init, data.load_ref() if data.load_bit() else data.to_cell()


def _inline_state_init(data: Slice) -> Cell:
    builder = begin_cell()
    for width in (5, 2):
        present = data.load_bit()
        builder.store_bit_int(present)
        if present:
            builder.store_uint(data.load_uint(width), width)
    for _ in range(3):
        builder.store_maybe_ref(data.load_maybe_ref())
    cell: Cell = builder.end_cell()
    return cell


def state_init_parts(init: Cell) -> tuple[Cell | None, Cell | None]:
    """Return code and data of a StateInit cell."""
    data = init.begin_parse()
    for width in (5, 2):
        if data.load_bit():
            data.skip_bits(width)
    return data.load_maybe_ref(), data.load_maybe_ref()


def read_transaction(cell: Cell, workchain: int = 0) -> Transaction:
    """Read a Transaction cell (its account's workchain is not part of it)."""
    data = cell.begin_parse()
    data.skip_bits(4)
    account = f"{workchain}:{data.load_bytes(32).hex()}"
    lt, prev_hash, prev_lt = data.load_uint(64), data.load_bytes(32), data.load_uint(64)
    now, _count = data.load_uint(32), data.load_uint(15)
    orig, end = STATUSES[data.load_uint(2)], STATUSES[data.load_uint(2)]
    messages = data.load_ref().begin_parse()
    incoming = messages.load_maybe_ref()
    table = messages.load_dict(15, value_deserializer=lambda item: item.load_ref()) or {}
    total_fees = data.load_coins()
    data.load_maybe_ref()
    update = data.load_ref().begin_parse()
    update.skip_bits(8)
    return Transaction(
        cell=cell,
        account=account,
        lt=lt,
        prev_hash=bytes(prev_hash),
        prev_lt=prev_lt,
        now=now,
        orig_status=orig,
        end_status=end,
        in_message=read_message(incoming) if incoming is not None else None,
        out_messages=[read_message(table[key]) for key in sorted(table)],
        total_fees=total_fees,
        state_before=bytes(update.load_bytes(32)),
        state_after=bytes(update.load_bytes(32)),
        description=read_description(data.load_ref()),
    )


def read_description(cell: Cell) -> dict[str, Any]:
    """Read trans_ord in the names of toncenter's v3 API; 64-bit numbers as decimal strings."""
    data = cell.begin_parse()
    data.skip_bits(4)
    result: dict[str, Any] = {"type": "ord", "credit_first": bool(data.load_bit())}
    if data.load_bit():
        result["storage_ph"] = _storage(data)
    if data.load_bit():
        result["credit_ph"] = _credit(data)
    result["compute_ph"] = _compute(data)
    if data.load_bit():
        result["action"] = _action(data.load_ref().begin_parse())
    result["aborted"] = bool(data.load_bit())
    if data.load_bit():
        result["bounce"] = _bounce(data)
    result["destroyed"] = bool(data.load_bit())
    return result


def _status_change(data: Slice) -> str:
    bits = "0" if not data.load_bit() else "1" + str(data.load_bit())
    return _STATUS_CHANGES[bits]


def _storage(data: Slice) -> dict[str, Any]:
    phase: dict[str, Any] = {"storage_fees_collected": str(data.load_coins())}
    if data.load_bit():
        phase["storage_fees_due"] = str(data.load_coins())
    phase["status_change"] = _status_change(data)
    return phase


def _credit(data: Slice) -> dict[str, Any]:
    phase = {}
    if data.load_bit():
        phase["due_fees_collected"] = str(data.load_coins())
    phase["credit"] = str(data.load_coins())
    data.load_maybe_ref()
    return phase


def _compute(data: Slice) -> dict[str, Any]:
    if not data.load_bit():
        reason = data.load_uint(2)
        if reason == 3:
            data.load_bit()
        return {"skipped": True, "reason": _SKIP_REASONS[reason]}
    success, used, activated = (bool(data.load_bit()) for _ in range(3))
    phase: dict[str, Any] = {
        "skipped": False,
        "success": success,
        "msg_state_used": used,
        "account_activated": activated,
        "gas_fees": str(data.load_coins()),
    }
    inner = data.load_ref().begin_parse()
    phase["gas_used"] = str(inner.load_var_uint(3))
    phase["gas_limit"] = str(inner.load_var_uint(3))
    if inner.load_bit():
        phase["gas_credit"] = str(inner.load_var_uint(2))
    phase["mode"], phase["exit_code"] = inner.load_int(8), inner.load_int(32)
    if inner.load_bit():
        phase["exit_arg"] = inner.load_int(32)
    phase["vm_steps"] = inner.load_uint(32)
    return phase


def _action(data: Slice) -> dict[str, Any]:
    success, valid, no_funds = (bool(data.load_bit()) for _ in range(3))
    phase: dict[str, Any] = {"success": success, "valid": valid, "no_funds": no_funds}
    phase["status_change"] = _status_change(data)
    for name in ("total_fwd_fees", "total_action_fees"):
        if data.load_bit():
            phase[name] = str(data.load_coins())
    phase["result_code"] = data.load_int(32)
    if data.load_bit():
        phase["result_arg"] = data.load_int(32)
    for name in ("tot_actions", "spec_actions", "skipped_actions", "msgs_created"):
        phase[name] = data.load_uint(16)
    return phase


def _bounce(data: Slice) -> dict[str, Any]:
    if data.load_bit():
        size = {"cells": str(data.load_var_uint(3)), "bits": str(data.load_var_uint(3))}
        fees = {"msg_fees": str(data.load_coins()), "fwd_fees": str(data.load_coins())}
        return {"type": "ok", "msg_size": size, **fees}
    if data.load_bit():
        size = {"cells": str(data.load_var_uint(3)), "bits": str(data.load_var_uint(3))}
        return {"type": "nofunds", "msg_size": size, "req_fwd_fees": str(data.load_coins())}
    return {"type": "negfunds"}
