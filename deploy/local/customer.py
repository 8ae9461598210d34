"""A person who uses the shop as anybody would: its HTTP API, and a wallet of his own.

Nothing here knows how the shop works inside; the demo and outside checks are made of it.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import DevWallet, Sent

POLL_SECONDS: Final = 0.1
_TIMEOUT: Final = 30


class Refused(RuntimeError):
    """The shop answered with a problem; ``code`` is the problem's."""

    def __init__(self, what: str, status: int, problem: dict[str, Any]) -> None:
        told = [problem.get(name) for name in ("code", "detail", "fields")]
        super().__init__(f"{what}: {status} {' '.join(str(part) for part in told if part)}")
        self.status = status
        self.code = problem.get("code")


class Customer:
    """One person, with a Telegram identity and a wallet made from a random seed."""

    language = "en"  # of their Telegram

    def __init__(self, base_url: str, network: NetworkClient, telegram_id: int, name: str) -> None:
        self._base = base_url.rstrip("/")
        self._network = network
        self.telegram_id = telegram_id
        self.name = name
        self.wallet = DevWallet(secrets.token_bytes(32))
        self._token = ""

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API (path below /api/v1/); raises Refused."""
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(  # noqa: S310 - the base is the demo's own http address
            f"{self._base}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
            method=verb,
        )
        try:
            with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - as above
                text = answer.read()
        except HTTPError as error:
            raise Refused(f"{verb} {path}", error.code, _problem(error.read())) from None
        return json.loads(text) if text else None

    def launch(self, start_param: str = "") -> dict[str, Any]:
        """Signed initData, as Telegram gives it to the Mini App: {"init_data": "..."}."""
        person: dict[str, Any] = {"telegram_id": self.telegram_id, "first_name": self.name}
        person["username"] = f"{self.name.lower()}_{self.telegram_id}"
        person["language"] = self.language
        if start_param:
            person["start_param"] = start_param
        return dict(self.call("POST", "dev/init-data", person))

    def sign_in(self, start_param: str = "") -> None:
        """Open a session with signed initData."""
        self._token = self.call("POST", "auth/telegram", self.launch(start_param))["access"]

    def link_wallet(self) -> None:
        """Prove the wallet by its signature over the shop's nonce."""
        payload = self.call("POST", "wallets/nonce", {})["payload"]
        domain = urlsplit(self._base).hostname or ""
        self.call("POST", "wallets", self.wallet.prove(domain, payload, int(time.time())))

    def sign_in_web(self) -> None:
        """Open a session on the web, by the wallet."""
        self._token = ""
        payload = self.call("POST", "auth/wallet/nonce", {})["payload"]
        domain = urlsplit(self._base).hostname or ""
        proof = self.wallet.prove(domain, payload, int(time.time()))
        self._token = self.call("POST", "auth/wallet", proof)["access"]

    def fund(self, nano: int) -> None:
        """Take coins from the local network's faucet."""
        self._network.faucet(self.wallet.address, nano)

    def sign(self, transaction: dict[str, Any]) -> Sent:
        """Let the wallet sign and send a TON Connect transaction."""
        return self.wallet.send(transaction, self._network)

    def order(self, drop: str, quantity: int = 1) -> dict[str, Any]:
        """Order editions, to be paid by the wallet."""
        wanted: dict[str, Any] = {"drop": drop, "quantity": quantity, "method": "ton"}
        wanted["wallet"] = self.wallet.address
        key = str(uuid.uuid4())
        return dict(self.call("POST", "orders", wanted, Idempotency_Key=key))

    def order_by(self, drop: str, method: str, email: str) -> dict[str, Any]:
        """Order one edition, to be paid outside the chain."""
        wanted = {"drop": drop, "quantity": 1, "method": method, "email": email}
        key = str(uuid.uuid4())
        return dict(self.call("POST", "orders", wanted, Idempotency_Key=key))

    def wait_for_order(self, order_id: str, seconds: float) -> dict[str, Any]:
        """Poll an order until nothing more will happen to it, or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            order = dict(self.call("GET", f"orders/{order_id}"))
            done = order["state"] not in ("awaiting_payment", "paid", "fulfilling")
            if done or time.monotonic() > deadline:
                return order
            time.sleep(POLL_SECONDS)

    def wait_until_live(self, drop: str, seconds: float) -> dict[str, Any]:
        """Poll a drop until it can be bought; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = dict(self.call("GET", f"drops/{drop}"))
            except Refused as refusal:
                if refusal.status != 404:
                    raise
            else:
                if found["state"] == "live":
                    return found
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"the drop {drop} did not go live in {seconds:.0f} s")


def _problem(body: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(body))
    except ValueError:
        return {"code": "not_json", "detail": body[:200].decode(errors="replace")}
