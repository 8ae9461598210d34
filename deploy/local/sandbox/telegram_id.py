"""Telegram's OpenID Connect issuer (core.telegram.org/bots/telegram-login), strictly.

The shape of its documents is the published one: https://oauth.telegram.org serves keys of several
kinds beside the one that signs, `aud` is the bot's id, `id` the person's, in digits; `sub` is
another number. It refuses an unknown client, a redirect address that was not registered, a wrong
secret, a wrong verifier, a code that was used or is a minute old.

Under /_sandbox/: `rotate` {"alg"} makes a new key, `forge` {...} spoils the next token (FORGERY),
`person` {"query", "login"} presses a button of the page without the page.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar, Final
from urllib.parse import unquote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.people import PEOPLE, Person
from deploy.local.sandbox.frame import Call, Refuse, Reply, Route, Sandbox
from deploy.local.sandbox.page import payment_page

CODE_LIFE: Final = 60.0
TOKEN_LIFE: Final = 3600
# What `forge` may change: claims (null removes one), the algorithm (none, HS256: keyed with the
# public key), the key's name, another key under the known name.
FORGERY: Final = frozenset({"claims", "alg", "kid", "stranger"})
_ASKED: Final = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method",
)  # fmt: skip


class TelegramIdSandbox(Sandbox):
    """`client_id`, `client_secret` and `redirect_uri` as they were registered with BotFather."""

    name = "telegram_id"

    def __init__(
        self, *, client_id: str, client_secret: str, redirect_uri: str, **options: Any
    ) -> None:
        super().__init__(**options)
        self.client_id, self.client_secret = client_id, client_secret
        self.redirect_uri = redirect_uri
        self.codes: dict[str, dict[str, Any]] = {}
        self.keys: list[dict[str, Any]] = []
        self.forgery: dict[str, Any] = {}
        self.fetched: list[str] = []
        self.act_rotate()

    def state(self) -> Any:
        return {"codes": len(self.codes), "fetched": self.fetched, "key": self.keys[0]["kid"]}

    # --- documents ----------------------------------------------------------------------------
    def discovery(self, call: Call) -> Reply:
        self.fetched.append(call.path)
        return Reply(
            200,
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/auth",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/.well-known/jwks.json",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "scopes_supported": ["openid", "profile", "phone"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic", "client_secret_post",
                ],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            },
        )  # fmt: skip

    def jwks(self, call: Call) -> Reply:
        self.fetched.append(call.path)
        other = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        odd = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "odd", "x": _b64(other)}
        return Reply(200, {"keys": [odd, *(one["public"] for one in self.keys)]})

    # --- the page -----------------------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        asked = self._asked(call)
        if isinstance(asked, Reply):
            return asked
        return payment_page(
            provider="Telegram",
            title="Continue to Tonality as",
            note="Telegram would ask you in its app. Here you choose who you are.",
            buttons=[*((name, one.first_name) for name, one in PEOPLE.items()), ("", "Cancel")],
            action=f"{call.path}?{urlencode(asked)}",
        )

    def page_act(self, call: Call) -> Reply:
        asked = self._asked(call)
        if isinstance(asked, Reply):
            return asked
        return _found(self._answer(asked, call.form().get("act", "")))

    def _asked(self, call: Call) -> dict[str, str] | Reply:
        """The request, checked. A wrong client or address gets no redirect (RFC 6749 4.1.2.1)."""
        given = {name: values[-1] for name, values in call.query.items()}
        if given.get("client_id") != self.client_id:
            return _told("unknown client_id")
        if given.get("redirect_uri") != self.redirect_uri:
            return _told("redirect_uri is not registered")
        missing = [name for name in _ASKED if not given.get(name)]
        if missing or given["response_type"] != "code" or "openid" not in given["scope"].split():
            return self._back(given, error="invalid_request")
        if given["code_challenge_method"] != "S256" or len(given["code_challenge"]) != 43:
            return self._back(given, error="invalid_request")
        return {name: given[name] for name in _ASKED}

    def _back(self, asked: Mapping[str, str], **more: str) -> Reply:
        answer = {**more, "state": asked.get("state", ""), "iss": self.url}
        return _found(f"{self.redirect_uri}?{urlencode(answer)}")

    def _answer(self, asked: Mapping[str, str], login: str) -> str:
        """Where the browser goes: back with a code, or with a no."""
        person = PEOPLE.get(login)
        if person is None:
            return self._back(asked, error="access_denied").headers["Location"]
        code = secrets.token_urlsafe(24)
        self.codes[code] = {**asked, "person": person, "at": self.now()}
        return self._back(asked, code=code).headers["Location"]

    def act_person(self, *, query: dict[str, str], login: str = "fan") -> dict[str, Any]:
        call = Call("GET", "/auth", {name: [value] for name, value in query.items()}, {}, b"")
        asked = self._asked(call)
        if isinstance(asked, Reply):
            raise Refuse(asked.status, asked.body)
        return {"location": self._answer(asked, login)}

    # --- the token ----------------------------------------------------------------------------
    def token(self, call: Call) -> Reply:
        form = call.form()
        self._authenticate(call, form)
        if form.get("grant_type") != "authorization_code":
            raise _oauth("unsupported_grant_type")
        kept = self.codes.pop(form.get("code", ""), None)  # whatever follows: used
        if kept is None or self.now() - kept["at"] > CODE_LIFE:
            raise _oauth("invalid_grant")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if form.get("redirect_uri") != kept["redirect_uri"] or not hmac.compare_digest(
            _b64(digest), kept["code_challenge"]
        ):
            raise _oauth("invalid_grant")
        body = {
            "access_token": secrets.token_urlsafe(24),
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
            "id_token": self._signed(self._claims(kept["person"], kept["nonce"])),
        }
        return Reply(200, body, headers={"Cache-Control": "no-store"})

    def _authenticate(self, call: Call, form: Mapping[str, str]) -> None:
        header = next((v for k, v in call.headers.items() if k.lower() == "authorization"), "")
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if header.startswith("Basic "):
            name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            given = (unquote(name), unquote(secret))
        if given != (self.client_id, self.client_secret):
            raise Refuse(401, {"error": "invalid_client"}, {"WWW-Authenticate": "Basic"})

    def _claims(self, person: Person, nonce: str) -> dict[str, Any]:
        now = int(self.now())
        claims: dict[str, Any] = {
            "iss": self.url, "aud": self.client_id, "iat": now, "exp": now + TOKEN_LIFE,
            "sub": str(person.telegram_id * 7919), "id": str(person.telegram_id), "nonce": nonce,
            "name": person.first_name, "preferred_username": person.username,
        }  # fmt: skip
        claims.update(self.forgery.get("claims", {}))
        return {name: value for name, value in claims.items() if value is not None}

    def _signed(self, claims: Mapping[str, Any]) -> str:
        forged, self.forgery = self.forgery, {}
        key = self.keys[0]
        alg, kid = forged.get("alg", key["alg"]), forged.get("kid", key["kid"])
        if alg == "none":
            return jwt.encode(dict(claims), "", algorithm="none", headers={"kid": kid})
        if alg == "HS256":  # a naive verifier would take the public key for the secret
            return _hs256(claims, kid, key["pem"])
        private = _private(alg) if forged.get("stranger") else key["private"]
        return jwt.encode(dict(claims), private, algorithm=alg, headers={"kid": kid})

    def act_forge(self, **changes: Any) -> dict[str, Any]:
        if unknown := set(changes) - FORGERY:
            raise ValueError(f"cannot forge {sorted(unknown)}")
        self.forgery = changes
        return {}

    def act_rotate(self, *, alg: str = "RS256") -> dict[str, Any]:
        """A new key signs from now on; the one before is published on, older ones are gone."""
        private = _private(alg)
        kid = f"key-{secrets.token_hex(4)}"
        kind = jwt.get_algorithm_by_name(alg)
        public = json.loads(kind.to_jwk(private.public_key()))
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        entry = {"kid": kid, "alg": alg, "private": private, "pem": pem}
        entry["public"] = {**public, "kid": kid, "alg": alg, "use": "sig"}
        self.keys = [entry, *self.keys[:1]]
        return {"kid": kid}

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("GET", "/.well-known/openid-configuration"): discovery,
        ("GET", "/.well-known/jwks.json"): jwks,
        ("GET", "/auth"): page,
        ("POST", "/auth"): page_act,
        ("POST", "/token"): token,
    }


def _private(alg: str) -> Any:
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _hs256(claims: Mapping[str, Any], kid: str, secret: bytes) -> str:
    """By hand: PyJWT refuses to take a public key for a secret."""
    head = {"alg": "HS256", "typ": "JWT", "kid": kid}
    signed = ".".join(_b64(json.dumps(part).encode()) for part in (head, dict(claims)))
    return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _found(url: str) -> Reply:
    return Reply(302, b"", headers={"Location": url})


def _told(why: str) -> Reply:
    return Reply(400, f"<h1>SANDBOX</h1><p>{escape(why)}</p>", kind="text/html; charset=utf-8")


def _oauth(error: str) -> Refuse:
    return Refuse(400, {"error": error})
