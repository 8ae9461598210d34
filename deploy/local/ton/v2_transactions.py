"""toncenter v2: transactions, get-methods, sending."""

from __future__ import annotations

from typing import Any

from pytoniq_core import begin_cell

from deploy.local.ton import render, stack
from deploy.local.ton.params import (
    LITE,
    ApiError,
    Method,
    Params,
    Raw,
    address_of,
    boc_of,
    hash_of,
    integer,
    number,
    required,
)
from deploy.local.ton.transactions import read_message
from deploy.local.ton.v2_accounts import last_of
from deploy.local.ton.view import View


class Transactions:
    """Reads of transactions, get-methods, external messages."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.chain = view.chain
        self.methods: dict[str, Method] = {
            "getTransactions": self.transactions,
            "tryLocateTx": self.locate_result,
            "tryLocateResultTx": self.locate_result,
            "tryLocateSourceTx": self.locate_source,
            "runGetMethod": self.run_get_method,
            "sendBoc": self.send_boc,
            "sendBocReturnHash": self.send_boc_return_hash,
            "estimateFee": self.estimate_fee,
        }

    def transactions(self, params: Params) -> Any:
        """Return transactions, newest first, from (lt, hash) down to to_lt (exclusive)."""
        account = address_of(params)
        limit = number(params, "limit", 10) or 0
        if not 0 < limit <= 100:
            raise ApiError(422, "Validation error: limit: ensure this value is in 1..100")
        lt, digest = number(params, "lt"), hash_of(params, "hash")
        to_lt = number(params, "to_lt", 0) or 0
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
                f"{LITE}cannot locate transaction in block with specified logical time {lt}",
            )
        if digest not in (found[0].hash, self.view.hash(found[0])):
            raise ApiError(500, f"{LITE}transaction hash mismatch")

    def locate_result(self, params: Params) -> Any:
        """Return the transaction that a message caused."""
        rows = self.view.select(
            "account = ? AND in_source = ? AND in_lt = ?",
            address_of(params, "destination"),
            address_of(params, "source"),
            integer(params, "created_lt"),
        )
        if not rows:
            raise ApiError(500, "transaction was not found")
        return Raw(self.view.json(rows[0]))

    def locate_source(self, params: Params) -> Any:
        """Return the transaction that sent a message."""
        source, created = address_of(params, "source"), integer(params, "created_lt")
        address_of(params, "destination")
        rows = self.view.transactions(source, lt=created - 1, to_lt=0, limit=1)
        if not rows or f'"created_lt":"{created}"' not in rows[0].v2:
            raise ApiError(500, "transaction was not found")
        return Raw(self.view.json(rows[0]))

    def run_get_method(self, params: Params) -> Any:
        """Run a get-method; a missing account answers exit code -13."""
        address, method = address_of(params), required(params, "method")
        account = self.view.account(address, number(params, "seqno"))
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
            "@extra": self.view.extra(),
            "block_id": self.view.block_id(-1, self.view.at(number(params, "seqno"))),
            "last_transaction_id": last_of(account),
        }

    # Sending.

    def send_boc(self, params: Params) -> Any:
        """Queue an external message."""
        cell = boc_of(params, "boc")
        if cell is not None:
            self.chain.submit(cell)
        return {"@type": "ok", "@extra": self.view.extra()}

    def send_boc_return_hash(self, params: Params) -> Any:
        """Queue an external message and say its hash and its normalised hash."""
        cell = boc_of(params, "boc")
        if cell is None:
            raise ApiError(422, "Validation error: field required: boc")
        message = self.chain.submit(cell)
        return {
            "@type": "raw.extMessageInfo",
            "hash": render.b64(message.hash),
            "hash_norm": render.b64(message.normalised_hash),
            "@extra": self.view.extra(),
        }

    def estimate_fee(self, params: Params) -> Any:
        """Return the fees that an external message would cost its receiver, in nano."""
        body = boc_of(params, "body") or begin_cell().end_cell()
        code = boc_of(params, "init_code", optional=True)
        data = boc_of(params, "init_data", optional=True)
        message = begin_cell().store_bits("1000").store_address(address_of(params)).store_coins(0)
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
            "@extra": self.view.extra(),
        }
