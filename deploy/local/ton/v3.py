"""The calls of toncenter's v3 (indexer) API that clients of ours use.

Shapes follow ton-indexer: raw addresses in upper case, hashes in base64, 64-bit numbers as text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pytoniq_core import Cell

from deploy.local.ton import addresses, render, stack
from deploy.local.ton.block import LT_PER_BLOCK
from deploy.local.ton.chain import Refused
from deploy.local.ton.params import ApiError, Params
from deploy.local.ton.store import Row
from deploy.local.ton.transactions import Message, read_transaction
from deploy.local.ton.v2 import V2
from deploy.local.ton.view import View

_SHARD_HEX: Final = "8000000000000000"
_MAX_LIMIT: Final = 1000


def upper(address: str) -> str:
    """Return the raw form as the indexer writes it."""
    workchain, _, digits = address.partition(":")
    return f"{workchain}:{digits.upper()}"


def _many(params: Params, name: str) -> list[str]:
    value = params.get(name)
    if value in (None, ""):
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _number(params: Params, name: str, default: int | None = None) -> int | None:
    value = params.get(name)
    try:
        return default if value in (None, "") else int(str(value))
    except ValueError:
        raise ApiError(422, f"failed to parse {name}") from None


def _addresses(params: Params, name: str) -> list[str]:
    try:
        return [addresses.parse(text) for text in _many(params, name)]
    except addresses.BadAddress as error:
        raise ApiError(422, f"invalid address: {error}") from None


def _content(cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    text = render.comment(cell)
    decoded = None if text is None else {"type": "text_comment", "comment": text}
    return {"hash": render.b64(bytes(cell.hash)), "body": render.boc64(cell), "decoded": decoded}


class V3:
    """The API over one view of the chain."""

    def __init__(self, view: View, v2: V2) -> None:
        self.view = view
        self._v2 = v2
        self.methods: dict[str, Callable[[Params], Any]] = {
            "masterchainInfo": self.masterchain_info,
            "transactions": self.transactions,
            "transactionsByMessage": self.transactions_by_message,
            "accountStates": self.account_states,
            "runGetMethod": self.run_get_method,
            "message": self.message,
        }

    def call(self, method: str, params: Params) -> Any:
        """Run a method; raises ApiError."""
        try:
            return self.methods[method](params)
        except Refused as error:
            raise ApiError(500, f"LITE_SERVER_UNKNOWN: {error}") from None
        except LookupError as error:
            raise ApiError(404, str(error).strip("'")) from None

    def masterchain_info(self, _params: Params) -> Any:
        """Return the newest and the first block."""
        return {"last": self._block(self.view.seqno), "first": self._block(1)}

    def _block(self, seqno: int) -> dict[str, Any]:
        identity = self.view.block_id(-1, seqno)
        reference = {"workchain": -1, "shard": _SHARD_HEX, "seqno": seqno}
        return {
            "workchain": -1,
            "shard": _SHARD_HEX,
            "seqno": seqno,
            "root_hash": identity["root_hash"],
            "file_hash": identity["file_hash"],
            "global_id": -3,
            "gen_utime": str(self.view.utime(seqno)),
            "start_lt": str(seqno * LT_PER_BLOCK),
            "end_lt": str((seqno + 1) * LT_PER_BLOCK - 1),
            "tx_count": 0,
            "masterchain_block_ref": reference,
            "prev_blocks": [reference | {"seqno": seqno - 1}],
        }

    def transactions(self, params: Params) -> Any:
        """Return transactions by account, logical time, hash or block."""
        conditions, values = self._conditions(params)
        limit = min(_number(params, "limit", 10) or 10, _MAX_LIMIT)
        offset = _number(params, "offset", 0) or 0
        sort = str(params.get("sort") or "desc")
        if sort not in ("asc", "desc"):
            raise ApiError(422, "sort is asc or desc")
        rows = self.view.select(
            " AND ".join(conditions) or "1", *values, order=f"lt {sort}", limit=limit + offset
        )
        return self._answer(rows[offset:])

    def _conditions(self, params: Params) -> tuple[list[str], list[Any]]:
        conditions: list[str] = []
        values: list[Any] = []
        accounts = _addresses(params, "account")
        if accounts:
            conditions.append(f"account IN ({','.join('?' * len(accounts))})")
            values += accounts
        for name, text in (
            ("start_lt", "lt >= ?"),
            ("end_lt", "lt <= ?"),
            ("start_utime", "utime >= ?"),
            ("end_utime", "utime <= ?"),
            ("mc_seqno", "seqno = ?"),
            ("lt", "lt = ?"),
        ):
            number = _number(params, name)
            if number is not None:
                conditions.append(text)
                values.append(number)
        if params.get("hash"):
            conditions.append("hash = ?")
            values.append(self._hash(str(params["hash"])))
        return conditions, values

    def _hash(self, text: str) -> bytes:
        try:
            return render.read_hash(text)
        except ValueError:
            raise ApiError(422, "failed to decode hash") from None

    def transactions_by_message(self, params: Params) -> Any:
        """Return transactions by a message's hash, raw or normalised, in or out."""
        digests = [self._hash(text) for text in _many(params, "msg_hash")]
        if not digests:
            raise ApiError(422, "msg_hash is required")
        direction = params.get("direction")
        rows: list[Row] = []
        for digest in digests:
            if direction != "out":
                rows += self.view.select("in_hash = ? OR in_norm = ?", digest, digest)
            if direction != "in":
                rows += self.view.select(
                    "EXISTS (SELECT 1 FROM sent WHERE sent.hash = ?"
                    " AND sent.account = transactions.account AND sent.lt = transactions.lt)",
                    digest,
                )
        return self._answer(rows)

    def _answer(self, rows: list[Row]) -> dict[str, Any]:
        items = [self._transaction(row) for row in rows]
        known = {item["account"] for item in items}
        known |= {
            part[side]
            for item in items
            for part in [item["in_msg"], *item["out_msgs"]]
            if part
            for side in ("source", "destination")
            if part[side]
        }
        book = {
            name: {"user_friendly": addresses.friendly(name.lower()), "domain": None}
            for name in sorted(known)
        }
        return {"transactions": items, "address_book": book}

    def _transaction(self, row: Row) -> dict[str, Any]:
        read = read_transaction(Cell.one_from_boc(row.boc), int(row.account.partition(":")[0]))
        came = read.in_message
        return {
            "account": upper(row.account),
            "hash": render.b64(self.view.hash(row)),
            "lt": str(row.lt),
            "now": row.utime,
            "mc_block_seqno": row.seqno,
            "trace_external_hash": render.b64(row.trace),
            "prev_trans_hash": render.b64(read.prev_hash),
            "prev_trans_lt": str(read.prev_lt),
            "orig_status": read.orig_status,
            "end_status": read.end_status,
            "total_fees": str(read.total_fees),
            "total_fees_extra_currencies": {},
            "description": read.description,
            "block_ref": {"workchain": 0, "shard": _SHARD_HEX, "seqno": row.seqno},
            "in_msg": self._message(came) if came is not None else None,
            "out_msgs": [self._message(item) for item in read.out_messages],
            "account_state_before": {"hash": render.b64(read.state_before)},
            "account_state_after": {"hash": render.b64(read.state_after)},
            "emulated": False,
        }

    def _message(self, item: Message) -> dict[str, Any]:
        inside = item.kind == "int"
        answer: dict[str, Any] = {
            "hash": render.b64(item.hash),
            "source": upper(item.source) if item.source else None,
            "destination": upper(item.destination) if item.destination else None,
            "value": str(item.value) if inside else None,
            "value_extra_currencies": {},
            "fwd_fee": str(item.fwd_fee) if inside else None,
            "ihr_fee": str(item.ihr_fee) if inside else None,
            "created_lt": str(item.created_lt) if item.created_lt else None,
            "created_at": str(item.created_at) if item.created_at else None,
            "opcode": None if item.opcode is None else f"0x{item.opcode:08x}",
            "ihr_disabled": item.ihr_disabled if inside else None,
            "bounce": item.bounce if inside else None,
            "bounced": item.bounced if inside else None,
            "import_fee": None if inside else str(item.import_fee),
            "message_content": _content(item.body),
            "init_state": _content(item.init),
        }
        if item.kind == "ext_in":
            answer["hash_norm"] = render.b64(item.normalised_hash)
        return answer

    def account_states(self, params: Params) -> Any:
        """Return the newest states of accounts."""
        wanted = _addresses(params, "address")
        if not wanted:
            raise ApiError(422, "address of account is required")
        include = str(params.get("include_boc", "true")).lower() != "false"
        return {
            "accounts": [self._state(address, include=include) for address in wanted],
            "address_book": {
                upper(item): {"user_friendly": addresses.friendly(item), "domain": None}
                for item in wanted
            },
        }

    def _state(self, address: str, *, include: bool) -> dict[str, Any]:
        account = self.view.account(address)
        code, data = account.code, account.data
        answer: dict[str, Any] = {
            "address": upper(address),
            "account_state_hash": render.b64(account.state_hash),
            "balance": str(account.balance),
            "extra_currencies": {},
            "status": account.status,
            "last_transaction_hash": render.b64(account.last_hash),
            "last_transaction_lt": str(account.last_lt),
            "code_hash": render.b64(bytes(code.hash)) if code else None,
            "data_hash": render.b64(bytes(data.hash)) if data else None,
            "frozen_hash": render.b64(account.frozen_hash) if account.frozen_hash else None,
        }
        if include:
            answer["code_boc"] = render.boc64(code) or None
            answer["data_boc"] = render.boc64(data) or None
        return answer

    def run_get_method(self, params: Params) -> Any:
        """Run a get-method in v3's dialect of the stack."""
        wanted = _addresses(params, "address")
        if not wanted or not params.get("method"):
            raise ApiError(422, "address and method are required")
        try:
            arguments = stack.read_stack(params.get("stack") or [])
        except stack.BadStack as error:
            raise ApiError(422, str(error)) from None
        account = self.view.account(wanted[0])
        code, gas, items = self.view.chain.run_get(
            account, wanted[0], str(params["method"]), arguments
        )
        return {"gas_used": gas, "exit_code": code, "stack": stack.write_stack_v3(items)}

    def message(self, params: Params) -> Any:
        """Queue an external message."""
        answer = self._v2.call("sendBocReturnHash", params)
        return {"message_hash": answer["hash"], "message_hash_norm": answer["hash_norm"]}
