"""A small client of toncenter v2 for the wallet, the bootstrap, the demo and tests.

Standard library only, one keep-alive connection; not for use by several threads at once.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from pytoniq_core import Cell

from deploy.local.ton import addresses
from deploy.local.ton.transactions import Transaction, read_transaction


class NetworkError(RuntimeError):
    """The network refused a call; ``status`` is HTTP's, the text is the network's own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class GetMethodFailed(RuntimeError):
    """A get-method ended with an exit code other than 0 and 1."""

    def __init__(self, method: str, exit_code: int) -> None:
        super().__init__(f"{method}: exit code {exit_code}")
        self.exit_code = exit_code


class NetworkClient:
    """Talks to the network at ``http://host:port`` (a path such as /api/v2/ is ignored)."""

    def __init__(self, url: str, *, timeout: float = 30) -> None:
        split = urlsplit(url)
        self.url = f"{split.scheme}://{split.netloc}"
        self._connection = http.client.HTTPConnection(split.netloc, timeout=timeout)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def exchange_text(self, verb: str, path: str, text: str | None) -> tuple[int, Any]:
        """Send a body as it is; return status and decoded JSON, whatever they are."""
        for attempt in (1, 2):
            try:
                headers = {"Content-Type": "application/json"}
                data = None if text is None else text.encode()
                self._connection.request(verb, path, data, headers)
                response = self._connection.getresponse()
                answer = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closed an idle connection. A message sent twice is taken once.
                self._connection.close()
                if attempt == 2:
                    raise
        return response.status, json.loads(answer)

    def exchange(self, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and decoded JSON of a call, whatever they are."""
        return self.exchange_text(verb, path, None if body is None else json.dumps(body))

    def request(self, verb: str, path: str, body: Any = None) -> Any:
        """Make a call and return the decoded JSON; raises NetworkError."""
        status, value = self.exchange(verb, path, body)
        if status != 200:
            raise NetworkError(status, str(value.get("error")))
        return value

    def call(self, method: str, /, **params: Any) -> Any:
        """Call a v2 method and return its result."""
        return self.request("POST", f"/api/v2/{method}", params)["result"]

    def seqno(self) -> int:
        """Return the newest masterchain block's number."""
        return int(self.call("getMasterchainInfo")["last"]["seqno"])

    def balance(self, address: str) -> int:
        """Return a balance in nano."""
        return int(self.call("getAddressBalance", address=address))

    def is_active(self, address: str) -> bool:
        """Tell whether an account has code."""
        return bool(self.call("getAddressState", address=address) == "active")

    def account(self, address: str) -> tuple[Cell | None, Cell | None]:
        """Return code and data."""
        info = self.call("getAddressInformation", address=address)
        return _cell(info["code"]), _cell(info["data"])

    def run_get(self, address: str, method: str, stack: list[list[Any]] | None = None) -> list[Any]:
        """Run a get-method; the result holds int, Cell (slices too), None and lists."""
        answer = self.call("runGetMethod", address=address, method=method, stack=stack or [])
        if answer["exit_code"] not in (0, 1):
            raise GetMethodFailed(method, answer["exit_code"])
        return [_stack_item(item) for item in answer["stack"]]

    def wallet_seqno(self, address: str) -> int | None:
        """Return a wallet's seqno, None when it is not deployed."""
        if not self.is_active(address):
            return None
        return int(self.run_get(address, "seqno")[0])

    def send_boc(self, boc: bytes) -> None:
        """Broadcast an external message; raises NetworkError when it is refused."""
        self.call("sendBoc", boc=base64.b64encode(boc).decode())

    def transactions(self, address: str, *, limit: int = 16, **more: Any) -> list[Transaction]:
        """Return an account's transactions, newest first."""
        found = self.call("getTransactions", address=address, limit=limit, **more)
        return [read_transaction(Cell.one_from_boc(base64.b64decode(t["data"]))) for t in found]

    def faucet(self, address: str, amount: int) -> None:
        """Get coins from the giver; they have arrived when this returns."""
        self.request("POST", "/faucet", {"address": address, "amount": str(amount)})

    def wait_for_message(self, digest: bytes, timeout: float = 30) -> dict[str, Any]:
        """Wait for the transaction of an external message by hash; returns v3's form of it."""
        deadline = time.monotonic() + timeout
        path = f"/api/v3/transactionsByMessage?msg_hash={digest.hex()}&direction=in"
        while time.monotonic() < deadline:
            found = self.request("GET", path)["transactions"]
            if found:
                return dict(found[0])
            time.sleep(0.05)
        raise TimeoutError(f"no transaction of message {digest.hex()}")

    def wait_until_active(self, address: str, timeout: float = 30) -> None:
        """Wait until an account has code."""
        deadline = time.monotonic() + timeout
        while not self.is_active(address):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{addresses.friendly(address)} is not deployed")
            time.sleep(0.05)


def _cell(text: str) -> Cell | None:
    return Cell.one_from_boc(base64.b64decode(text)) if text else None


def _stack_item(entry: list[Any]) -> Any:
    kind, value = entry
    if kind == "num":
        return int(value, 16)
    if kind == "cell":
        return Cell.one_from_boc(base64.b64decode(value["bytes"]))
    if kind == "list" and not value["elements"]:
        return None
    return value["elements"]
