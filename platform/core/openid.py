"""The relying party's half of OpenID Connect (Core 1.0; PKCE: RFC 7636; issuer: RFC 9207).

Where things are and which keys sign comes from the issuer's discovery document. Documents are
cached for an hour; a key that is not among the known ones makes us look again, once a minute at
most. Only RS256 and ES256 count as signatures, whatever a token says about itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import jwt
from django.core.cache import cache
from django.utils import timezone

from core import http

ALGORITHMS: Final = {"RS256": ("RSA", None), "ES256": ("EC", "P-256")}
LEEWAY: Final = 30  # seconds that two clocks may differ
MAX_AGE: Final = 600  # seconds since a token was made: it is fetched at once or never
_MAX_BYTES: Final = 200_000
_KEEP: Final = 3600  # seconds
_LOOK_AGAIN: Final = 60
_DISCOVERY: Final = "/.well-known/openid-configuration"


class OpenIdRefused(Exception):
    """Nobody is signed in. `code`: unreachable, discovery, issuer, code, token, algorithm, key,
    signature, expired, audience, nonce."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(f"{code} {detail}".strip())


@dataclass(frozen=True, slots=True)
class Client:
    """Us, as the issuer knows us."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Of the discovery document. names_itself: its answers say which issuer they come from."""

    authorization: str
    token: str
    keys: str
    names_itself: bool
    secret_in_body: bool


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one attempt to sign in is bound by; kept in the browser's session."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> Secrets:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


def discover(issuer: str) -> Endpoints:
    """Raises OpenIdRefused: unreachable, discovery (it speaks for another issuer, or not TLS)."""
    document = _document(f"{issuer}{_DISCOVERY}")
    if document.get("issuer") != issuer:
        raise OpenIdRefused("discovery", "the document is of another issuer")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    authorization, token, keys = (str(document.get(name, "")) for name in names)
    if not all(_as_safe_as(url, issuer) for url in (authorization, token, keys)):
        raise OpenIdRefused("discovery", "an endpoint is missing or not https")
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Endpoints(
        authorization,
        token,
        keys,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        secret_in_body="client_secret_basic" not in methods,
    )


def _as_safe_as(url: str, issuer: str) -> bool:
    """TLS wherever the issuer has it; development's issuer is plain HTTP on this machine."""
    parts = urlsplit(url)
    return bool(parts.netloc) and parts.scheme in {"https", urlsplit(issuer).scheme}


def authorization_url(client: Client, endpoints: Endpoints, bound: Secrets, scope: str) -> str:
    """Where the browser goes to be asked. PKCE with S256 (RFC 7636 4.2)."""
    digest = hashlib.sha256(bound.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": scope,
        "state": bound.state,
        "nonce": bound.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(endpoints.authorization).query else "?"
    return f"{endpoints.authorization}{joint}{urlencode(asked)}"


def code_exchange(client: Client, endpoints: Endpoints, *, code: str, verifier: str) -> str:
    """The ID token for a code that came back. Raises OpenIdRefused: unreachable, code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
        "client_id": client.client_id,
    }
    more: dict[str, Any] = {}
    if endpoints.secret_in_body:
        form["client_secret"] = client.client_secret
    else:  # RFC 6749 2.3.1: both are form-encoded first
        more["auth"] = (quote(client.client_id, safe=""), quote(client.client_secret, safe=""))
    try:
        with http.Client(timeout=8, max_bytes=_MAX_BYTES) as caller:
            answer = caller.request("POST", endpoints.token, data=form, **more)
            given = answer.json()
    except (http.Unavailable, http.TooLarge, ValueError) as error:
        raise OpenIdRefused("unreachable", type(error).__name__) from error
    token = given.get("id_token") if isinstance(given, dict) else None
    if answer.status_code != 200 or not isinstance(token, str):
        raise OpenIdRefused("code", f"status {answer.status_code}")
    return token


def token_verify(client: Client, endpoints: Endpoints, *, token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token that was made for us, now, for this attempt.

    Raises OpenIdRefused: token, algorithm, key, signature, issuer, audience, expired, nonce,
    unreachable.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise OpenIdRefused("token") from error
    algorithm, kid = str(header.get("alg")), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise OpenIdRefused("algorithm", algorithm[:20])
    if not isinstance(kid, str):
        raise OpenIdRefused("key", "the token names none")
    key = _key(endpoints.keys, kid, algorithm)
    claims = _decode(token, key, algorithm, client.issuer)
    _for_us(claims, client.client_id)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise OpenIdRefused("nonce")
    return claims


def _decode(token: str, key: jwt.PyJWK, algorithm: str, issuer: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=issuer,
            leeway=LEEWAY,
            options={
                "require": ["exp", "iat", "iss", "aud"],
                "verify_aud": False,  # below: it may be a number
                "enforce_minimum_key_length": True,
            },
        )
    except jwt.InvalidIssuerError as error:
        raise OpenIdRefused("issuer") from error
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
        raise OpenIdRefused("expired") from error
    except jwt.InvalidSignatureError as error:
        raise OpenIdRefused("signature") from error
    except jwt.PyJWTError as error:
        raise OpenIdRefused("token", type(error).__name__) from error
    return claims


def _for_us(claims: Mapping[str, Any], client_id: str) -> None:
    """PyJWT has looked at the times but for the age. An audience may be a number: a bot's id."""
    given = claims["aud"]
    audience = [str(one) for one in (given if isinstance(given, list) else [given])]
    party = claims.get("azp")
    alone = len(audience) == 1 and party is None
    if client_id not in audience or not (alone or str(party) == client_id):
        raise OpenIdRefused("audience")
    if timezone.now().timestamp() - int(claims["iat"]) > MAX_AGE + LEEWAY:
        raise OpenIdRefused("expired")


def _key(url: str, kid: str, algorithm: str) -> jwt.PyJWK:
    """The issuer's key of that name; looked up anew when it is not among those that we know."""
    found = _named(_document(url), kid)
    if found is None and cache.add(_name("again", url), 1, _LOOK_AGAIN):
        found = _named(_document(url, fresh=True), kid)
    kind, curve = ALGORITHMS[algorithm]
    fits = found is not None and found.get("kty") == kind and found.get("crv") == curve
    if found is None or not fits or found.get("alg", algorithm) != algorithm:
        raise OpenIdRefused("key")
    if found.get("use", "sig") != "sig":
        raise OpenIdRefused("key")
    try:
        return jwt.PyJWK(found, algorithm)
    except jwt.PyJWTError as error:
        raise OpenIdRefused("key") from error


def _named(document: Mapping[str, Any], kid: str) -> dict[str, Any] | None:
    keys = document.get("keys")
    rows = [one for one in keys if isinstance(one, dict)] if isinstance(keys, list) else []
    return next((one for one in rows if one.get("kid") == kid), None)


def _name(what: str, url: str) -> str:
    return f"openid:{what}:{hashlib.sha256(url.encode()).hexdigest()}"


def _document(url: str, *, fresh: bool = False) -> dict[str, Any]:
    name = _name("document", url)
    kept = None if fresh else cache.get(name)
    if isinstance(kept, dict):
        return kept
    try:
        with http.Client(timeout=5, max_bytes=_MAX_BYTES, attempts=2) as caller:
            answer = caller.request("GET", url)
            found = answer.json() if answer.status_code == 200 else None
    except (http.Unavailable, http.TooLarge, ValueError) as error:
        raise OpenIdRefused("unreachable", type(error).__name__) from error
    if not isinstance(found, dict):
        raise OpenIdRefused("unreachable", f"status {answer.status_code}")
    cache.set(name, found, _KEEP)
    return found
