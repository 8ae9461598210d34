"""toncenter's v2 HTTP API: one function a method, found by its name.

Shapes and error texts follow ton-http-api and pytonlib; parameters arrive as a dictionary from
the query string, a JSON body or JSON-RPC, so that numbers may be text.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from pytoniq.contract.wallets.wallet_v5 import WALLET_V5_R1_CODE
from pytoniq_core import Cell, begin_cell

from deploy.local.ton import addresses, render, stack
from deploy.local.ton.accounts import AccountState
from deploy.local.ton.chain import LT_PER_BLOCK, Refused
from deploy.local.ton.config import config_cell, config_param
from deploy.local.ton.transactions import read_message
from deploy.local.ton.view import View

Params = dict[str, Any]
_LITE: Final = "LITE_SERVER_UNKNOWN: "
_NOT_READY: Final = "LITE_SERVER_NOTREADY: "
_V5_NAME: Final = "wallet v5 r1"


class ApiError(Exception):
    """An answer {"ok": false, "error": text, "code": status}."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Raw(str):
    """A result that is JSON already."""

    __slots__ = ()


def _need(params: Params, name: str) -> Any:
    if params.get(name) is None:
        raise ApiError(422, f"Validation error: field required: {name}")
    return params[name]


def _number(params: Params, name: str, default: int | None = None) -> int | None:
    value = params.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        raise ApiError(422, f"Validation error: value is not a valid integer: {name}")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ApiError(422, f"Validation error: value is not a valid integer: {name}") from None


def _int(params: Params, name: str) -> int:
    _need(params, name)
    value = _number(params, name)
    if value is None:
        raise ApiError(422, f"Validation error: field required: {name}")
    return value


def _address(params: Params, name: str = "address") -> str:
    try:
        return addresses.parse(str(_need(params, name)))
    except addresses.BadAddress:
        raise ApiError(416, "Incorrect address") from None


def _hash(params: Params, name: str) -> bytes | None:
    text = params.get(name)
    if text in (None, ""):
        return None
    try:
        return render.read_hash(str(text))
    except ValueError:
        raise ApiError(422, f"Validation error: Invalid hash: {name}") from None


def _boc(params: Params, name: str, *, optional: bool = False) -> Cell | None:
    text = params.get(name) if optional else _need(params, name)
    if not text:
        return None
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(422, f"Validation error: value is not base64: {name}") from None
    try:
        return Cell.one_from_boc(data)
    except Exception:  # noqa: BLE001 - the cell reader raises anything at junk
        text = "cannot deserialize bag of cells: invalid header, error 0"
        raise ApiError(500, f"{_LITE}{text}") from None


def _state_word(account: AccountState) -> str:
    return account.status if account.status in ("active", "frozen") else "uninitialized"


def _last(account: AccountState) -> dict[str, str]:
    return render.transaction_id(account.last_lt, account.last_hash)


