"""toncenter's v2 HTTP API: every method by its name.

Shapes and error texts follow ton-http-api and pytonlib; parameters arrive as a dictionary from
the query string, a JSON body or JSON-RPC, so that numbers may be text.
"""

from __future__ import annotations

from typing import Any

from deploy.local.ton.chain import Refused
from deploy.local.ton.params import LITE, NOT_READY, ApiError, Method, Params
from deploy.local.ton.v2_accounts import Accounts
from deploy.local.ton.v2_blocks import Blocks
from deploy.local.ton.v2_transactions import Transactions
from deploy.local.ton.view import View


class V2:
    """The API over one view of the chain."""

    def __init__(self, view: View) -> None:
        self.methods: dict[str, Method] = {
            **Accounts(view).methods,
            **Transactions(view).methods,
            **Blocks(view).methods,
        }

    def call(self, method: str, params: Params) -> Any:
        """Run a method; raises ApiError. The result is a JSON value or Raw text."""
        try:
            return self.methods[method](params)
        except Refused as error:
            raise ApiError(500, LITE + str(error)) from None
        except LookupError as error:
            raise ApiError(500, NOT_READY + str(error).strip("'")) from None
