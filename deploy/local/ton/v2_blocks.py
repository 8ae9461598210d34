"""toncenter v2: blocks and configuration."""

from __future__ import annotations

from typing import Any

from pytoniq_core import Cell

from deploy.local.ton import render
from deploy.local.ton.block import LT_PER_BLOCK
from deploy.local.ton.config import config_cell, config_param
from deploy.local.ton.params import LITE, NOT_READY, ApiError, Method, Params, Raw, integer, number
from deploy.local.ton.view import View


class Blocks:
    """Reads of blocks and of the configuration."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.chain = view.chain
        self.methods: dict[str, Method] = {
            "getMasterchainInfo": self.masterchain_info,
            "getConsensusBlock": self.consensus_block,
            "getConfigParam": self.config_param,
            "getConfigAll": self.config_all,
            "lookupBlock": self.lookup_block,
            "shards": self.shards,
            "getBlockHeader": self.block_header,
            "getBlockTransactions": self.block_transactions,
            "getBlockTransactionsExt": self.block_transactions_ext,
        }

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

    def config_param(self, params: Params) -> Any:
        """Return one configuration parameter."""
        wanted = params.get("config_id", params.get("param"))
        number = integer({"config_id": wanted}, "config_id")
        cell = config_param(number)
        if cell is None:
            raise ApiError(500, f"{LITE}configuration parameter {number} is not set")
        return self._config(cell)

    def config_all(self, _params: Params) -> Any:
        """Return the whole configuration dictionary."""
        return self._config(config_cell())

    def _config(self, cell: Cell) -> Any:
        body = {"@type": "tvm.cell", "bytes": render.boc64(cell)}
        return {"@type": "configInfo", "config": body, "@extra": self.view.extra()}

    def lookup_block(self, params: Params) -> Any:
        """Return a block's id by seqno, logical time or unix time."""
        workchain = integer(params, "workchain")
        self._check_shard(workchain, integer(params, "shard"))
        numbers = [number(params, name) for name in ("seqno", "lt", "unixtime")]
        try:
            return self.view.block_id(workchain, self.view.lookup(*numbers))
        except ValueError as error:
            raise ApiError(422, f"Validation error: {error}") from None

    def _check_shard(self, workchain: int, shard: int) -> None:
        if workchain not in (0, -1) or shard % 2**64 != 2**63:
            raise ApiError(500, f"{NOT_READY}cannot find block ({workchain},{shard})")

    def shards(self, params: Params) -> Any:
        """Return the one shard's block that a masterchain block took in."""
        seqno = self.view.at(integer(params, "seqno"))
        shards = [self.view.block_id(0, seqno)]
        return {"@type": "blocks.shards", "shards": shards, "@extra": self.view.extra()}

    def block_header(self, params: Params) -> Any:
        """Return what is known of a block."""
        workchain, seqno = integer(params, "workchain"), self.view.at(integer(params, "seqno"))
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
        workchain = integer(params, "workchain")
        self._check_shard(workchain, integer(params, "shard"))
        seqno = self.view.at(integer(params, "seqno"))
        count, after = number(params, "count", 40) or 40, number(params, "after_lt", 0) or 0
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