class V2:
    """The API over one view of the chain."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.chain = view.chain
        self.methods: dict[str, Callable[[Params], Any]] = {
            "getMasterchainInfo": self.masterchain_info,
            "getConsensusBlock": self.consensus_block,
            "getAddressInformation": self.address_information,
            "getExtendedAddressInformation": self.extended_information,
            "getWalletInformation": self.wallet_information,
            "getAddressBalance": self.balance,
            "getAddressState": self.state,
            "packAddress": self.pack,
            "unpackAddress": self.unpack,
            "detectAddress": self.detect,
            "getTransactions": self.transactions,
            "tryLocateTx": self.locate_result,
            "tryLocateResultTx": self.locate_result,
            "tryLocateSourceTx": self.locate_source,
            "runGetMethod": self.run_get_method,
            "sendBoc": self.send_boc,
            "sendBocReturnHash": self.send_boc_return_hash,
            "estimateFee": self.estimate_fee,
            "getConfigParam": self.config_param,
            "getConfigAll": self.config_all,
            "lookupBlock": self.lookup_block,
            "shards": self.shards,
            "getBlockHeader": self.block_header,
            "getBlockTransactions": self.block_transactions,
            "getBlockTransactionsExt": self.block_transactions_ext,
        }

    def call(self, method: str, params: Params) -> Any:
        """Run a method; raises ApiError. The result is a JSON value or Raw text."""
        try:
            return self.methods[method](params)
        except Refused as error:
            raise ApiError(500, _LITE + str(error)) from None
        except LookupError as error:
            raise ApiError(500, _NOT_READY + str(error).strip("'")) from None

    # Accounts.

    def _account(self, params: Params) -> AccountState:
        return self.view.account(_address(params), _number(params, "seqno"))

    def masterchain_info(self, _params: Params) -> Any:
        """Return the newest masterchain block."""
        seqno = self.view.seqno
        return {
            "@type": "blocks.masterchainInfo",
            "last": self.view.block_id(-1, seqno),
            "state_root_hash": render.b64(self.chain.block_hash("state", -1, seqno)),
            "init": self.view.block_id(-1, 0) | {"shard": "0"},
        }

    def consensus_block(self, _params: Params) -> Any:
        """Return seqno and time of the newest block."""
        seqno = self.view.seqno
        return {"consensus_block": seqno, "timestamp": self.view.utime(seqno)}

    def address_information(self, params: Params) -> Any:
        """Return balance, code, data and the last transaction."""
        account = self._account(params)
        seqno = self.view.at(_number(params, "seqno"))
        return {
            "@type": "raw.fullAccountState",
            "balance": str(account.balance),
            "extra_currencies": [],
            "code": render.boc64(account.code),
            "data": render.boc64(account.data),
            "last_transaction_id": _last(account),
            "block_id": self.view.block_id(-1, seqno),
            "frozen_hash": render.b64(account.frozen_hash) if account.frozen_hash else "",
            "sync_utime": self.view.utime(seqno),
            "@extra": self._extra(),
            "state": _state_word(account),
        }

    def extended_information(self, params: Params) -> Any:
        """Return the account as tonlib's getAccountState sees it."""
        raw = _address(params)
        info = self.address_information(params)
        state: dict[str, Any] = {"@type": "uninited.accountState", "frozen_hash": ""}
        revision = 0
        if info["state"] == "active":
            state = {"@type": "raw.accountState", "frozen_hash": ""}
            state |= {"code": info["code"], "data": info["data"]}
        return {
            "@type": "fullAccountState",
            "address": {
                "@type": "accountAddress",
                "account_address": addresses.friendly(raw),
            },
            "balance": info["balance"],
            "extra_currencies": [],
            "last_transaction_id": info["last_transaction_id"],
            "block_id": info["block_id"],
            "sync_utime": info["sync_utime"],
            "account_state": state,
            "revision": revision,
            "@extra": info["@extra"],
        }

    def wallet_information(self, params: Params) -> Any:
        """Return what is known of a wallet; the development wallet is the known kind."""
        account = self._account(params)
        answer: dict[str, Any] = {
            "wallet": False,
            "balance": str(account.balance),
            "extra_currencies": [],
            "account_state": _state_word(account),
            "last_transaction_id": _last(account),
        }
        if account.code is None or account.data is None:
            return answer
        if account.code.hash == WALLET_V5_R1_CODE.hash:
            data = account.data.begin_parse()
            answer |= {"wallet": True, "wallet_type": _V5_NAME}
            answer["is_signature_allowed"] = bool(data.load_bit())
            answer["seqno"], answer["wallet_id"] = data.load_uint(32), data.load_uint(32)
        return answer

    def balance(self, params: Params) -> Any:
        """Return the balance as text."""
        return str(self._account(params).balance)

    def state(self, params: Params) -> Any:
        """Return uninitialized, active or frozen."""
        return _state_word(self._account(params))

    def pack(self, params: Params) -> Any:
        """Return the bounceable form, or the non-bounceable one when that was given."""
        return self._forms(params)["b64"]

    def unpack(self, params: Params) -> Any:
        """Return the raw form."""
        return _address(params)

    def detect(self, params: Params) -> Any:
        """Return every form."""
        _address(params)
        return addresses.forms(addresses.detect(str(params["address"])))

    def _forms(self, params: Params) -> dict[str, str]:
        found = self.detect(params)
        non = "non_bounceable" in found["given_type"]
        forms: dict[str, str] = found["non_bounceable" if non else "bounceable"]
        return forms

    # Transactions.

    def transactions(self, params: Params) -> Any:
        """Return transactions, newest first, from (lt, hash) down to to_lt (exclusive)."""
        account = _address(params)
        limit = _number(params, "limit", 10) or 0
        if not 0 < limit <= 100:
            raise ApiError(422, "Validation error: limit: ensure this value is in 1..100")
        lt, digest = _number(params, "lt"), _hash(params, "hash")
        to_lt = _number(params, "to_lt", 0) or 0
        if lt is None or digest is None:
            lt = None
        else:
            self._check_start(account, lt, digest)
        rows = self.view.transactions(account, lt=lt, to_lt=to_lt, limit=limit)
        return Raw("[" + ",".join(self.view.json(row) for row in rows) + "]")

    def _check_start(self, account: str, lt: int, digest: bytes) -> None:
        found = self.view.store.transactions(
            account, upto=self.view.seqno, lt=lt, to_lt=lt - 1, limit=1
        )
        if not found:
            raise ApiError(
                500,
                f"{_LITE}cannot locate transaction in block with specified logical time {lt}",
            )
        if digest not in (found[0].hash, self.view.hash(found[0])):
            raise ApiError(500, f"{_LITE}transaction hash mismatch")

    def locate_result(self, params: Params) -> Any:
        """Return the transaction that a message caused."""
        rows = self.view.select(
            "account = ? AND in_source = ? AND in_lt = ?",
            _address(params, "destination"),
            _address(params, "source"),
            _int(params, "created_lt"),
        )
        if not rows:
            raise ApiError(500, "transaction was not found")
        return Raw(self.view.json(rows[0]))

    def locate_source(self, params: Params) -> Any:
        """Return the transaction that sent a message."""
        source, created = _address(params, "source"), _int(params, "created_lt")
        _address(params, "destination")
        rows = self.view.transactions(source, lt=created - 1, to_lt=0, limit=1)
        if not rows or f'"created_lt":"{created}"' not in rows[0].v2:
            raise ApiError(500, "transaction was not found")
        return Raw(self.view.json(rows[0]))

    def run_get_method(self, params: Params) -> Any:
        """Run a get-method; a missing account answers exit code -13."""
        address, method = _address(params), _need(params, "method")
        account = self._account(params)
        try:
            arguments = stack.read_stack(params.get("stack") or [])
        except stack.BadStack as error:
            raise ApiError(422, f"Validation error: {error}") from None
        name = int(method) if str(method).lstrip("-").isdecimal() else str(method)
        code, gas, items = self.chain.run_get(account, address, name, arguments)
        return {
            "@type": "smc.runResult",
            "gas_used": gas,
            "stack": stack.write_stack(items),
            "exit_code": code,
            "@extra": self._extra(),
            "block_id": self.view.block_id(-1, self.view.at(_number(params, "seqno"))),
            "last_transaction_id": _last(account),
        }

    # Sending.

    def send_boc(self, params: Params) -> Any:
        """Queue an external message."""
        cell = _boc(params, "boc")
        if cell is not None:
            self.chain.submit(cell)
        return {"@type": "ok", "@extra": self._extra()}

    def send_boc_return_hash(self, params: Params) -> Any:
        """Queue an external message and say its hash and its normalised hash."""
        cell = _boc(params, "boc")
        if cell is None:
            raise ApiError(422, "Validation error: field required: boc")
        message = self.chain.submit(cell)
        return {
            "@type": "raw.extMessageInfo",
            "hash": render.b64(message.hash),
            "hash_norm": render.b64(message.normalised_hash),
            "@extra": self._extra(),
        }

    def estimate_fee(self, params: Params) -> Any:
        """Return the fees that an external message would cost its receiver, in nano."""
        body = _boc(params, "body") or begin_cell().end_cell()
        code = _boc(params, "init_code", optional=True)
        data = _boc(params, "init_data", optional=True)
        message = begin_cell().store_bits("1000").store_address(_address(params)).store_coins(0)
        if code is None and data is None:
            message.store_bits("0")
        else:
            init = begin_cell().store_bits("00").store_maybe_ref(code).store_maybe_ref(data)
            message.store_bits("11").store_ref(init.store_bit_int(0).end_cell())
        made = self.chain.estimate(read_message(message.store_bits("1").store_ref(body).end_cell()))
        phases = made.description
        storage = int(phases.get("storage_ph", {}).get("storage_fees_collected", 0))
        gas = int(phases["compute_ph"].get("gas_fees", 0))
        action = phases.get("action", {})
        forward = int(action.get("total_fwd_fees", 0))
        incoming = made.total_fees - storage - gas - int(action.get("total_action_fees", 0))
        fees = {"@type": "fees", "in_fwd_fee": incoming, "storage_fee": storage}
        fees |= {"gas_fee": gas, "fwd_fee": forward}
        return {
            "@type": "query.fees",
            "source_fees": fees,
            "destination_fees": [],
            "@extra": self._extra(),
        }

    # Configuration and blocks.

    def config_param(self, params: Params) -> Any:
        """Return one configuration parameter."""
        wanted = params.get("config_id", params.get("param"))
        number = _int({"config_id": wanted}, "config_id")
        cell = config_param(number)
        if cell is None:
            raise ApiError(500, f"{_LITE}configuration parameter {number} is not set")
        return self._config(cell)

    def config_all(self, _params: Params) -> Any:
        """Return the whole configuration dictionary."""
        return self._config(config_cell())

    def _config(self, cell: Cell) -> Any:
        body = {"@type": "tvm.cell", "bytes": render.boc64(cell)}
        return {"@type": "configInfo", "config": body, "@extra": self._extra()}

    def lookup_block(self, params: Params) -> Any:
        """Return a block's id by seqno, logical time or unix time."""
        workchain = _int(params, "workchain")
        self._check_shard(workchain, _int(params, "shard"))
        numbers = [_number(params, name) for name in ("seqno", "lt", "unixtime")]
        try:
            return self.view.block_id(workchain, self.view.lookup(*numbers))
        except ValueError as error:
            raise ApiError(422, f"Validation error: {error}") from None

    def _check_shard(self, workchain: int, shard: int) -> None:
        if workchain not in (0, -1) or shard % 2**64 != 2**63:
            raise ApiError(500, f"{_NOT_READY}cannot find block ({workchain},{shard})")

    def shards(self, params: Params) -> Any:
        """Return the one shard's block that a masterchain block took in."""
        seqno = self.view.at(_int(params, "seqno"))
        shards = [self.view.block_id(0, seqno)]
        return {"@type": "blocks.shards", "shards": shards, "@extra": self._extra()}

    def block_header(self, params: Params) -> Any:
        """Return what is known of a block."""
        workchain, seqno = _int(params, "workchain"), self.view.at(_int(params, "seqno"))
        previous = [self.view.block_id(workchain, seqno - 1)] if seqno else []
        return {
            "@type": "blocks.header",
            "id": self.view.block_id(workchain, seqno),
            "global_id": -3,
            "version": 0,
            "after_merge": False,
            "after_split": False,
            "before_split": False,
            "want_merge": False,
            "want_split": False,
            "validator_list_hash_short": 0,
            "catchain_seqno": 0,
            "min_ref_mc_seqno": max(0, seqno - 1),
            "is_key_block": seqno == 0,
            "prev_key_block_seqno": 0,
            "start_lt": str(seqno * LT_PER_BLOCK),
            "end_lt": str((seqno + 1) * LT_PER_BLOCK - 1),
            "gen_utime": self.view.utime(seqno),
            "prev_blocks": previous,
        }

    def _block_rows(self, params: Params) -> tuple[dict[str, Any], list[Any], int]:
        workchain = _int(params, "workchain")
        self._check_shard(workchain, _int(params, "shard"))
        seqno = self.view.at(_int(params, "seqno"))
        count, after = _number(params, "count", 40) or 40, _number(params, "after_lt", 0) or 0
        rows = []
        if workchain == 0:
            rows = self.view.select("seqno = ? AND lt > ?", seqno, after, limit=count + 1)
        head = {"id": self.view.block_id(workchain, seqno), "req_count": count}
        head["incomplete"] = len(rows) > count
        return head, rows[:count], count

    def block_transactions(self, params: Params) -> Any:
        """Return account, lt and hash of a block's transactions."""
        head, rows, _ = self._block_rows(params)
        items = [
            {
                "@type": "blocks.shortTxId",
                "mode": 135,
                "account": row.account,
                "lt": str(row.lt),
                "hash": render.b64(self.view.hash(row)),
            }
            for row in rows
        ]
        return {"@type": "blocks.transactions", **head, "transactions": items}

    def block_transactions_ext(self, params: Params) -> Any:
        """Return a block's transactions in full."""
        head, rows, _ = self._block_rows(params)
        body = ",".join(self.view.json(row) for row in rows)
        text = render.dump({"@type": "blocks.transactionsExt", **head})
        return Raw(f'{text[:-1]},"transactions":[{body}]}}')

    def _extra(self) -> str:
        return f"{self.view.utime(self.view.seqno)}:0:0"
