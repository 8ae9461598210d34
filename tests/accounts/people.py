"""Named people with a client of their own, signed in through the real door."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from json import dumps
from typing import Any

from django.test import Client

from accounts.development import init_data_make
from accounts.models import User
from accounts.people import Person
from deploy.local.ton.wallet import DevWallet

JSON = "application/json"
DOMAIN = "127.0.0.1:8000"


@dataclass
class Caller:
    """A client that sends its bearer token."""

    access: str = ""
    refresh: str = ""
    user_id: str = ""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            b"" if body is None else _json(body),
            JSON,
            headers=headers,
        )

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, {} if body is None else body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    @property
    def user(self) -> User:
        return User.objects.get(pk=self.user_id)


def _json(body: Any) -> bytes:
    return dumps(body).encode()


def sign_in(number: int, name: str, start_param: str = "") -> Caller:
    person = Person(number, name, name.lower())
    caller = Caller()
    answer = caller.post(
        "auth/telegram", {"init_data": init_data_make(person=person, start_param=start_param)}
    )
    assert answer.status_code == 200, answer.content
    given = answer.json()
    caller.access, caller.refresh = given["access"], given["refresh"]
    caller.user_id = given["user"]["id"]
    return caller


def proof_body(
    caller: Caller, wallet: DevWallet, *, domain: str = DOMAIN, payload: str | None = None
) -> dict[str, Any]:
    """What the Mini App sends after the wallet has answered."""
    if payload is None:
        payload = caller.post("wallets/nonce").json()["payload"]
    account = wallet.ton_connect_account()
    names = ("address", "chain", "publicKey", "walletStateInit")
    return {
        "account": {name: account[name] for name in names},
        "proof": wallet.prove(domain, payload, int(time.time()))["proof"],
    }
