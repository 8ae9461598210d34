"""HashiCorp Vault's transit engine, as far as signing needs it.

developer.hashicorp.com/vault/api-docs/secret/transit: POST sign/:name, GET keys/:name. The token
may do these two things and no other, as the policy in production says.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any, ClassVar

from nacl.signing import SigningKey

from deploy.local.sandbox.frame import Call, Refuse, Reply, Route, Sandbox


class VaultSandbox(Sandbox):
    """`seed`: 32 bytes of the ed25519 key `key_name`. act_seal makes it answer 503 as sealed."""

    name = "vault"
    effects = (("POST", "/v1/transit/sign/[^/]+"), ("GET", "/v1/transit/keys/[^/]+"))

    def __init__(
        self, *, seed: bytes, token: str, key_name: str = "minter", **options: Any
    ) -> None:
        super().__init__(**options)
        self._key = SigningKey(seed)
        self.token, self.key_name = token, key_name
        self.sealed = False
        self.signed = 0

    def state(self) -> Any:
        return {"signed": self.signed, "sealed": self.sealed}

    def act_seal(self, *, sealed: bool = True) -> dict[str, Any]:
        self.sealed = sealed
        return {}

    def not_found(self, call: Call) -> Reply:
        del call
        return Reply(403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})

    def broken(self, status: int) -> Reply:
        return Reply(status, {"errors": ["sandbox fault"]})

    def _enter(self, call: Call) -> None:
        if self.sealed:
            raise Refuse(503, {"errors": ["Vault is sealed"]})
        given = call.headers.get("X-Vault-Token", "")
        if not hmac.compare_digest(given, self.token):
            raise Refuse(403, {"errors": ["permission denied"]})
        if call.match["name"] != self.key_name:
            raise Refuse(400, {"errors": ["signing key not found"]})

    def key(self, call: Call) -> Reply:
        self._enter(call)
        public = base64.b64encode(bytes(self._key.verify_key)).decode()
        return Reply(
            200,
            {
                "data": {
                    "name": self.key_name,
                    "type": "ed25519",
                    "latest_version": 1,
                    "keys": {"1": {"name": "ed25519", "public_key": public}},
                }
            },
        )

    def sign(self, call: Call) -> Reply:
        self._enter(call)
        given = call.json()
        if set(given) != {"input"}:
            raise Refuse(400, {"errors": [f"unknown or missing fields: {sorted(given)}"]})
        try:
            text = base64.b64decode(given["input"], validate=True)
        except binascii.Error as error:
            raise Refuse(400, {"errors": ["unable to decode input as base64"]}) from error
        self.signed += 1
        signature = base64.b64encode(self._key.sign(text).signature).decode()
        return Reply(200, {"data": {"signature": f"vault:v1:{signature}", "key_version": 1}})

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("GET", "/v1/transit/keys/(?P<name>[^/]+)"): key,
        ("POST", "/v1/transit/sign/(?P<name>[^/]+)"): sign,
    }
