"""What must never be written down: secrets by the name of their field and by their look.

Used by the logs and by Sentry. Better a word too many than a key in a log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

FILTERED: Final = "[Filtered]"

# Compared in lower case with "-" and "_" removed.
SECRET_NAMES: Final = frozenset(
    {
        "access", "accesstoken", "apikey", "auth", "authorization", "bearer", "boc", "body",
        "bottoken", "clientsecret", "codeverifier", "cookie", "cookies",
        "csrfmiddlewaretoken", "csrftoken", "databaseownerurl", "databaseurl", "dsn", "hash",
        "idtoken", "init", "initdata",
        "initdataraw", "initdataunsafe", "key", "mnemonic", "passphrase", "passwd", "password",
        "payload", "privatekey", "proof", "publickey", "redisurl", "refresh", "refreshtoken",
        "secret", "secretkey", "seed", "seedphrase", "sentrydsn", "session", "sessionid",
        "setcookie", "signature", "startparam", "stateinit", "telegrambottoken", "tgwebappdata",
        "token", "tonapikey", "tonproof", "walletstateinit", "xapikey", "xcsrftoken",
        "xtelegrambotapisecrettoken",
    }
)  # fmt: skip
_SECRET_PARTS: Final = ("token", "secret", "password", "mnemonic", "initdata", "privatekey")

_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Bearer and tma credentials.
        r"\b(?:bearer|tma|basic)\s+[\w.~+/=%&{}\"':,-]{6,}",
        # The launch parameters: from their name to the end of the word, whatever the encoding.
        r"(?:tgwebappdata|init_?data(?:_?raw)?)[\"'\\]*\s*[=:]\s*[\"'\\]*[^\s\"'\\]+",
        # Pieces of a query string that sign or prove.
        (
            r"\b(?:hash|signature|query_id|proof|token|access|refresh|secret|password|mnemonic|seed"
            r"|state_?init|payload|boc|auth_date)[\"'\\]*\s*(?:=|%3d|:)\s*[\"'\\]*[^\s&\"'\\,}]{3,}"
        ),
        # The link of a gift: who has it opens the gift.
        r"/gifts?/[0-9a-f]{40}\b",
        r"\bg[0-9a-f]{40}\b",
        # A signed link to a recording: who has it may listen.
        r"/media/[\w=-]{16,}",
        # A link to all that we hold of a person.
        r"/me/data/[\w:=-]{16,}",
        # A bot token.
        r"\b\d{6,12}:[\w-]{20,}",
        # A BoC (magic b5ee9c72) as hex or base64, and any other long run of either.
        r"b5ee9c72[0-9a-f]*",
        r"te6cc[\w+/=-]*",
        r"\b[0-9a-f]{64,}\b",
        r"(?<![\w/+-])[\w+/-]{80,}={0,2}",
        # A connection string with a password.
        r"\b[a-z][a-z0-9+.-]*://[^\s:/@]*:[^\s@]+@",
        # Twelve or more lower-case words in a row: a mnemonic.
        r"(?:\b[a-z]{3,8}\b[\s,]+){11,}\b[a-z]{3,8}\b",
    )
)


def is_secret(name: str) -> bool:
    """Whether a field of this name is filtered whatever it holds."""
    plain = name.lower().replace("-", "").replace("_", "").removeprefix("http")
    return plain in SECRET_NAMES or any(part in plain for part in _SECRET_PARTS)


def text(value: str) -> str:
    """The text without anything that looks like a secret."""
    for pattern in _PATTERNS:
        value = pattern.sub(FILTERED, value)
    return value


def tree(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON-like value with secrets filtered at every depth."""
    if depth > 24:
        return FILTERED
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return FILTERED
    if isinstance(value, Mapping):
        return {
            key: FILTERED if _hidden(key, inner) else tree(inner, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [tree(inner, depth + 1) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return text(str(value))  # as it will be written: Django logs a request with its query string


def _hidden(key: object, value: object) -> bool:
    return isinstance(key, str) and is_secret(key) and value not in (None, "", FILTERED)
